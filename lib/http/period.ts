import { isoTime } from '../io.ts';
import type { Position } from '../orders/page.ts';
import type { Period } from '../orders/read-ledger.ts';
import type { Wording } from '../wording.ts';
import { ApiError, invalidField } from './api-error.ts';
import { badCursor, decodeCursor, parseInstant, readTogether } from './query-parameters.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;

type Bounds = Readonly<Partial<Record<'from' | 'to', string | undefined>>>;

/** The period between two instants: by default up to now, and so many days long. @throws ApiError */
function readPeriod(bounds: Bounds, now: number, defaultDays: number): Period {
  const named = readTogether({
    from: () => readInstant(bounds, 'from'),
    to: () => readInstant(bounds, 'to'),
  });
  const to = named.to ?? isoTime(now);
  const from = named.from ?? isoTime(Date.parse(to) - defaultDays * DAY_MS);
  if (from >= to) throw invalidField('from', { zh: '须早于 to', en: 'must be before to' });
  if (Date.parse(to) - Date.parse(from) > MAX_DAYS * DAY_MS) throw periodTooLong(MAX_DAYS);
  return { from, to };
}

type ListBounds = Bounds & { readonly cursor?: string | undefined };

/** Of a list that has a period of its own kind, that, and where in it a page begins. */
export interface ListedPeriod<Own = Period> {
  readonly period: Own;
  readonly after: Position | null;
}

/** The period of a list of instants. @throws ApiError */
export const readListedPeriod = (bounds: ListBounds, now: number, defaultDays: number): ListedPeriod =>
  readListed(
    bounds,
    (named) => readPeriod(named, now, defaultDays),
    ({ from, to }, at) => at >= from && at < to,
  );

/**
 * The period of a list, as `read` makes it of what is named. A cursor carries the period that it was given out for, so
 * that a period that ends now does not move while it is read. @throws ApiError
 */
export function readListed<Own extends Readonly<Record<'from' | 'to', string>>>(
  { cursor, ...bounds }: ListBounds,
  read: (bounds: Bounds) => Own,
  isWithin: (period: Own, at: string) => boolean,
): ListedPeriod<Own> {
  if (cursor === undefined) return { period: read(bounds), after: null };
  const { after, times } = decodeCursor(cursor, 2);
  const [from = '', to = ''] = times;
  const period = read({ from, to, ...bounds });
  const isOfPeriod = period.from === from && period.to === to && isWithin(period, after.at);
  if (!isOfPeriod) throw badCursor();
  return { period, after };
}

export const periodTooLong = (days: number): ApiError =>
  new ApiError(
    400,
    'invalid_field',
    {
      zh: `from 到 to 不能超过 ${days} 天`,
      en: `from and to must not be more than ${days} days apart`,
    },
    { field: ['from', 'to'] },
  );

/** What is wrong with what is no instant. */
export const mustBeInstant: Wording = {
  zh: '须为 UTC 时间或日期，如 2026-11-21T16:00:00Z 或 2026-11-22',
  en: 'must be a time in UTC or a date, such as 2026-11-21T16:00:00Z or 2026-11-22',
};

function readInstant(bounds: Bounds, field: 'from' | 'to'): string | null {
  const text = bounds[field];
  if (text === undefined) return null;
  const instant = parseInstant(text);
  if (instant === null) throw invalidField(field, mustBeInstant);
  return instant;
}
