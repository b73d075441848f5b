import type { LedgerEntry, Period } from '../orders/ledger.ts';
import type { Refund } from '../orders/refund.ts';
import type { EntryReference } from './bill-row.ts';

/** An entry that a provider's bill should know of: money that came in, or went back for the first time. */
export type ProviderEntry = LedgerEntry &
  EntrySubject & {
    /** Names it among all entries. */
    readonly id: string;
    /** When its provider says that it took place; the time of the booking where no message said it, null of a refund. */
    readonly paid_at: string | null;
  };

/** Which of its order's payments an entry books, or which of its refunds. */
type EntrySubject =
  | { readonly payment: number; readonly refund: null }
  | { readonly payment: null; readonly refund: number };

export interface OrderBooks {
  readonly entries: readonly ProviderEntry[];
  /** Refunds that the provider has taken on, as far as we know, and not finished. */
  readonly openRefunds: readonly Refund[];
}

/** The payment or refund that an entry is of. */
export interface Origin {
  /** Of a refund, the number of the payment that is returned. */
  readonly payment_no: string;
  /** Nothing was asked of the provider before. */
  readonly begun_at: string;
}

export interface ReconciliationStore {
  /** Where they are mostly found, at most 100 at a time, in the order of the references. */
  findEntries(references: readonly EntryReference[]): Promise<(ProviderEntry | undefined)[]>;
  readOrder(order_no: string): Promise<OrderBooks>;
  /** Everything that was booked to a provider's account in a period, in no particular order. */
  listEntries(account: string, period: Period): AsyncIterable<ProviderEntry>;
  /** At most 100 at a time, in the order of the entries. */
  findOrigins(entries: readonly ProviderEntry[]): Promise<(Origin | undefined)[]>;
}
