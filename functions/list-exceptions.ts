import { createApi } from '../lib/http/api.ts';
import { payEnvelope } from '../lib/http/envelope.ts';
import { exceptionsAnswer, readExceptionsRequest } from '../lib/http/exceptions-api.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { listExceptions } from '../lib/store/exception-store.ts';

/** GET /api/pay/exceptions: what is open, newest first. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    handle: async ({ claims, query }) => {
      const request = readExceptionsRequest(query);
      const page = await listExceptions(runtime.store, { ...request, tenant_id: claims.tenant_id });
      return payEnvelope.success(200, '成功', exceptionsAnswer(page));
    },
  });

export const handler = start('list-exceptions', create);
