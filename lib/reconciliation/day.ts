import type { Period } from '../orders/ledger.ts';
import type { Provider } from '../orders/order.ts';
import type { Booking, BookingOrigin } from './books.ts';

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

/**
 * Whether what was booked took place on the provider's day; `undecided` when it may as well have been the day before or
 * after, since the provider did not say when it was and our own times lie on both sides of midnight.
 */
export function placeInDay(
  day: Day,
  booking: Pick<Booking, 'booked_at' | 'refund'>,
  origin: BookingOrigin | undefined,
): 'inside' | 'outside' | 'undecided' {
  const { earliest, latest } = timeSpan(booking, origin);
  const first = earliest - CLOCK_TOLERANCE_MS;
  const last = latest + CLOCK_TOLERANCE_MS;
  if (first >= day.start && last < day.end) return 'inside';
  return last < day.start || first >= day.end ? 'outside' : 'undecided';
}

function timeSpan(
  { booked_at, refund }: Pick<Booking, 'booked_at' | 'refund'>,
  origin: BookingOrigin | undefined,
): { earliest: number; latest: number } {
  const latest = Date.parse(booked_at);
  // An order whose provider did not say when it was paid has the time of the booking in its place.
  if (origin?.paid_at && origin.paid_at !== booked_at) {
    const paid = Date.parse(origin.paid_at);
    return { earliest: paid, latest: paid };
  }
  const created = origin ? Date.parse(origin.created_at) : latest - LONGEST_DELAY_MS;
  // A refund is in the bill of the day it was taken on, which can be days before it is booked as done.
  const earliest = refund === null ? Math.max(created, latest - LONGEST_DELAY_MS) : created;
  return { earliest, latest };
}
