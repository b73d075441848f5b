import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { payEnvelope, success } from '../lib/http/reply.ts';
import { orderState, viewOrder } from '../lib/http/view-order.ts';
import { allProviders } from '../lib/providers/all.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createLookClaims } from '../lib/store/look-claim.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** GET /api/pay/orders/{order_no}: an order's state, after its provider was asked. */
export function create(runtime: Runtime) {
  const parts = {
    io: runtime.io,
    store: { ...createOrderStore(runtime.store), ...createLookClaims(runtime.store) },
    merchants: runtime.merchants(allProviders),
  };
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    handle: async ({ claims, path, ...log }) => {
      const order_no = path['order_no'] ?? '';
      const order = await viewOrder(parts, order_no, (found) => requireOrderAccess(claims, found), log);
      return success(orderState(order));
    },
  });
}

export const handler = start('get-order', create);
