import { createRepairRefundApi } from '../lib/http/repair-refund-api.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/refunds/{refund_no}/repair: a refund that the payer's bank has refused is brought to its end. */
export const create = (runtime: Runtime) =>
  createRepairRefundApi(runtime, {
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants(allProviders),
    register: runtime.register,
  });

export const handler = start('repair-refund', create);
