import { type CommitPorts, commit, type OrderStore } from './commit.ts';
import type { PaymentEvent, ProviderEvent } from './event.ts';
import { type PaymentNumber, parsePaymentNumber } from './order-number.ts';
import { decidePaymentEvent, type SettlementResult, supposedSettlement } from './payment-event.ts';
import { type DisputeResult, settleDispute } from './settle-dispute.ts';
import { type RefundResult, settleRefund } from './settle-refund.ts';
import { decideReturned } from './settle-return.ts';
import { findPayment, isOfAnother, snapshotOf } from './snapshot.ts';

export type EventResult = SettlementResult | RefundResult | DisputeResult;

/** Applies what a provider says, whichever way it came. @throws as `settle`, `settleRefund` and `settleDispute` */
export async function applyEvent(ports: CommitPorts, said: ProviderEvent): Promise<EventResult> {
  const { others, ...event } = said;
  if (others) event.merchant = await merchantOf(ports.store, event, others);
  if (event.type === 'dispute') return settleDispute(ports, event);
  return 'refund_no' in event ? settleRefund(ports, event) : settle(ports, event);
}

/** Which of several merchants an event is of. */
async function merchantOf(
  store: OrderStore,
  { payment_no, merchant }: Pick<ProviderEvent, 'payment_no' | 'merchant'>,
  others: readonly string[],
): Promise<string> {
  const number = parsePaymentNumber(payment_no);
  const snapshot = number && (await store.read(number.order_no));
  const payee = snapshot && findPayment(snapshot, number.n)?.merchant;
  return others.find((other) => other === payee) ?? merchant;
}

/**
 * Applies a provider's verified word on a payment, at most once. When it returns, the outcome is stored; when it
 * throws, the provider must be told that it failed, so that it sends again. Most successes fit their order: only a
 * success is tried before anything is read, on condition that it does.
 * @throws ContentionError and whatever the store throws
 */
export async function settle(ports: CommitPorts, event: PaymentEvent): Promise<SettlementResult> {
  const number = parsePaymentNumber(event.payment_no);
  if (!number) return { outcome: 'not_found' };
  if (event.returned === undefined) return settlePayment(ports, number, event);
  // First: a payment that is settled is not asked about any more, and would be taken for whole.
  await settleReturned(ports, number, event);
  const result = await settlePayment(ports, number, event);
  // Again: of a further transaction there was nothing yet that it could be booked of.
  await settleReturned(ports, number, event);
  return result;
}

async function settlePayment(
  ports: CommitPorts,
  number: PaymentNumber,
  event: PaymentEvent,
): Promise<SettlementResult> {
  const now = ports.io.now();
  const untold = event.type === 'succeeded' ? await settleUnread(ports.store, number, event, now) : null;
  if (untold) return untold;
  return commit(ports, number.order_no, (snapshot) =>
    decidePaymentEvent(snapshot, number, event, ports.io.now()),
  );
}

/** What the event says to have gone back of the payment, where the event and the transaction are the payment's. */
const settleReturned = (ports: CommitPorts, number: PaymentNumber, event: PaymentEvent): Promise<null> =>
  commit<null>(ports, number.order_no, (snapshot) => {
    const now = ports.io.now();
    const { result } = decidePaymentEvent(snapshot, number, event, now);
    const isOfPayment = 'status' in result && result.outcome !== 'number_spent';
    const payment = snapshot && findPayment(snapshot, number.n);
    // Stryker disable next-line ObjectLiteral: nothing is made of what it comes to
    if (!payment || !isOfPayment) return { result: null, change: null };
    const { transaction_id } = event;
    const isUnknown = transaction_id !== null && isOfAnother(snapshot, payment, transaction_id);
    return { result: null, change: isUnknown ? null : decideReturned(snapshot, payment, event, now) };
  });

/** Null when the order has to be read. */
async function settleUnread(
  store: OrderStore,
  number: PaymentNumber,
  event: PaymentEvent,
  now: number,
): Promise<SettlementResult | null> {
  const { order_no } = number;
  const answer = await store.write(supposedSettlement(number, event, now));
  if (answer.applied) return { outcome: 'settled', order_no, status: 'paid' };
  const [ofOrder, ofPayment] = answer.refused;
  // What is refused and not handed back is not there; of an order that is not there no payment is.
  if (ofPayment && !ofPayment.payment) return { outcome: 'not_found' };
  // What is as expected is not handed back, and has to be read.
  if (!ofOrder?.order || !ofPayment?.payment) return null;
  const known = snapshotOf(ofOrder.order, [ofPayment.payment]);
  const { result, change } = decidePaymentEvent(known, number, event, now);
  return change ? null : result;
}
