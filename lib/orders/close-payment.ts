import { isoTime } from '../io.ts';
import { asSeen, type ItemWrite, orderUpdate, paymentUpdate } from './change.ts';
import type { Closed } from './commit.ts';
import { isOneOf, payableStatuses } from './kinds.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import { afterDeadline, type Debt, isOver } from './schedule.ts';
import type { Snapshot } from './snapshot.ts';

/** Whether an order that is still to be paid is over once this payment is. */
export const endsWith = ({ order }: Snapshot, payment: Payment, now: number): boolean =>
  order.payment === payment.n && isOneOf(payableStatuses, order.status) && isOver(order.expires_at, now);

/** A payment closes, and with it an order whose time is over. One that has time left is looked after once that is over. */
export function closedWrites(snapshot: Snapshot, payment: Payment, now: number): ItemWrite[] {
  const { order } = snapshot;
  if (endsWith(snapshot, payment, now)) {
    return [paymentClosed(payment), closeOrder(order, now)];
  }
  const watches = order.payment === payment.n && isOneOf(payableStatuses, order.status);
  const owes: Debt | null =
    watches && order.expires_at !== null ? { kind: 'check', due: afterDeadline(order.expires_at) } : null;
  return [paymentUpdate(payment, { state: 'closed' }, owes), { check: 'order', expects: asSeen(order) }];
}

/** A payment that is over and that nobody has to look after. */
export const paymentClosed = (payment: Payment): ItemWrite =>
  paymentUpdate(payment, { state: 'closed' }, null);

/** The order takes no payment any more, and nothing needs the payer's openid. `closed_by` is null of nobody. */
export const closeOrder = (order: Order, now: number, closed_by: string | null = null): ItemWrite =>
  orderUpdate(
    order,
    {
      status: 'closed',
      updated_at: isoTime(now),
      closed_by,
      ...(order.kind !== 'tenant' && { openid: null }),
    },
    null,
  );

/**
 * The order gives its payment up. One that its provider does not hold may still arrive there: it stays owed to be
 * asked about.
 */
export function supersede(payment: Payment, closed: Closed | null): ItemWrite {
  // Stryker disable next-line OptionalChaining: what is not closed was asked about
  const isClosed = payment.state === 'closed' || closed?.closing === 'closed';
  return isClosed
    ? paymentUpdate(payment, { superseded: true, state: 'closed' }, null)
    : paymentUpdate(payment, { superseded: true });
}
