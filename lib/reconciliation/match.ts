import type { BillRow } from './bill-row.ts';
import type { Booking } from './books.ts';

/** Whether the booking is the row's beyond doubt, so that nothing else of the order need be read. */
export function isCertain(row: BillRow, { refund, transaction_id }: Booking): boolean {
  return refund !== null || (transaction_id !== null && transaction_id === row.transaction_id);
}

/**
 * The row's booking among those that its order has and no other row is about: the one of its transaction or its
 * refund number, else one where either side names no transaction, rather of the same amount.
 */
export function findBooking(
  row: BillRow,
  refund: number | null,
  bookings: readonly Booking[],
): Booking | undefined {
  const candidates = bookings.filter((booking) => booking.refund === refund);
  if (refund !== null) return candidates[0];
  const { transaction_id } = row;
  const unnamed = candidates.filter((booking) => booking.transaction_id === null || transaction_id === null);
  return (
    candidates.find((booking) => transaction_id !== null && booking.transaction_id === transaction_id) ??
    unnamed.find((booking) => isSameMoney(booking, row)) ??
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
