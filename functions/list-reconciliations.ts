import { reachedMerchants } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { listReply } from '../lib/http/csv.ts';
import {
  readReconciliationsRequest,
  reconciliationsCsv,
  reconciliationsReply,
} from '../lib/http/reconciliations-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listDays } from '../lib/store/merchant-store.ts';

/** GET /api/pay/reconciliations: what each day of a merchant came to, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['provider', 'from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, query, headers }) => {
      const request = readReconciliationsRequest(query, runtime.io.now());
      const merchants = await reachedMerchants(claims, runtime.register);
      const page = await listDays(runtime.store, { ...request, merchants });
      return listReply(headers, reconciliationsReply(request, page), reconciliationsCsv);
    },
  });

export const handler = start('list-reconciliations', create);
