import type { EntryKind } from '../orders/kinds.ts';
import type { ReconciliationStore } from './books.ts';
import type { Money } from './match.ts';

/** What the provider's bill and our ledger do not agree on. A side that does not have it is null. */
export interface Difference {
  readonly kind: 'missing_here' | 'missing_there' | 'other_amount';
  readonly of: EntryKind;
  /** Of a refund, the number of the payment that is returned; null when our own refund is not there to say it. */
  readonly payment_no: string | null;
  /** Of the payment, or our number of the refund. */
  readonly transaction: string | null;
  readonly ours: Money | null;
  readonly theirs: Money | null;
}

export interface Summary {
  readonly rows: number;
  readonly agreed: number;
  /** Refunds in the bill that are open here: their provider took them on and has not finished. */
  readonly under_way: number;
  readonly missing_here: number;
  readonly missing_there: number;
  readonly other_amount: number;
  /** Entries that are not in the bill and may belong into that of the day before or after. */
  readonly undecided: number;
  /** Rows of orders that are not ours. */
  readonly foreign: number;
}

export interface ReconciliationPorts {
  readonly store: ReconciliationStore;
  /** Of the stage's order numbers: a merchant account may be shared. */
  readonly orderPrefix: string;
  readonly onDifference: (difference: Difference) => void;
  /** How many rows, and after them how many entries, have been compared. */
  readonly onProgress: (done: number, what: 'rows' | 'entries') => void;
}
