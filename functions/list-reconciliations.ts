import { createApi } from '../lib/http/api.ts';
import { readReconciliationsRequest, reconciliationsReply } from '../lib/http/reconciliations-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listDays } from '../lib/store/merchant-store.ts';

/** GET /api/pay/reconciliations: what each day of the stage's merchants came to, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    parameters: ['provider', 'from', 'to', 'limit', 'cursor'],
    handle: async ({ claims, query }) => {
      const request = readReconciliationsRequest(query, runtime.io.now());
      // The days are those of the stage's merchants, of which a tenant's token sees none.
      const isTenant = claims.tenant_id !== undefined;
      const page = isTenant ? { items: [], next: null } : await listDays(runtime.store, request);
      return payEnvelope.success(200, '成功', reconciliationsReply(page));
    },
  });

export const handler = start('list-reconciliations', create);
