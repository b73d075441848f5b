import { createApi } from '../lib/http/api.ts';
import { exceptionsReply, readExceptionsRequest } from '../lib/http/exceptions-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listExceptions } from '../lib/store/exception-store.ts';

/** GET /api/pay/exceptions: those that are open unless it is asked for more, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    parameters: ['kind', 'state', 'tenant_id', 'limit', 'cursor'],
    handle: async ({ claims, query }) => {
      const request = readExceptionsRequest(query, claims);
      const page = request ? await listExceptions(runtime.store, request) : { items: [], next: null };
      return payEnvelope.success(200, '成功', exceptionsReply(page));
    },
  });

export const handler = start('list-exceptions', create);
