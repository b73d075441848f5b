import { isoTime } from '../io.ts';
import { asSeen, changeOf, exceptionStanding, type ItemWrite } from './change.ts';
import { closedWrites, closeOrder, endsWith } from './close-payment.ts';
import { type Closed, type Closing, type CommitPorts, commit, type Step } from './commit.ts';
import type { PaymentEvent } from './event.ts';
import { isOneOf, payableStatuses } from './kinds.ts';
import type { Payment } from './payment.ts';
import type { SettlementResult } from './payment-event.ts';
import type { Merchants } from './provider-gateway.ts';
import { absentUntil } from './schedule.ts';
import { findPayment, type Snapshot } from './snapshot.ts';

export interface AskingPorts extends CommitPorts {
  readonly merchants: Pick<Merchants, 'find'>;
  /** The very same settlement as that of a callback. */
  readonly settle: (event: PaymentEvent) => Promise<SettlementResult>;
}

/**
 * Closes a payment at its provider. Where that comes too late, what happened instead is settled.
 * @throws ProviderCallError, and what settling throws
 */
export async function closeAtProvider(ports: AskingPorts, payment: Payment): Promise<Closing> {
  const merchant = await ports.merchants.find(payment.provider, payment.merchant);
  if (!merchant) return 'unknown';
  const answer = await merchant.gateway.close(payment);
  if (answer !== 'not_closed') return answer;
  const state = await merchant.gateway.query(payment);
  if (state.state !== 'decided') return 'being_paid';
  const result = await ports.settle(state.event);
  const { outcome } = result;
  if (isSpent(result)) return 'closed';
  // What is known already, or does not fit, changes nothing, however often it is asked.
  return outcome === 'unchanged' || outcome === 'mismatch' || outcome === 'not_found'
    ? 'being_paid'
    : 'changed';
}

/** Its provider itself says that it was paid otherwise than agreed, and people have seen to that: it takes no more. */
// Stryker disable next-line ConditionalExpression: nothing else is seen to, which its type does not say
const isSpent = (said: SettlementResult): boolean => said.outcome === 'mismatch' && said.isSeenTo;

/** What a provider said of a payment that is not decided, and when it was asked, in milliseconds since 1970. */
export interface Undecided {
  /**
   * `made`: it was made there just now, for a payer who did not get it; `over`: it cannot be made there, as its number
   * was used.
   */
  readonly state: 'open' | 'absent' | 'made' | 'over';
  /** Before it was asked: its answer may be older than the time at which it is read. */
  readonly asked_at: number;
}

export type PaymentCheck =
  | SettlementResult
  /** `open`: there is nothing new to say; `cleared`: nothing is to be asked any more. */
  | { readonly outcome: 'open' | 'cleared' | 'merchant_missing' };

/**
 * Asks a provider about a payment and settles what it says. One that it still holds open is closed there once its time
 * is over, and when it is not what a payable order is to be paid with.
 * @throws ProviderCallError, ContentionError, and what the store throws
 */
export async function checkPayment(ports: AskingPorts, payment: Payment): Promise<PaymentCheck> {
  const asked_at = ports.io.now();
  if (payment.state === 'closed' || payment.state === 'paid') {
    // Stryker disable next-line StringLiteral: whether its provider holds it goes for what is not over
    return endPayment(ports, payment, { state: 'absent', asked_at });
  }
  const answer = await queryPayment(ports, payment);
  if (answer === 'merchant_missing') return { outcome: await recordMissing(ports, payment) };
  if (typeof answer === 'object') {
    if (isSpent(answer)) return endPayment(ports, payment, { state: 'over', asked_at });
    // A failure that is known already may be over by now.
    if (answer.outcome !== 'unchanged') return answer;
    // Stryker disable next-line StringLiteral: any state that is not one of the others means that it is held
    return endPayment(ports, payment, { state: 'open', asked_at });
  }
  return endPayment(ports, payment, { state: answer, asked_at });
}

/** What the provider says of a payment: settled, when it is decided. @throws as `checkPayment` */
export async function queryPayment(
  { merchants, settle }: AskingPorts,
  payment: Payment,
): Promise<SettlementResult | 'open' | 'absent' | 'merchant_missing'> {
  const merchant = await merchants.find(payment.provider, payment.merchant);
  if (!merchant) return 'merchant_missing';
  const answer = await merchant.gateway.query(payment);
  return answer.state === 'decided' ? settle(answer.event) : answer.state;
}

/** Nobody else is asked in its place: it waits for a person. */
const recordMissing = (ports: CommitPorts, payment: Payment): Promise<'merchant_missing'> =>
  commit(ports, payment.order_no, (snapshot) => ({
    result: 'merchant_missing',
    change: snapshot && changeOf(payment.order_no, missingMerchant(snapshot, payment, ports.io.now())),
  }));

/** The merchant of a payment or refund cannot be asked any more: a person has to see to it, for as long as that is so. */
export function missingMerchant(
  snapshot: Snapshot,
  {
    provider,
    merchant,
    payment_no,
    amount,
    currency,
  }: Pick<Payment, 'provider' | 'merchant' | 'payment_no' | 'amount' | 'currency'>,
  now: number,
): readonly ItemWrite[] {
  const about = { provider, merchant, payment_no, refund_no: null, transaction_id: null };
  return exceptionStanding(snapshot, { kind: 'merchant_missing', ...about, amount, currency }, now);
}

/** Ends a payment that is over, and with it an order whose time is over. @throws as `checkPayment` */
export function endPayment(
  ports: AskingPorts,
  asked: Pick<Payment, 'order_no' | 'n' | 'version'>,
  undecided: Undecided,
): Promise<PaymentCheck> {
  const closing = { ...ports, closeAtProvider: (payment: Payment) => closeAtProvider(ports, payment) };
  return commit(closing, asked.order_no, (snapshot, closed) =>
    decideEnd(snapshot, asked, undecided, closed, ports.io.now()),
  );
}

/**
 * What it means for a payment that its provider has not decided about it. That it holds none goes for the version that
 * it was asked about alone: one that has changed since may have been made and handed out.
 */
function decideEnd(
  snapshot: Snapshot | null,
  { n, version }: Pick<Payment, 'n' | 'version'>,
  { state, asked_at }: Undecided,
  closed: Closed | null,
  now: number,
): Step<PaymentCheck> {
  const payment = snapshot && findPayment(snapshot, n);
  if (!payment || payment.state === 'paid') return { result: { outcome: 'cleared' }, change: null };
  if (payment.state === 'closed' && state !== 'made') {
    return decideDeadlineOfClosed(snapshot, payment, asked_at);
  }
  const isHeld = closed
    ? closed.closing === 'being_paid' || closed.closing === 'unknown'
    : state !== 'absent' || payment.version !== version;
  if (closed?.closing === 'closed' || (!isHeld && absentUntil(payment) < asked_at)) {
    return ended(snapshot, payment, now);
  }
  const isWanted = state !== 'over' && isCurrent(snapshot, payment, asked_at);
  if (isHeld && !closed && !isWanted) return { close: payment };
  const isOver = !isHeld && endsWith(snapshot, payment, asked_at);
  if (!isOver) return { result: { outcome: 'open' }, change: null };
  // It may still arrive at its provider, and is asked about until it cannot.
  const { order } = snapshot;
  return {
    result: { outcome: 'closed', order_no: order.order_no, status: 'closed' },
    change: changeOf(order.order_no, [
      closeOrder(order, now),
      { check: 'payment', of: payment.n, expects: asSeen(payment) },
    ]),
  };
}

/** Whether it is what its order is to be paid with. */
const isCurrent = ({ order }: Snapshot, payment: Payment, asked_at: number): boolean =>
  order.payment === payment.n &&
  payment.state !== 'closed' &&
  isOneOf(payableStatuses, order.status) &&
  payment.expires_at > isoTime(asked_at);

function ended(snapshot: Snapshot, payment: Payment, now: number): Step<PaymentCheck> {
  const { order } = snapshot;
  const status = endsWith(snapshot, payment, now) ? 'closed' : order.status;
  return {
    result: { outcome: 'closed', order_no: order.order_no, status },
    change: changeOf(order.order_no, closedWrites(snapshot, payment, now)),
  };
}

/** A closed payment is looked after for its order's deadline alone. */
function decideDeadlineOfClosed(snapshot: Snapshot, payment: Payment, now: number): Step<PaymentCheck> {
  if (endsWith(snapshot, payment, now)) return ended(snapshot, payment, now);
  const { order } = snapshot;
  const isWatched =
    order.payment === payment.n && isOneOf(payableStatuses, order.status) && order.expires_at !== null;
  return { result: { outcome: isWatched ? 'open' : 'cleared' }, change: null };
}

/** Closes an order without a payment whose time is over. @throws ContentionError, and what the store throws */
export const checkDeadline = (ports: CommitPorts, order_no: string): Promise<PaymentCheck> =>
  commit<PaymentCheck>(ports, order_no, (snapshot) => {
    const now = ports.io.now();
    const order = snapshot?.order;
    const isWatched =
      order?.payment === null && isOneOf(payableStatuses, order.status) && order.expires_at !== null;
    if (!isWatched) return { result: { outcome: 'cleared' }, change: null };
    if (order.expires_at > isoTime(now)) return { result: { outcome: 'open' }, change: null };
    return {
      result: { outcome: 'closed', order_no, status: 'closed' },
      change: changeOf(order_no, [closeOrder(order, now)]),
    };
  });
