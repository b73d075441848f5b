import type { BillRow, EntryReference } from './bill-row.ts';
import type { ProviderEntry } from './books.ts';

/** Whether the entry is the row's beyond doubt, so that nothing else of the order need be read. */
export function isCertain(row: BillRow, { refund, transaction_id }: ProviderEntry): boolean {
  return refund !== null || (transaction_id !== null && transaction_id === row.transaction_id);
}

/**
 * The row's entry among those that its order has and no other row is about: that of its refund; or under its payment
 * the one of its transaction, else one where either side names no transaction, rather of the same amount.
 */
export function findEntry(
  row: BillRow,
  { payment, refund }: EntryReference,
  entries: readonly ProviderEntry[],
): ProviderEntry | undefined {
  if (refund !== null) return entries.find((entry) => entry.refund === refund);
  const candidates = entries.filter((entry) => entry.payment === payment);
  const { transaction_id } = row;
  const unnamed = candidates.filter((entry) => entry.transaction_id === null || transaction_id === null);
  return (
    candidates.find((entry) => transaction_id !== null && entry.transaction_id === transaction_id) ??
    unnamed.find((entry) => isSameMoney(entry, row)) ??
    unnamed[0]
  );
}

export interface Money {
  /** In smallest units. */
  readonly amount: number;
  readonly currency: string;
}

export const isSameMoney = (one: Money, other: Money): boolean =>
  one.amount === other.amount && one.currency === other.currency;
