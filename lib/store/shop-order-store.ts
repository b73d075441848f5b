import type { HandOverPorts } from '../orders/hand-over.ts';
import type { PayStore } from '../orders/pay-shop-order.ts';
import type { StoreContext } from './client.ts';
import { getOrder, oweCheck, putOrder, updateOrder } from './order-store.ts';

/** Shop orders on DynamoDB, as they are handed over. */
export const createHandOverStore = (context: StoreContext): HandOverPorts['store'] => ({
  putOrder: (order) => putOrder(context, order),
  updateOrder: (seen, changes) => updateOrder(context, seen, changes),
  restartOrder: (seen, changes) => updateOrder(context, seen, changes, 'none'),
});

/** Shop orders on DynamoDB, as they are paid for. */
export const createPayStore = (context: StoreContext): PayStore => ({
  getOrder: (order_no) => getOrder(context, order_no),
  startPayment: (seen, changes) =>
    updateOrder(context, seen, changes, oweCheck(seen.order_no, Date.parse(changes.updated_at))),
  updateOrder: (seen, changes) => updateOrder(context, seen, changes),
});
