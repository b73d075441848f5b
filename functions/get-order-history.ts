import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { orderNotFound } from '../lib/http/api-error.ts';
import { payEnvelope, success } from '../lib/http/reply.ts';
import { orderHistory } from '../lib/http/view-history.ts';
import { isOrderNumber } from '../lib/orders/order-number.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { readOrderHistory } from '../lib/store/order-history.ts';

/** GET /api/pay/orders/{order_no}/history: all that is stored of an order, in the order of time. */
export const create = (runtime: Runtime) =>
  createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    handle: async ({ claims, path, annotate }) => {
      const order_no = path['order_no'] ?? '';
      const found = isOrderNumber(order_no) ? await readOrderHistory(runtime.store, order_no) : null;
      if (!found) throw orderNotFound();
      requireOrderAccess(claims, found.snapshot.order);
      annotate({ order_no });
      return success(orderHistory(found.snapshot, found.entries));
    },
  });

export const handler = start('get-order-history', create);
