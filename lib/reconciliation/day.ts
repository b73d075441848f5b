import type { BillFacts } from '../orders/provider-gateway.ts';
import type { Period } from '../orders/read-ledger.ts';
import type { Origin, ProviderEntry } from './books.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far a provider's clock and ours may be apart. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What comes in is taken to be booked within this time: an outage of ours may last so long. */
const LONGEST_DELAY_MS = 6 * HOUR_MS;

/** Whether it is a day, as YYYY-MM-DD. Date.parse takes 30 February for 1 March. */
export function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** In milliseconds; the end is not part of it. */
export interface Day {
  readonly start: number;
  readonly end: number;
  /** As `BillFacts` says it of the provider. */
  readonly listsUnpaid: boolean;
}

/** The provider's day of this date, YYYY-MM-DD. */
export function providerDay(
  { utcOffset_h, listsUnpaid }: Pick<BillFacts, 'utcOffset_h' | 'listsUnpaid'>,
  date: string,
): Day {
  const start = Date.parse(`${date}T00:00:00.000Z`) - utcOffset_h * HOUR_MS;
  return { start, end: start + DAY_MS, listsUnpaid: listsUnpaid === true };
}

/** The last so many days whose bill should be there, as YYYY-MM-DD, the oldest first. */
export function daysWithBill({ utcOffset_h, ready_h }: BillFacts, now: number, count: number): string[] {
  const latest = now + (utcOffset_h - ready_h) * HOUR_MS - DAY_MS;
  return Array.from({ length: count }, (_, index) =>
    new Date(latest - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** When that may have been booked which the provider has in its bill of the day. */
export const bookingPeriod = ({ start, end }: Day): Period => ({
  from: new Date(start - CLOCK_TOLERANCE_MS).toISOString(),
  to: new Date(end + LONGEST_DELAY_MS).toISOString(),
});

export type BookedTimes = Pick<ProviderEntry, 'kind' | 'booked_at' | 'paid_at'>;

/**
 * Whether what was booked took place on the provider's day; `undecided` when it may as well have been another day, since
 * the provider did not say when it was, or lists it before it succeeds, and the times that are known lie on both sides
 * of midnight.
 */
export function placeInDay(
  day: Day,
  entry: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): 'inside' | 'outside' | 'undecided' {
  const { first, last } = timeSpan(day, entry, origin);
  if (first >= day.start && last < day.end) return 'inside';
  return last < day.start || first >= day.end ? 'outside' : 'undecided';
}

/** A merchant's refunds take days, and a bank debit two weeks. */
const MOST_DATES = 31;

/**
 * The dates, YYYY-MM-DD, on which that may have taken place which is undecided on the day of this date.
 * @returns null where they are too many to be looked through, or nobody knows the first of them
 */
export function possibleDates(
  day: Day,
  date: string,
  entry: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): string[] | null {
  const { first, last } = timeSpan(day, entry, origin);
  const daysAfter = (time: number) => Math.floor((time - day.start) / DAY_MS);
  const [from, to] = [daysAfter(first), daysAfter(last)];
  if (to - from >= MOST_DATES) return null;
  return Array.from({ length: to - from + 1 }, (_, index) =>
    new Date(Date.parse(date) + (from + index) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** In milliseconds, both included. */
function timeSpan(
  day: Day,
  entry: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): { first: number; last: number } {
  const { earliest, latest } = knownTimes(day, entry, origin);
  return { first: earliest - CLOCK_TOLERANCE_MS, last: latest + CLOCK_TOLERANCE_MS };
}

function knownTimes(
  { listsUnpaid }: Day,
  { kind, booked_at, paid_at }: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): { earliest: number; latest: number } {
  // Where the provider did not say when it was paid, the time of the booking stands in its place.
  const isSaid = paid_at !== null && paid_at !== booked_at;
  const latest = Date.parse(isSaid ? paid_at : booked_at);
  const begun = origin ? Date.parse(origin.begun_at) : -Infinity;
  // What went back is in the bill of the day on which it was taken on, which can be days before it is booked.
  const isPayment = kind === 'payment' || kind === 'suspense';
  if (!isPayment || listsUnpaid) return { earliest: begun, latest };
  return { earliest: isSaid ? latest : Math.max(begun, latest - LONGEST_DELAY_MS), latest };
}
