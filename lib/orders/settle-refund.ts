import { isoTime } from '../io.ts';
import { agreedWrites } from './book-return.ts';
import {
  asSeen,
  type Change,
  changeOf,
  exceptionReopened,
  holdingUpdate,
  type ItemWrite,
  namedOnce,
  orderUpdate,
  type Put,
  paymentUpdate,
} from './change.ts';
import { type CommitPorts, commit, type Step } from './commit.ts';
import type { RefundEvent } from './event.ts';
import { exceptionOnce } from './exception.ts';
import type { ComparedField, OrderStatus, RefundStatus } from './kinds.ts';
import { ownerAccount } from './ledger.ts';
import { type PaymentNumber, parsePaymentNumber } from './order-number.ts';
import type { Holding, Payment } from './payment.ts';
import { isTooMuch, moveRefund, parseRefundNumber, type Refund, refundedStatus } from './refund.ts';
import { decideException, isOfAnotherAmount } from './refund-exception.ts';
import { alert, REPAIR_MS } from './schedule.ts';
import { decideReturn, type ReturnResult, revealedReturn } from './settle-return.ts';
import {
  findHolding,
  findPayment,
  isBooked,
  isOfAnother,
  type NotSettled,
  type Snapshot,
} from './snapshot.ts';

export type RefundResult =
  | ReturnResult
  | {
      readonly outcome: 'refunded' | 'refund_failed' | 'refund_abnormal' | 'already_refunded';
      readonly order_no: string;
      /** The order's after the event. */
      readonly status: OrderStatus;
    }
  | NotSettled
  | { readonly outcome: 'not_found' };

/** What an event makes of a refund that is open. */
export const refundStatusAfter = {
  refund_succeeded: 'succeeded',
  refund_failed: 'failed',
  refund_abnormal: 'open',
} as const satisfies Record<RefundEvent['type'], RefundStatus>;

/**
 * Applies a provider's word on a refund, at most once.
 * @throws ContentionError, and what the store throws
 */
export async function settleRefund(ports: CommitPorts, event: RefundEvent): Promise<RefundResult> {
  const number = parsePaymentNumber(event.payment_no);
  if (!number) return { outcome: 'not_found' };
  const { result, isSummed } = await settleOne(ports, number, event);
  const isMoreSaid = event.total !== undefined && event.refund_no !== null && 'status' in result;
  if (isSummed || !isMoreSaid) return result;
  // Besides what it names, more may have gone back: the sum in all says so.
  const { amount: _amount, ...sum } = { ...event, refund_no: null, refund_id: null };
  await settleOne(ports, number, sum);
  return result;
}

async function settleOne(ports: CommitPorts, number: PaymentNumber, event: RefundEvent): Promise<Settled> {
  const settled = await commit<Settled | 'named'>(ports, number.order_no, (snapshot) => {
    const naming = snapshot && namingOf(snapshot, number, event);
    if (naming) return { result: 'named', change: naming };
    const { result, change, isSummed = false } = decideRefundEvent(snapshot, number, event, ports.io.now());
    return { result: { result, isSummed }, change };
  });
  return settled === 'named' ? settleOne(ports, number, event) : settled;
}

interface Settled {
  readonly result: RefundResult;
  /** The sum that the event says is in its books, too. */
  readonly isSummed: boolean;
}

/**
 * A number may have been paid twice. Where nobody has named the transaction of a payment yet, the first that is named
 * is the payment's, by a refund as by a success: what goes back is then booked of the money that it is of.
 */
function namingOf(snapshot: Snapshot, { n }: PaymentNumber, event: RefundEvent): Change | null {
  const payment = findPayment(snapshot, n);
  const { transaction_id } = event;
  if (payment?.state !== 'paid' || payment.transaction_id !== null) return null;
  if (transaction_id === undefined || isBooked(snapshot, transaction_id)) return null;
  const isOther = differing(undefined, payment, event).length > 0 || isOfAnotherAmount(payment.amount, event);
  if (isOther) return null;
  const naming = paymentUpdate(payment, { transaction_id });
  return changeOf(payment.order_no, [naming, ...namedOnce(snapshot.order)]);
}

type RefundDecision = Extract<Step<RefundResult>, { result: RefundResult }> & Partial<Settled>;

interface Subject {
  readonly snapshot: Snapshot;
  /** That the event names. */
  readonly payment: Payment;
  readonly event: RefundEvent;
  readonly now: number;
}

/**
 * What an event means for a refund as it is stored. One that succeeded may still fail later, when the payer's bank
 * sends it back: then its booking is reversed. One that was taken on and failed never succeeds: what says so is an
 * earlier message that was overtaken, and what it would return may have been returned anew; a person is told. One that
 * is abnormal stays open: its money has left the merchant and has not reached the payer, and a person is told.
 */
function decideRefundEvent(
  snapshot: Snapshot | null,
  number: PaymentNumber,
  event: RefundEvent,
  now: number,
): RefundDecision {
  const payment = snapshot && findPayment(snapshot, number.n);
  if (!payment) return { result: { outcome: 'not_found' }, change: null };
  const { order } = snapshot;
  const { order_no, status } = order;
  const subject = { snapshot, payment, event, now };
  const n = event.refund_no === null ? null : parseRefundNumber(event.refund_no, order_no);
  const refund = snapshot.refunds.find((known) => known.n === n);
  const money = findHolding(snapshot, payment, event.transaction_id ?? null);
  const fields = differing(refund, money, event);
  const to = refundStatusAfter[event.type];
  if (refund && fields.length === 0 && isDoneUnasked(refund, subject)) {
    return decideReturn({ ...subject, event: { ...event, amount: refund.amount } });
  }
  const isContradicted = refund?.status === 'failed' && to !== 'failed';
  if (fields.length > 0 || isContradicted) return decideException(snapshot, money, event, fields, now);
  if (!refund) {
    // Nobody has told of the payment yet: it is asked about, and this is sent again.
    if (payment.state !== 'paid') return { result: { outcome: 'not_settled', order_no }, change: null };
    const { transaction_id } = event;
    if (transaction_id === undefined || !isOfAnother(snapshot, payment, transaction_id)) {
      return decideReturn(subject);
    }
    // A further transaction may not be told of yet: this is sent again, and a person knows meanwhile.
    const { change } = decideException(snapshot, money, event, fields, now);
    return { result: { outcome: 'not_settled', order_no }, change };
  }
  if (to === 'open') {
    // What is said of a refund that has succeeded meanwhile was overtaken.
    if (refund.status !== 'open')
      return { result: { outcome: 'already_refunded', order_no, status }, change: null };
    const told = abnormalWrites(snapshot, refund, now);
    return { result: { outcome: 'refund_abnormal', order_no, status }, change: changeOf(order_no, told) };
  }
  if (refund.status === to) {
    return { result: { outcome: 'already_refunded', order_no, status }, change: null };
  }
  // Under its number something had gone back before it was asked for here: that is no other money.
  if (isReturned(refund, subject)) return decideOutcome(subject, { ...refund, refund_id: null }, 'failed');
  return decideOutcome(subject, { ...refund, refund_id: event.refund_id ?? refund.refund_id }, to);
}

/**
 * Whether a refund that its provider refused, and never gave a number, was done all the same. It stays failed here, as
 * what it would return may have been returned anew: its money has gone back without our asking, and may come again.
 */
const isDoneUnasked = (refund: Refund, subject: Subject): boolean =>
  refund.status === 'failed' &&
  refund.refund_id === null &&
  (subject.event.type === 'refund_succeeded' ||
    // Only one that was taken on has a number of its provider's.
    (subject.event.type === 'refund_failed' &&
      (subject.event.refund_id !== null || isReturned(refund, subject))));

/** Whether its money is known to have gone back without our asking. */
const isReturned = (
  { payment: of }: Refund,
  { snapshot: { returns }, event: { refund_id, refund_no } }: Subject,
): boolean =>
  returns.some(({ payment, return_id }) => payment === of && return_id === (refund_id ?? refund_no));

/** A refund that is refused once more after it was repaired is as good as one that was not. */
function abnormalWrites(snapshot: Snapshot, refund: Refund, now: number): readonly ItemWrite[] {
  const repaired = snapshot.exceptions.find(
    ({ refund_no, resolved }) =>
      refund_no === refund.refund_no &&
      resolved?.resolution === 'repaired' &&
      now - Date.parse(resolved.at) > REPAIR_MS,
  );
  if (!repaired) return exceptionOnce(snapshot, refundSubject('refund_abnormal', snapshot, refund), now);
  return [exceptionReopened(repaired, alert(now))];
}

/** @param decided the refund, with its provider's number for it, as that is known then */
function decideOutcome(
  { snapshot, event, now }: Omit<Subject, 'payment'>,
  decided: Refund,
  to: 'succeeded' | 'failed',
): RefundDecision {
  const { order } = snapshot;
  const { order_no } = order;
  const { n, refund_id, status: from, version } = decided;
  const time = isoTime(now);
  const { payment, holding } = moneyOf(snapshot, decided);
  const refunds = snapshot.refunds.map((known) => (known.n === n ? { ...decided, status: to } : known));
  const isSummed = findHolding(snapshot, payment, event.transaction_id ?? null) === holding;
  const total = isSummed ? event.total : undefined;
  const revealed = revealedReturn({ ...snapshot, refunds }, holding, total ?? 0, now);
  const moved = { ...moveRefund(holding, decided.amount, from, to), ...revealed.set };
  if (to === 'succeeded' && isTooMuch({ ...holding, ...moved })) {
    const { amount, suspense } = decided;
    const { transaction_id = suspense } = event;
    return decideException(snapshot, holding, { ...event, amount, transaction_id }, ['amount'], now);
  }
  const isPaying = decided.suspense === null && order.paid_by === decided.payment;
  const status = isPaying ? refundedStatus({ ...holding, ...moved }) : order.status;
  const outcome = to === 'succeeded' ? 'refunded' : 'refund_failed';
  return {
    isSummed,
    result: { outcome, order_no, status },
    change: changeOf(order_no, [
      ...(isPaying ? [orderUpdate(order, { status, updated_at: time })] : []),
      holdingUpdate(holding, moved),
      {
        update: 'refund',
        of: n,
        set: { status: to, refund_id, updated_at: time },
        // What is decided is not asked about any more.
        owes: null,
        expects: asSeen({ version }),
      },
      ...entryOf(snapshot, decided, to, time),
      ...(to === 'failed'
        ? exceptionOnce(snapshot, refundSubject('refund_failed', snapshot, decided), now)
        : []),
      ...agreedWrites(snapshot, holding, decided.refund_no, now),
      ...revealed.writes,
    ]),
  };
}

/** The money that a refund returns, and its payment. @throws Error when it is not there */
function moneyOf(
  snapshot: Snapshot,
  { payment: n, suspense }: Refund,
): { readonly payment: Payment; readonly holding: Holding } {
  const payment = findPayment(snapshot, n);
  const holding = payment && findHolding(snapshot, payment, suspense);
  const isThere = holding && (suspense === null || holding.transaction_id === suspense);
  if (!isThere) throw new Error('a refund returns money that is not there');
  return { payment, holding };
}

/** A success is booked, and a success that turned out none is booked back; a plain failure moved no money. */
function entryOf(
  snapshot: Snapshot,
  refund: Refund,
  to: 'succeeded' | 'failed',
  booked_at: string,
): readonly Put[] {
  if (to === 'failed' && refund.status !== 'succeeded') return [];
  const { holding } = moneyOf(snapshot, refund);
  if (!holding.booking) throw new Error('money is returned that was never booked');
  const { debit } = holding.booking;
  // What was in suspense may have found its owner since.
  const credit = holding.attributed_at !== null ? ownerAccount(snapshot.order) : holding.booking.credit;
  const accounts = to === 'succeeded' ? { debit: credit, credit: debit } : { debit, credit };
  const { order_no, provider, merchant, amount, currency, n, version } = refund;
  const { transaction_id } = holding;
  const record = {
    ...{ order_no, provider, merchant, amount, currency, transaction_id, booked_at },
    ...accounts,
    kind: 'refund',
    reference: `${n}#${version}`,
    refund: n,
  } as const;
  return [{ put: 'entry', record }];
}

const refundSubject = (kind: 'refund_abnormal' | 'refund_failed', snapshot: Snapshot, refund: Refund) => {
  const { payment_no, provider, merchant, refund_no, amount, currency } = refund;
  const { transaction_id } = moneyOf(snapshot, refund).holding;
  return { kind, payment_no, provider, merchant, transaction_id, refund_no, amount, currency };
};

/**
 * A refund of ours is known with its amounts; one that is not is compared with those of the money that it is of once that
 * is settled: what people gave back of a mismatch may be another merchant's than its payment, or in another currency.
 */
function differing(refund: Refund | undefined, money: Holding, event: RefundEvent): readonly ComparedField[] {
  const known = refund ?? money;
  const isOther = (field: 'provider' | 'merchant' | 'currency') =>
    event[field] !== undefined && event[field] !== known[field];
  const isOtherAmount =
    refund !== undefined &&
    ((event.amount ?? refund.amount) !== refund.amount || isOfAnotherAmount(refund.paid_amount, event));
  return (['provider', 'merchant', 'amount', 'currency'] as const).filter((field) =>
    field === 'amount' ? isOtherAmount : isOther(field),
  );
}
