import { reachedMerchants } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { listReply } from '../lib/http/csv.ts';
import {
  type ExceptionsRequest,
  exceptionsCsv,
  exceptionsReply,
  readExceptionsRequest,
} from '../lib/http/exceptions-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { ownerAccount, providerAccount } from '../lib/orders/ledger.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listExceptions } from '../lib/store/exception-store.ts';

/** GET /api/pay/exceptions: those that are open unless it is asked for more, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['kind', 'state', 'tenant_id', 'limit', 'cursor'],
    handle: async ({ claims, query, headers }) => {
      const request = readExceptionsRequest(query, claims);
      const page = request ? await readPage(runtime, request) : { items: [], next: null };
      return listReply(headers, exceptionsReply(page), exceptionsCsv);
    },
  });

async function readPage(runtime: Runtime, request: ExceptionsRequest) {
  const { tenant_id } = request;
  const owners = tenant_id === undefined ? undefined : await ownersOf(runtime, tenant_id);
  return listExceptions(runtime.store, { ...request, owners });
}

/** A tenant's exceptions are those of its orders, and those of its own merchants that belong to no order. */
async function ownersOf({ register }: Runtime, tenant_id: number): Promise<readonly string[]> {
  const own = (await reachedMerchants({ tenant_id }, register)) ?? [];
  return [ownerAccount({ kind: 'tenant', tenant_id }), ...own.map(providerAccount)];
}

export const handler = start('list-exceptions', create);
