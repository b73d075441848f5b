import { createResolveExceptionApi } from '../lib/http/resolve-exception-api.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createMerchantExceptionStore } from '../lib/store/exception-store.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/exceptions/{id}/resolve: ends an exception, and books what that means. */
export const create = (runtime: Runtime) =>
  createResolveExceptionApi(runtime, {
    store: { ...createOrderStore(runtime.store), ...createMerchantExceptionStore(runtime.store) },
    merchants: runtime.merchants(allProviders),
    register: runtime.register,
  });

export const handler = start('resolve-exception', create);
