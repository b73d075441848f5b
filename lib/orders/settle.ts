import { type CommitPorts, commit, type OrderStore, type WriteAnswer } from './commit.ts';
import type { PaymentEvent } from './event.ts';
import type { Order } from './order.ts';
import { type PaymentNumber, parsePaymentNumber } from './order-number.ts';
import type { Payment } from './payment.ts';
import { decidePaymentEvent, type SettlementResult, supposedSettlement } from './payment-event.ts';

/**
 * Applies a provider's verified word on a payment, at most once. When it returns, the outcome is stored; when it
 * throws, the provider must be told that it failed, so that it sends again. Most successes fit their order: only a
 * success is tried before anything is read, on condition that it does.
 * @throws ContentionError and whatever the store throws
 */
export async function settle(ports: CommitPorts, event: PaymentEvent): Promise<SettlementResult> {
  const number = parsePaymentNumber(event.payment_no);
  if (!number) return { outcome: 'not_found' };
  const now = ports.io.now();
  const untold = event.type === 'succeeded' ? await settleUnread(ports.store, number, event, now) : null;
  if (untold) return untold;
  return commit(ports, number.order_no, (snapshot) =>
    decidePaymentEvent(snapshot, number, event, ports.io.now()),
  );
}

/** Null when the order has to be read. */
async function settleUnread(
  store: OrderStore,
  number: PaymentNumber,
  event: PaymentEvent,
  now: number,
): Promise<SettlementResult | null> {
  const { order_no, n } = number;
  const answer = await store.write(supposedSettlement(number, event, now));
  if (answer.applied) return { outcome: 'settled', order_no, status: 'paid' };
  const { order, payment } = refusedParts(answer);
  if (order === 'absent' || payment === 'absent') return { outcome: 'not_found' };
  if (order === 'as_expected' || payment === 'as_expected' || payment.n !== n) return null;
  const known = { order, payments: [payment], suspense: [], refunds: [], exceptions: [] };
  const { result, change } = decidePaymentEvent(known, number, event, now);
  return change ? null : result;
}

type Part<T> = T | 'absent' | 'as_expected';

function refusedParts({ refused: [ofOrder, ofPayment] }: Extract<WriteAnswer, { applied: false }>): {
  order: Part<Order>;
  payment: Part<Payment>;
} {
  return {
    order: ofOrder ? (ofOrder.order ?? 'absent') : 'as_expected',
    payment: ofPayment ? (ofPayment.payment ?? 'absent') : 'as_expected',
  };
}
