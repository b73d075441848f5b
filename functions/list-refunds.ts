import { requireOrderAccess } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { orderNotFound } from '../lib/http/api-error.ts';
import { listReply } from '../lib/http/csv.ts';
import { payEnvelope } from '../lib/http/reply.ts';
import { refundsCsv, refundsReply } from '../lib/http/view-refund.ts';
import { isOrderNumber } from '../lib/orders/order-number.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** GET /api/pay/orders/{order_no}/refunds: an order's refunds, as they were asked for. */
export function create(runtime: Runtime) {
  const store = createOrderStore(runtime.store);
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    handle: async ({ claims, path, headers, annotate }) => {
      const order_no = path['order_no'] ?? '';
      const snapshot = isOrderNumber(order_no) ? await store.read(order_no) : null;
      if (!snapshot) throw orderNotFound();
      requireOrderAccess(claims, snapshot.order);
      annotate({ order_no });
      return listReply(headers, refundsReply(snapshot), refundsCsv);
    },
  });
}

export const handler = start('list-refunds', create);
