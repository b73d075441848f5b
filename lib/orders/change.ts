import type { ExceptionRecord } from './exception.ts';
import type { IdempotencyRecord } from './idempotency.ts';
import type { Entry } from './ledger.ts';
import type { Order } from './order.ts';
import type { Booking, Payment, Suspense } from './payment.ts';
import type { Refund } from './refund.ts';
import { ANNOUNCE_MS } from './schedule.ts';

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
  readonly entry: RefundEntry;
  readonly exception: ExceptionRecord;
  readonly idempotency: IdempotencyRecord;
}

export type RecordKind = keyof Records;

/** A booking of a refund: its first, or one that follows when it turns out otherwise. */
export interface RefundEntry extends Entry {
  readonly refund: number;
  /** Counts the bookings of the refund. */
  readonly n: number;
}

/** A new item, on condition that it is not there, or that what is there is no longer good. */
export type Put = {
  [K in RecordKind]: {
    readonly put: K;
    readonly record: Records[K];
    readonly owes?: Debt;
    readonly replaces?: Expectation;
  };
}[RecordKind];

/** A change of an item that is there. It raises the item's version. */
export type Update = {
  [K in 'order' | 'payment' | 'suspense' | 'refund']: {
    readonly update: K;
    readonly of: Identity[K];
    readonly set: Partial<Omit<Records[K], 'booking' | 'version'>>;
    /** Books the amount of a payment. A credit of null is to the payment's payee. */
    readonly books?: Omit<Booking, 'credit'> & { readonly credit: string | null };
    readonly owes?: Debt | null;
    readonly expects: Expectation;
  };
}['order' | 'payment' | 'suspense' | 'refund'];

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
}

export type Value = string | number | boolean;

/** What fields must be: of this value, one of these, not this one, or at most this. */
export type Expectation = Readonly<
  Record<
    string,
    Value | { readonly in: readonly Value[] } | { readonly not: Value } | { readonly atMost: string }
  >
>;

/** What an item still owes, and from when on the sweep sees to it; milliseconds since 1970. */
export interface Debt {
  readonly kind: 'check' | 'notify';
  readonly due: number;
}

/** A payment, exception or order that people are to be told of. */
export const announcement = (now: number): Debt => ({ kind: 'notify', due: now + ANNOUNCE_MS });

/** That an item is still the one that was read. */
export const asSeen = ({ version }: { readonly version: number }): Expectation => ({ version });

export const orderUpdate = (
  order: Order,
  set: Partial<Order>,
  owes?: Debt | null,
): Extract<Update, { update: 'order' }> => ({
  update: 'order',
  of: null,
  set,
  ...(owes !== undefined && { owes }),
  expects: asSeen(order),
});

export const paymentUpdate = (
  payment: Payment,
  set: Partial<Omit<Payment, 'booking' | 'version'>>,
  owes?: Debt | null,
): Extract<Update, { update: 'payment' }> => ({
  update: 'payment',
  of: payment.n,
  set,
  ...(owes !== undefined && { owes }),
  expects: asSeen(payment),
});

/** A change of these writes; null of none. */
export function changeOf(order_no: string, writes: readonly ItemWrite[]): Change | null {
  const [first, ...others] = writes;
  return first ? { order_no, writes: [first, ...others] } : null;
}
