import { isoTime } from '../io.ts';
import type { Period } from '../orders/read-ledger.ts';
import { parseInstant } from './query-parameters.ts';
import { ApiError } from './reply.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;

type Bounds = Readonly<Partial<Record<'from' | 'to', string | undefined>>>;

/** The period between two instants: by default up to now, and so many days long. @throws ApiError */
export function readPeriod(bounds: Bounds, now: number, defaultDays: number): Period {
  const to = readInstant(bounds, 'to') ?? isoTime(now);
  const from = readInstant(bounds, 'from') ?? isoTime(Date.parse(to) - defaultDays * DAY_MS);
  if (from >= to) throw new ApiError(400, 'from 须早于 to');
  if (Date.parse(to) - Date.parse(from) > MAX_DAYS * DAY_MS) {
    throw new ApiError(400, `from 与 to 相隔不能超过 ${MAX_DAYS} 天`);
  }
  return { from, to };
}

function readInstant(bounds: Bounds, field: 'from' | 'to'): string | null {
  const text = bounds[field];
  if (text === undefined) return null;
  const instant = parseInstant(text);
  if (instant === null) {
    throw new ApiError(400, `${field} 须为 UTC 时间或日期，如 2026-11-21T16:00:00Z 或 2026-11-22`);
  }
  return instant;
}
