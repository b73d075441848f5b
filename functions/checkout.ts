import { createCheckoutApi } from '../lib/http/checkout-api.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/checkout: makes a tenant's order and its payment page. */
export const create = (runtime: Runtime) =>
  createCheckoutApi(runtime, {
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants(allProviders),
  });

export const handler = start('checkout', create);
