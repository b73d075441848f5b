import type { Order, TenantOrder } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { type StoreContext, withDeadline } from '../../../lib/store/client.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { orderKey, workShard } from '../../../lib/store/keys.ts';
import { oweCheck, putOrder, updateOrder } from '../../../lib/store/order-store.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import { paymentOf } from '../../support/orders.ts';

/** The steps of a payment as the functions take them, straight on a store. */

export async function beginPayment(context: StoreContext, order: Order): Promise<void> {
  await putOrder(context, order, oweCheck(order.order_no, Date.now()));
}

/** What the provider gave out for the payer, kept for when it is asked for again. */
export async function storePage(context: StoreContext, order: TenantOrder): Promise<void> {
  const { expires_at } = order;
  await updateOrder(context, order, { checkout: { pay_url: 'https://pay.example/', expires_at } });
}

const paymentEvent = (order: Order): PaymentEvent =>
  paymentOf(order, { transaction_id: `transaction-${order.order_no}` });

/** @throws Error when the order does not become paid, or is not paid by this payment already */
export async function settlePayment(context: StoreContext, order: Order, now = Date.now()): Promise<void> {
  const store = createEventStore(withDeadline(context));
  const { outcome } = await settle(store, paymentEvent(order), () => now);
  if (outcome !== 'settled' && outcome !== 'already_settled')
    throw new Error(`${order.order_no}: ${outcome}`);
}

export const announcePayment = (context: StoreContext, { order_no }: Order): Promise<void> =>
  createWorkStore(context).clearWork(orderKey(order_no), workShard('notify', order_no));
