import { changeOf } from '../orders/change.ts';
import { type CommitPorts, commit } from '../orders/commit.ts';
import {
  type ExceptionRecord,
  type ExceptionSubject,
  exceptionOnce,
  merchantException,
} from '../orders/exception.ts';
import type { EntryKind } from '../orders/kinds.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { Money } from './books.ts';

/** On what a provider's bill of a day and the books can disagree. */
export const differenceKinds = ['missing_here', 'missing_there', 'other_amount', 'unknown_row'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** What the provider's bill and the books do not agree on. A side that does not have it is null. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** Null of a row that is not understood. */
  readonly of: EntryKind | null;
  /** Null where it is of no order of ours. */
  readonly order_no: string | null;
  /** Of a refund, the number of the payment that is returned; null when our own refund is not there to say it. */
  readonly payment_no: string | null;
  readonly transaction_id: string | null;
  /** The number of the refund or of the dispute's movement; null for a payment. */
  readonly movement: string | null;
  readonly ours: Money | null;
  readonly theirs: Money | null;
  /** An exception was recorded when it was settled, of the same money. */
  readonly isTold: boolean;
}

export interface RecordingPorts extends CommitPorts {
  /** Records an exception that belongs to no order, with its announcement, unless it is there. */
  readonly putMerchantException: (merchant: MerchantName, record: ExceptionRecord) => Promise<void>;
}

/**
 * Makes a difference an exception, once: of its order, or of its merchant where there is no such order.
 * @throws ContentionError, and what the store throws
 */
export async function recordDifference(
  ports: RecordingPorts,
  name: MerchantName,
  { kind, order_no, payment_no, transaction_id, movement, ours, theirs, isTold }: Difference,
): Promise<void> {
  if (isTold) return;
  const { amount = null, currency = null } = theirs ?? ours ?? {};
  const { provider, merchant } = name;
  const subject: ExceptionSubject = {
    ...{ kind, provider, merchant, payment_no, transaction_id, currency },
    refund_no: movement,
    amount: amount === null ? null : Math.abs(amount),
  };
  const now = ports.io.now();
  const isOfOrder =
    order_no !== null &&
    (await commit<boolean>(ports, order_no, (snapshot) => ({
      result: snapshot !== null,
      change: snapshot && changeOf(order_no, exceptionOnce(snapshot, subject, now)),
    })));
  if (!isOfOrder) await ports.putMerchantException(name, merchantException(name, subject, now));
}

/** A kind of row that is not understood, once for each day. It is told apart by the day and the bill's own name for it. */
export const unknownRow = (day: string, name: string): Difference => ({
  kind: 'unknown_row',
  of: null,
  order_no: null,
  payment_no: null,
  transaction_id: `${day} ${name}`,
  movement: null,
  ours: null,
  theirs: null,
  isTold: false,
});
