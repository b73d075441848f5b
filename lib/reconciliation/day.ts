import type { Provider } from '../orders/kinds.ts';
import type { Period } from '../orders/ledger.ts';
import type { Origin, ProviderEntry } from './books.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far a provider's clock and ours may be apart. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What comes in is taken to be booked within this time: an outage of ours may last so long. */
const LONGEST_DELAY_MS = 6 * HOUR_MS;

/** Chinese providers close their books at midnight in Beijing, which keeps UTC+8 all year. */
const dayOffsets_ms: Readonly<Record<Provider, number>> = {
  wechat: -8 * HOUR_MS,
  alipay: -8 * HOUR_MS,
  stripe: 0,
};

/** In milliseconds; the end is not part of it. */
export interface Day {
  readonly start: number;
  readonly end: number;
}

/** The provider's day of this date, YYYY-MM-DD. */
export function providerDay(provider: Provider, date: string): Day {
  const start = Date.parse(`${date}T00:00:00.000Z`) + dayOffsets_ms[provider];
  return { start, end: start + DAY_MS };
}

/** When that may have been booked which the provider has in its bill of the day. */
export const bookingPeriod = ({ start, end }: Day): Period => ({
  from: new Date(start - CLOCK_TOLERANCE_MS).toISOString(),
  to: new Date(end + LONGEST_DELAY_MS).toISOString(),
});

type BookedTimes = Pick<ProviderEntry, 'booked_at' | 'paid_at' | 'refund'>;

/**
 * Whether what was booked took place on the provider's day; `undecided` when it may as well have been the day before or
 * after, since the provider did not say when it was and our own times lie on both sides of midnight.
 */
export function placeInDay(
  day: Day,
  entry: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): 'inside' | 'outside' | 'undecided' {
  const { earliest, latest } = timeSpan(entry, origin);
  const first = earliest - CLOCK_TOLERANCE_MS;
  const last = latest + CLOCK_TOLERANCE_MS;
  if (first >= day.start && last < day.end) return 'inside';
  return last < day.start || first >= day.end ? 'outside' : 'undecided';
}

function timeSpan(
  { booked_at, paid_at, refund }: BookedTimes,
  origin: Pick<Origin, 'begun_at'> | undefined,
): { earliest: number; latest: number } {
  const latest = Date.parse(booked_at);
  // Where the provider did not say when it was paid, the time of the booking stands in its place.
  if (paid_at !== null && paid_at !== booked_at) {
    const paid = Date.parse(paid_at);
    return { earliest: paid, latest: paid };
  }
  const begun = origin ? Date.parse(origin.begun_at) : latest - LONGEST_DELAY_MS;
  // A refund is in the bill of the day it was taken on, which can be days before it is booked as done.
  const earliest = refund === null ? Math.max(begun, latest - LONGEST_DELAY_MS) : begun;
  return { earliest, latest };
}
