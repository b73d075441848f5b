import { createRefundApi } from '../lib/http/refund-api.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createIdempotencyStore } from '../lib/store/idempotency-store.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/refund: returns a payment or a part of it. */
export const create = (runtime: Runtime) =>
  createRefundApi(runtime, {
    store: { ...createOrderStore(runtime.store), ...createIdempotencyStore(runtime.store) },
    merchants: runtime.merchants(allProviders),
    register: runtime.register,
  });

export const handler = start('refund', create);
