import type { LedgerEntry, Period } from '../orders/ledger.ts';
import type { Refund } from '../orders/refund.ts';
import type { BookingReference } from './bill-row.ts';

/** An entry of the journal that a provider's bill should know of: money that came in, or went back for the first time. */
export interface Booking extends LedgerEntry {
  /** Names it among all bookings. */
  readonly id: string;
  /** Which of its order's refunds it books; null for money that came in. */
  readonly refund: number | null;
}

export interface OrderBooks {
  /** With the transaction that the order names where the booking itself does not. */
  readonly bookings: readonly Booking[];
  /** Refunds that the provider has taken on, as far as we know, and not finished. */
  readonly openRefunds: readonly Refund[];
}

/** When what was booked can have begun, and when its provider says that it took place, if it said so. */
export interface BookingOrigin {
  readonly created_at: string;
  readonly paid_at: string | null;
}

export interface ReconciliationStore {
  /** At most 100 at a time, in the order of the references. */
  findBookings(references: readonly BookingReference[]): Promise<(Booking | undefined)[]>;
  readOrder(order_no: string): Promise<OrderBooks>;
  /** Everything that was booked to a provider's account in a period, in no particular order. */
  listBookings(account: string, period: Period): AsyncIterable<Booking>;
  /** At most 100 at a time, in the order of the bookings. */
  findOrigins(bookings: readonly Booking[]): Promise<(BookingOrigin | undefined)[]>;
}
