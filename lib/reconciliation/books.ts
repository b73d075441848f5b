import { type MerchantName, providerAccount } from '../orders/ledger.ts';
import type { Payment, Suspense } from '../orders/payment.ts';
import type { LedgerEntry, Period } from '../orders/read-ledger.ts';
import type { Refund, Return } from '../orders/refund.ts';
import type { OwnRow } from './bill-row.ts';

export interface Money {
  /** In smallest units. */
  readonly amount: number;
  readonly currency: string;
}

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.amount === other.amount && one.currency === other.currency;

/** What a movement of a dispute took from the provider's account; below zero what it gave back. */
export function withdrawn(entry: Pick<LedgerEntry, 'debit' | 'provider' | 'merchant'> & Money): Money {
  const { amount, currency } = entry;
  return { amount: entry.debit === providerAccount(entry) ? -amount : amount, currency };
}

/** What the books have under the key that a row's booking mostly has. */
export type Booked = MerchantName & Money & { readonly transaction_id: string | null };

/** An entry that a provider's bill should know of: money that came in, went back or was taken back by a bank. */
export type ProviderEntry = LedgerEntry & {
  readonly order_no: string;
  /** Which of its order's payments it is of; null where the entry alone does not say. */
  readonly payment: number | null;
  /** Which of its order's refunds it books. */
  readonly refund: number | null;
  /** Of what we did not ask for, the provider's name for it. */
  readonly reference: string | null;
  /** When its provider says that it took place; the time of the booking where no message said it. */
  readonly paid_at: string | null;
};

/** What is stored of an order that a bill may know of. */
export interface OrderBooks {
  readonly payments: readonly Payment[];
  readonly suspense: readonly Suspense[];
  readonly refunds: readonly Refund[];
  readonly returns: readonly Return[];
  readonly entries: readonly ProviderEntry[];
}

/** The payment or refund that an entry is of. */
export interface Origin {
  /** Of a refund, the number of the payment that is returned. */
  readonly payment_no: string;
  /** Nothing was asked of the provider before. */
  readonly begun_at: string;
}

export interface ReconciliationStore {
  /** At most 100 at a time, in the order of the rows. */
  find(rows: readonly OwnRow[]): Promise<(Booked | undefined)[]>;
  /** Null when there is no such order. */
  readOrder(order_no: string): Promise<OrderBooks | null>;
  /** In how many parts an account is read. */
  readonly parts: number;
  /** Everything of a part that was booked to a provider's account in a period. */
  listEntries(account: string, period: Period, part: number): AsyncIterable<ProviderEntry>;
  /** At most 100 at a time, in the order of the entries. */
  findOrigins(entries: readonly ProviderEntry[]): Promise<(Origin | undefined)[]>;
}
