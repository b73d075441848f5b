import type { Period } from '../orders/read-ledger.ts';
import type { Origin, ProviderEntry } from './books.ts';
import type { Comparison } from './comparison.ts';
import { bookingPeriod, possibleDates } from './day.ts';
import { type DayResult, isFinished } from './day-result.ts';
import { areAllKept } from './tally.ts';

/**
 * What may have taken place on this day or on others, and is not in this day's bill: the last of these days to be
 * reconciled decides it by what each of the others has stored, whichever comes first.
 * @param names under which a bill would have it
 * @returns `missing` when none of the bills has it; `undecided` while one of them is not known
 */
export async function placeAmongDays(
  { bounds, boundsOf, day, resultOf }: Pick<Comparison, 'bounds' | 'boundsOf' | 'day' | 'resultOf'>,
  entry: ProviderEntry,
  origin: Origin | undefined,
  names: readonly [string, ...string[]],
): Promise<'listed' | 'missing' | 'undecided'> {
  const dates = possibleDates(bounds, day, entry, origin);
  if (!dates) return 'undecided';
  let isKnown = true;
  for (const date of dates) {
    if (date === day) continue;
    const isListed = isInBill(await resultOf(date), bookingPeriod(boundsOf(date)), entry, names);
    if (isListed) return 'listed';
    if (isListed === null) isKnown = false;
  }
  return isKnown ? 'missing' : 'undecided';
}

/**
 * Whether the bill of a day has what is booked, by what the day stored.
 * @param listed in which the day looked for what was booked
 * @returns null where that does not say
 */
function isInBill(
  result: DayResult | null,
  listed: Period,
  { booked_at }: ProviderEntry,
  names: readonly [string, ...string[]],
): boolean | null {
  if (!result || !isFinished(result)) return null;
  const { started_at, finished_at } = result;
  const { absent, unbooked } = result.names;
  if (names.some((name) => unbooked.includes(name))) return true;
  if (absent.includes(names[0])) return false;
  // Had the bill had it, it would have been a row of which nothing was booked.
  if (finished_at !== null && booked_at > finished_at) return areAllKept(unbooked) ? false : null;
  const wasLookedFor = booked_at < started_at && booked_at >= listed.from && booked_at < listed.to;
  return wasLookedFor && areAllKept(absent) ? true : null;
}
