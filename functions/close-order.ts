import { reachesOrder } from '../lib/http/access.ts';
import { createCloseOrderApi } from '../lib/http/close-order-api.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/orders/{order_no}/close: gives an order up. */
export const create = (runtime: Runtime) =>
  createCloseOrderApi(runtime, {
    envelope: payEnvelope,
    role: 'admin',
    orderNumber: ({ order_no = '' }) => order_no,
    mayClose: reachesOrder,
    store: createOrderStore(runtime.store),
    merchants: runtime.merchants(allProviders),
  });

export const handler = start('close-order', create);
