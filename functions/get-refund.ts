import { reachesOrder } from '../lib/http/access.ts';
import { createApi } from '../lib/http/api.ts';
import { refundNotFound } from '../lib/http/api-error.ts';
import { payEnvelope, success } from '../lib/http/reply.ts';
import { refundState } from '../lib/http/view-refund.ts';
import { orderOfRefund } from '../lib/orders/refund.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** GET /api/pay/refunds/{refund_no}: a refund's state, as it is stored. */
export function create(runtime: Runtime) {
  const store = createOrderStore(runtime.store);
  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    handle: async ({ claims, path, annotate }) => {
      const refund_no = path['refund_no'] ?? '';
      const order_no = orderOfRefund(refund_no);
      const snapshot = order_no === null ? null : await store.read(order_no);
      const refund = snapshot?.refunds.find((known) => known.refund_no === refund_no);
      if (!snapshot || !refund || !reachesOrder(claims, snapshot.order)) throw refundNotFound();
      annotate({ order_no: refund.order_no, refund_no });
      return success(refundState(snapshot, refund));
    },
  });
}

export const handler = start('get-refund', create);
