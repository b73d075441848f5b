import type { Dispute } from './dispute.ts';
import {
  type ExceptionEnd,
  type ExceptionIdentity,
  type ExceptionRecord,
  type ExceptionSubject,
  exceptionId,
  exceptionOnce,
  type Recorded,
} from './exception.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { BookedKind, EventType, Provider } from './kinds.ts';
import type { Booking, Entry } from './ledger.ts';
import type { Order } from './order.ts';
import type { Holding, Payment, Suspense } from './payment.ts';
import type { Refund, Return } from './refund.ts';
import { alert, type Debt } from './schedule.ts';
import type { Shipping } from './shipping.ts';

/** All that one decision writes, in one piece: either every expectation holds and everything is written, or nothing is. */
export interface Change {
  readonly order_no: string;
  readonly writes: readonly [ItemWrite, ...ItemWrite[]];
}

export type ItemWrite = Put | Update | Check;

/** What is stored of an order. */
export interface Records {
  readonly order: Order;
  readonly payment: Payment;
  readonly suspense: Suspense;
  readonly refund: Refund;
  readonly return: Return;
  readonly dispute: Dispute;
  readonly shipping: Shipping;
  readonly entry: BookedEntry;
  readonly exception: ExceptionRecord;
  readonly idempotency: IdempotencyRecord;
}

export type RecordKind = keyof Records;

/** A booking that is an item of its own. */
export interface BookedEntry extends Entry {
  readonly kind: BookedKind;
  /** Names it among its order's entries of this kind, so that nothing is booked twice. */
  readonly reference: string;
  /** Which of the order's refunds it books; null where it is none. */
  readonly refund: number | null;
}

/** A new item, on condition that it is not there, or that what is there is no longer good. */
export type Put = {
  [K in RecordKind]: {
    readonly put: K;
    readonly record: Records[K];
    readonly owes?: Debt;
    readonly replaces?: Expectation;
    readonly marks?: Marks;
  };
}[RecordKind];

/** A change of an item that is there. It raises the item's version. */
export type Update = {
  [K in keyof Identity]: {
    readonly update: K;
    readonly of: Identity[K];
    readonly set: Partial<Omit<Records[K], 'booking' | 'version'>>;
    /** Books the amount of a payment. A credit of null is to the payment's payee. */
    readonly books?: Omit<Booking, 'credit'> & { readonly credit: string | null };
    /** Left as it is where this is undefined. */
    readonly owes?: Debt | null | undefined;
    readonly expects: Expectation;
    readonly marks?: Marks;
  };
}[keyof Identity];

/** What the shop is to be told of a write, and when that was decided; ISO 8601. */
export interface Marks {
  readonly at: string;
  readonly events: readonly EventMark[];
}

/** On an item whose write the shop is to be told of: what its new image does not say by itself. */
export interface EventMark {
  readonly type: EventType;
  /** The account of its order's owner; absent on the order, which says it. */
  readonly owner?: string;
  /** Of an order: the payment that paid it, that failed, or that was its current one; null of none. */
  readonly payment?: MarkedPayment | null;
}

export interface MarkedPayment {
  readonly n: number;
  readonly provider: Provider;
  readonly merchant: string;
  readonly transaction_id: string | null;
}

/** What a decision relied on without changing it. */
export type Check =
  | { readonly check: 'order'; readonly expects: Expectation }
  | { readonly check: 'payment'; readonly of: number; readonly expects: Expectation };

/** What names an item among those of its order. */
interface Identity {
  readonly order: null;
  readonly payment: number;
  readonly suspense: Pick<Suspense, 'n' | 'transaction_id'>;
  readonly refund: number;
  readonly return: Pick<Return, 'payment' | 'return_id'>;
  readonly dispute: Pick<Dispute, 'dispute_id'>;
  readonly shipping: null;
  readonly exception: ExceptionIdentity;
}

export type Value = string | number | boolean;

/** What fields must be: of this value, one of these, not this one, or at most this. */
export type Expectation = Readonly<
  Record<
    string,
    Value | { readonly in: readonly Value[] } | { readonly not: Value } | { readonly atMost: string }
  >
>;

/** That an item is still the one that was read. */
export const asSeen = ({ version }: { readonly version: number }): Expectation => ({ version });

export type OrderUpdate = Extract<Update, { update: 'order' }>;

export const orderUpdate = (order: Order, set: Partial<Order>, owes?: Debt | null): OrderUpdate => ({
  update: 'order',
  of: null,
  set,
  owes,
  expects: asSeen(order),
});

/**
 * What a transaction took is in the order's books once. Whoever writes down whose it is changes the order, too, where it
 * has several payments: else two who are told of it under a number each would not know of each other.
 */
export const namedOnce = (order: Order): readonly OrderUpdate[] =>
  order.payments > 1 ? [orderUpdate(order, {})] : [];

export const paymentUpdate = (
  payment: Payment,
  set: Partial<Omit<Payment, 'booking' | 'version'>>,
  owes?: Debt | null,
): Extract<Update, { update: 'payment' }> => ({
  update: 'payment',
  of: payment.n,
  set,
  owes,
  expects: asSeen(payment),
});

/** A change of money that came in. */
export const holdingUpdate = (
  holding: Holding,
  set: Partial<Pick<Payment, 'reserved' | 'refunded' | 'returned' | 'reported' | 'attributed_at'>>,
): Update => {
  if ('state' in holding) return paymentUpdate(holding, set);
  const { n, transaction_id } = holding;
  return { update: 'suspense', of: { n, transaction_id }, set, expects: asSeen(holding) };
};

/** An exception ends. Nobody needs to be told of it any more. */
export const exceptionEnded = (
  exception: ExceptionRecord,
  resolved: ExceptionEnd,
): Extract<Update, { update: 'exception' }> => ({
  update: 'exception',
  of: exception,
  set: { state: 'resolved', resolved },
  owes: null,
  expects: asSeen(exception),
});

/** An exception that had ended is for people to see again. */
export const exceptionReopened = (
  exception: ExceptionRecord,
  owes: Debt,
): Extract<Update, { update: 'exception' }> => ({
  update: 'exception',
  of: exception,
  set: { state: 'open', resolved: null },
  owes,
  expects: asSeen(exception),
});

/** An exception to be recorded; one that had ended is for people to see again, with the amount that is known by now. */
export function exceptionStanding(
  recorded: Recorded,
  subject: ExceptionIdentity & ExceptionSubject,
  now: number,
): readonly ItemWrite[] {
  const id = exceptionId(subject);
  const ended = recorded.exceptions.find((known) => known.resolved !== null && exceptionId(known) === id);
  if (!ended) return exceptionOnce(recorded, subject, now);
  const { set, ...reopened } = exceptionReopened(ended, alert(now));
  return [{ ...reopened, set: { ...set, amount: subject.amount ?? ended.amount } }];
}

/** A change of these writes; null of none. */
export function changeOf(order_no: string, writes: readonly ItemWrite[]): Change | null {
  const [first, ...others] = writes;
  return first ? { order_no, writes: [first, ...others] } : null;
}
