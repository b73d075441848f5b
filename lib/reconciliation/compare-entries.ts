import { providerAccount } from '../orders/ledger.ts';
import { paymentNumber } from '../orders/order-number.ts';
import { isReturnedSum, refundNumber } from '../orders/refund.ts';
import { billNames } from './bill-row.ts';
import type { OrderBooks, Origin, ProviderEntry } from './books.ts';
import { unnamedOf } from './compare-rows.ts';
import type { Comparison, WaitingEntry } from './comparison.ts';
import { bookingPeriod, placeInDay } from './day.ts';
import type { Difference } from './difference.ts';
import { placeAmongDays } from './other-days.ts';
import { mapInChunks } from './stream.ts';
import { keepName } from './tally.ts';

/**
 * Looks at what was booked around the day and is in no row of the bill, part by part of the account from one on.
 * @returns the part to go on with; the number of parts when it is done
 */
export async function compareEntries(comparison: Comparison, from: number): Promise<number> {
  const { store, shouldStop } = comparison;
  for (let part = from; part < store.parts; part += 1) {
    // In each run one at least, so that it comes to an end.
    if (part > from && shouldStop()) return part;
    await comparePart(comparison, part);
  }
  return store.parts;
}

async function comparePart(comparison: Comparison, part: number): Promise<void> {
  const { store, merchant, bounds, inBill, tally, onProgress } = comparison;
  let read = 0;
  const absent = async function* () {
    for await (const entry of store.listEntries(providerAccount(merchant), bookingPeriod(bounds), part)) {
      if (!namesOf(entry).some((name) => inBill.has(name))) yield entry;
      read += 1;
      onProgress(read, 'entries', part / store.parts);
    }
  };
  const withOrigins = async (entries: readonly ProviderEntry[]) => {
    const origins = await store.findOrigins(entries);
    return entries.map((entry, index) => ({ entry, origin: origins[index] }));
  };
  for await (const found of mapInChunks(absent(), withOrigins)) {
    for (const { entry, origin } of found) {
      const place = placeInDay(bounds, entry, origin);
      if (place === 'outside' || (await isNamedSince(comparison, entry))) continue;
      if (place === 'undecided') {
        const names = namesOf(entry);
        keepName(tally.names.absent, names[0]);
        const elsewhere = await placeAmongDays(comparison, entry, origin, names);
        if (elsewhere === 'undecided') letWait(comparison, { entry, origin });
        if (elsewhere !== 'missing') continue;
      }
      await comparison.tell(differenceOf(entry, origin));
    }
  }
}

/** As with names, what is on either side of midnight is little. */
const MOST_WAITING = 500;

function letWait({ waiting, tally }: Comparison, entry: WaitingEntry): void {
  tally.undecided += 1;
  if (waiting.length < MOST_WAITING) waiting.push(entry);
}

/**
 * Looks once more at what waits for other days, once this one has stored what it came to: of two that are done at once
 * each found the other unknown, and the last to have stored its own finds the other's.
 * @returns whether any of it is decided by now
 */
export async function decideWaiting(comparison: Comparison): Promise<boolean> {
  const { waiting, forgetResults, tally, tell } = comparison;
  forgetResults();
  const undecided = tally.undecided;
  for (const { entry, origin } of waiting) {
    const place = await placeAmongDays(comparison, entry, origin, namesOf(entry));
    if (place === 'undecided') continue;
    tally.undecided -= 1;
    if (place === 'missing') await tell(differenceOf(entry, origin));
  }
  return tally.undecided < undecided;
}

/** The names under which the bill would have it. */
function namesOf({
  kind,
  order_no,
  payment,
  refund,
  reference,
  transaction_id,
}: ProviderEntry): readonly [string, ...string[]] {
  if (refund !== null) return [billNames.refund(refundNumber(order_no, refund))];
  if (kind === 'dispute') return [billNames.dispute(reference ?? '')];
  const payment_no = paymentNumber(order_no, payment ?? 1);
  if (kind === 'return') return [billNames.return(payment_no, reference ?? '')];
  return [
    billNames.payment(payment_no, transaction_id),
    // The row that names no transaction, or the entry.
    transaction_id === null ? unnamedOf(payment_no) : billNames.payment(payment_no, null),
  ];
}

/** Whether what was known as a sum in all is known by its names by now, each of which is looked for by itself. */
async function isNamedSince({ readOrder }: Comparison, entry: ProviderEntry): Promise<boolean> {
  if (entry.kind !== 'return' || !isReturnedSum(entry.reference ?? '')) return false;
  const books = await readOrder(entry.order_no);
  return books !== null && unnamedRest(books, entry) <= 0;
}

function unnamedRest(
  { payments, suspense, returns }: OrderBooks,
  { payment: n, transaction_id }: ProviderEntry,
): number {
  const further = suspense.find((one) => one.n === n && one.transaction_id === transaction_id);
  const holding = further ?? payments.find((one) => one.n === n);
  const named = returns.filter(
    ({ payment, suspense: of, status }) =>
      payment === n && of === (further?.transaction_id ?? null) && status === 'succeeded',
  );
  return named.reduce((rest, { amount }) => rest - amount, holding?.returned ?? 0);
}

function differenceOf(entry: ProviderEntry, origin: Origin | undefined): Difference {
  const { kind, order_no, payment, refund, reference, transaction_id } = entry;
  const payment_no = payment === null ? (origin?.payment_no ?? null) : paymentNumber(order_no, payment);
  return {
    ...{ kind: 'missing_there', of: kind, order_no, payment_no, transaction_id },
    movement: refund === null ? reference : refundNumber(order_no, refund),
    ours: entry,
    theirs: null,
    isTold: false,
  };
}
