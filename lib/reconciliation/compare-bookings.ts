import { providerAccount } from '../orders/journal.ts';
import type { Provider } from '../orders/order.ts';
import { refundNumber } from '../orders/refund.ts';
import type { Booking } from './books.ts';
import { bookingPeriod, type Day, placeInDay } from './day.ts';
import type { Difference, ReconciliationPorts, Summary } from './difference.ts';
import type { KeySet } from './key-set.ts';
import { mapInChunks } from './stream.ts';

type BookingSums = Pick<Summary, 'missing_there' | 'undecided'>;

/** Looks at what was booked around the day and was not taken by any row of the bill. */
export async function compareBookings(
  { store, onDifference, onProgress }: ReconciliationPorts,
  provider: Provider,
  day: Day,
  taken: KeySet,
): Promise<BookingSums> {
  const sums = { missing_there: 0, undecided: 0 };
  const untaken = async function* () {
    let read = 0;
    for await (const booking of store.listBookings(providerAccount(provider), bookingPeriod(day))) {
      if (!taken.has(booking.id)) yield booking;
      read += 1;
      onProgress(read, 'bookings');
    }
  };
  const place = async (bookings: readonly Booking[]) => {
    const origins = await store.findOrigins(bookings);
    return bookings.map((booking, index) => ({ booking, place: placeInDay(day, booking, origins[index]) }));
  };
  for await (const placed of mapInChunks(untaken(), place)) {
    for (const { booking, place } of placed) {
      if (place === 'undecided') sums.undecided += 1;
      if (place !== 'inside') continue;
      sums.missing_there += 1;
      onDifference(differenceOfBooking(booking));
    }
  }
  return sums;
}

function differenceOfBooking(booking: Booking): Difference {
  const { kind, order_no, refund, transaction_id } = booking;
  const transaction = refund === null ? transaction_id : refundNumber(order_no, refund);
  return { kind: 'missing_there', of: kind, order_no, transaction, ours: booking, theirs: null };
}
