import { type MerchantName, providerAccount } from '../orders/accounts.ts';
import { refundNumber } from '../orders/refund.ts';
import type { Origin, ProviderEntry } from './books.ts';
import { bookingPeriod, type Day, placeInDay } from './day.ts';
import type { Difference, ReconciliationPorts, Summary } from './difference.ts';
import type { KeySet } from './key-set.ts';
import { mapInChunks } from './stream.ts';

type EntrySums = Pick<Summary, 'missing_there' | 'undecided'>;

/** Looks at what was booked around the day and was not taken by any row of the bill. */
export async function compareEntries(
  { store, onDifference, onProgress }: ReconciliationPorts,
  merchant: MerchantName,
  day: Day,
  taken: KeySet,
): Promise<EntrySums> {
  const sums = { missing_there: 0, undecided: 0 };
  const untaken = async function* () {
    let read = 0;
    for await (const entry of store.listEntries(providerAccount(merchant), bookingPeriod(day))) {
      if (!taken.has(entry.id)) yield entry;
      read += 1;
      onProgress(read, 'entries');
    }
  };
  const withOrigins = async (entries: readonly ProviderEntry[]) => {
    const origins = await store.findOrigins(entries);
    return entries.map((entry, index) => ({ entry, origin: origins[index] }));
  };
  for await (const found of mapInChunks(untaken(), withOrigins)) {
    for (const { entry, origin } of found) {
      const place = placeInDay(day, entry, origin);
      if (place === 'undecided') sums.undecided += 1;
      if (place !== 'inside') continue;
      sums.missing_there += 1;
      onDifference(differenceOfEntry(entry, origin));
    }
  }
  return sums;
}

function differenceOfEntry(entry: ProviderEntry, origin: Origin | undefined): Difference {
  const { kind, order_no, refund, transaction_id } = entry;
  const transaction = refund === null ? transaction_id : refundNumber(order_no, refund);
  const payment_no = origin?.payment_no ?? null;
  return { kind: 'missing_there', of: kind, payment_no, transaction, ours: entry, theirs: null };
}
