import { createGetExceptionApi } from '../lib/http/get-exception-api.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { readMerchantException } from '../lib/store/exception-store.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** GET /api/pay/exceptions/{id}: an exception, and what each of its ends would come to. */
export const create = (runtime: Runtime) =>
  createGetExceptionApi(runtime, {
    store: {
      ...createOrderStore(runtime.store),
      readMerchantException: (merchant, id) => readMerchantException(runtime.store, merchant, id),
    },
    register: runtime.register,
  });

export const handler = start('get-exception', create);
