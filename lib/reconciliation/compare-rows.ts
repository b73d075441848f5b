import type { Provider } from '../orders/order.ts';
import { type BillRow, type BookingReference, referenceOf } from './bill-row.ts';
import type { Booking, OrderBooks, ReconciliationStore } from './books.ts';
import type { Difference, ReconciliationPorts, Summary } from './difference.ts';
import type { KeySet } from './key-set.ts';
import { findBooking, isCertain, isSameMoney } from './match.ts';
import { mapInChunks } from './stream.ts';

type RowSums = Omit<Summary, 'missing_there' | 'undecided'>;

/** Looks for each row of the bill in the journal, and adds what is found to what is taken. */
export async function compareRows(
  { store, orderPrefix, onDifference, onProgress }: ReconciliationPorts,
  provider: Provider,
  rows: AsyncIterable<BillRow>,
  taken: KeySet,
): Promise<RowSums> {
  const sums = { rows: 0, agreed: 0, under_way: 0, missing_here: 0, other_amount: 0, foreign: 0 };
  const lookUp = (chunk: readonly BillRow[]) => {
    const known = chunk.map((row) => ({ row, reference: referenceOf(row, orderPrefix) }));
    return lookUpRows(store, provider, known);
  };
  for await (const found of mapInChunks(rows, lookUp)) {
    for (const { row, reference, books } of found) {
      const { outcome, booking } = compareRow(row, reference, books, taken);
      if (booking) taken.add(booking.id);
      sums[outcome] += 1;
      if (outcome === 'missing_here' || outcome === 'other_amount') {
        onDifference(differenceOfRow(outcome, row, booking));
      }
    }
    sums.rows += found.length;
    onProgress(sums.rows, 'rows');
  }
  return sums;
}

interface FoundRow {
  readonly row: BillRow;
  readonly reference: ReturnType<typeof referenceOf>;
  readonly books: OrderBooks;
}

const noBooks: OrderBooks = { bookings: [], openRefunds: [] };

async function lookUpRows(
  store: ReconciliationStore,
  provider: Provider,
  known: readonly Omit<FoundRow, 'books'>[],
): Promise<FoundRow[]> {
  const wanted = known.map(({ reference }) => reference).filter((reference) => typeof reference !== 'string');
  const bookings = await store.findBookings(wanted);
  const bookingOf = new Map(wanted.map((reference, index) => [reference, bookings[index]]));
  const found: FoundRow[] = [];
  for (const { row, reference } of known) {
    const isOurs = typeof reference !== 'string';
    const books = isOurs ? await readBooks(store, row, reference, bookingOf.get(reference)) : noBooks;
    found.push({ row, reference, books: booksWith(provider, books) });
  }
  return found;
}

/** Most rows have the booking that is looked for first; for another, all that its order has is read. */
async function readBooks(
  store: ReconciliationStore,
  row: BillRow,
  { order_no }: BookingReference,
  booking: Booking | undefined,
): Promise<OrderBooks> {
  return booking && isCertain(row, booking)
    ? { bookings: [booking], openRefunds: [] }
    : store.readOrder(order_no);
}

const booksWith = (provider: Provider, { bookings, openRefunds }: OrderBooks): OrderBooks => ({
  bookings: bookings.filter((booking) => booking.provider === provider),
  openRefunds: openRefunds.filter((refund) => refund.provider === provider),
});

interface RowResult {
  readonly outcome: 'agreed' | 'under_way' | 'missing_here' | 'other_amount' | 'foreign';
  readonly booking?: Booking;
}

function compareRow(
  row: BillRow,
  reference: FoundRow['reference'],
  { bookings, openRefunds }: OrderBooks,
  taken: KeySet,
): RowResult {
  if (reference === 'foreign') return { outcome: 'foreign' };
  if (reference === 'unnumbered') return { outcome: 'missing_here' };
  const { refund } = reference;
  const free = bookings.filter(({ id }) => !taken.has(id));
  const booking = findBooking(row, refund, free);
  if (booking) return { outcome: isSameMoney(booking, row) ? 'agreed' : 'other_amount', booking };
  const isOpen = openRefunds.some((open) => open.n === refund && isSameMoney(open, row));
  return { outcome: isOpen ? 'under_way' : 'missing_here' };
}

function differenceOfRow(
  kind: 'missing_here' | 'other_amount',
  row: BillRow,
  booking: Booking | undefined,
): Difference {
  const { order_no } = row;
  const transaction = row.refund_no ?? row.transaction_id;
  return { kind, of: booking?.kind ?? row.kind, order_no, transaction, ours: booking ?? null, theirs: row };
}
