import { isoTime } from '../io.ts';
import type { BookedEntry, ItemWrite } from './change.ts';
import { type EndEntry, type ExceptionRecord, exceptionId } from './exception.ts';
import type { OrderStatus, Resolution } from './kinds.ts';
import type { Holding, Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import { findHolding, type Snapshot } from './snapshot.ts';

/** The end of an exception by a person's word: what it starts from, what it comes to, and why it can be refused. */

export interface Ending {
  readonly snapshot: Snapshot;
  readonly exception: ExceptionRecord;
  /** The `sub` of who ends it. */
  readonly by: string;
  readonly now: number;
}

/** What an end books and returns besides. */
export interface Consequence {
  readonly writes: readonly ItemWrite[];
  /** An entry of its own. */
  readonly entry?: BookedEntry;
  /** What a payment or money in suspense books, which is among the writes. */
  readonly booked?: EndEntry;
  readonly refund?: Refund;
  /** The order's afterwards, where that changes. */
  readonly status?: OrderStatus;
}

export type Refused =
  /** Not an end that this kind can have, or one of this kind that is about no money that came in. */
  | { readonly outcome: 'not_allowed'; readonly allowed: readonly Resolution[] }
  | { readonly outcome: RefusedOutcome };

type RefusedOutcome =
  | 'not_found'
  /** It ended in another way. */
  | 'already_resolved'
  /** Nothing of the money is left, or some of it is on its way back. */
  | 'nothing_left'
  /** Its transaction is in the books: it is not money besides. */
  | 'already_booked'
  /** Nothing has named the payment's own transaction yet: it may be the very one. */
  | 'transaction_unknown'
  /** What went back was never booked, so that nobody can be said to bear it. */
  | 'not_booked'
  /** What went back was money in suspense, and never its order's owner's. */
  | 'never_owned'
  /** The payer's bank has the payment, or may take it. */
  | 'disputed'
  /** The order takes payments still: it is closed first. */
  | 'order_open'
  /** A closed order is paid at its amount, or not at all. */
  | 'other_amount'
  /** No message says how much it is, or of which transaction. */
  | 'amount_unknown'
  /** Whether the money comes back is not decided. */
  | 'dispute_open';

export const refuse = (outcome: RefusedOutcome): Refused => ({ outcome });

export const refuseEnd = (allowed: readonly Resolution[]): Refused => ({ outcome: 'not_allowed', allowed });

export const paymentOf = ({ snapshot, exception }: Ending): Payment | undefined =>
  snapshot.payments.find(({ payment_no }) => payment_no === exception.payment_no);

/** The money that an exception is about. */
export function holdingOf(ending: Ending): Holding | undefined {
  const payment = paymentOf(ending);
  return payment && findHolding(ending.snapshot, payment, ending.exception.transaction_id);
}

/** What an end books between suspense and its order's owner. */
export function attributionOf(
  { exception, now }: Ending,
  { order_no, provider, merchant, currency, transaction_id }: Holding,
  amount: number,
  debit: string,
  credit: string,
): BookedEntry {
  return {
    ...{ order_no, provider, merchant, amount, currency, transaction_id, debit, credit },
    kind: 'attribution',
    reference: exceptionId(exception),
    refund: null,
    booked_at: isoTime(now),
  };
}
