import { formatAmount } from '../money.ts';
import { isOneOf, type Provider, providers } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { currencyFormat } from '../providers/facts.ts';
import { isDate } from '../reconciliation/day.ts';
import type { DayResult } from '../reconciliation/day-result.ts';
import type { Sums } from '../reconciliation/tally.ts';
import { decodeCursor, encodeCursor, readLimit } from './query-parameters.ts';
import { ApiError } from './reply.ts';
import type { Reconciliation, ReconciliationsPage } from './responses.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
const DEFAULT_DAYS = 7;

type Parameters = Readonly<Record<string, string | undefined>>;

export interface ReconciliationsRequest {
  readonly providers: readonly Provider[];
  /** YYYY-MM-DD, both included. */
  readonly from: string;
  readonly to: string;
  readonly after: Position | null;
  readonly limit: number;
}

/** Which days are asked for: by default those of the last week. @throws ApiError */
export function readReconciliationsRequest(query: Parameters, now: number): ReconciliationsRequest {
  const { provider, cursor, limit } = query;
  if (provider !== undefined && !isOneOf(providers, provider)) {
    throw new ApiError(400, `provider 须为 ${providers.join('、')} 之一`);
  }
  const to = readDate(query, 'to') ?? dateOf(now);
  const from = readDate(query, 'from') ?? dateOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  if (from > to) throw new ApiError(400, 'from 不得晚于 to');
  if (Date.parse(to) - Date.parse(from) >= MAX_DAYS * DAY_MS) {
    throw new ApiError(400, `from 到 to 不能超过 ${MAX_DAYS} 天`);
  }
  return {
    providers: provider === undefined ? providers : [provider],
    from,
    to,
    after: cursor === undefined ? null : decodeCursor(cursor, 0).after,
    limit: readLimit(limit),
  };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function readDate(query: Parameters, field: 'from' | 'to'): string | null {
  const text = query[field];
  if (text === undefined) return null;
  if (!isDate(text)) throw new ApiError(400, `${field} 须为日期，如 2026-11-22`);
  return text;
}

/** What a client is told of reconciled days. */
export const reconciliationsReply = ({ items, next }: Page<DayResult>): ReconciliationsPage => ({
  reconciliations: items.map(showDay),
  cursor: next && encodeCursor(next),
});

/** A fee has three decimals more than its currency. */
const FEE_DIGITS = 3;

function showDay(result: DayResult): Reconciliation {
  const { provider, merchant, day, state, started_at, finished_at } = result;
  const { rows, agreed, settled, under_way, undecided, foreign, differences, others } = result;
  return {
    ...{ provider, merchant, day, state, rows, agreed, settled, under_way, undecided, foreign },
    differences,
    others: Object.entries(others).map(([name, count]) => ({ name, count })),
    sums: showSums(provider, result.sums, 0),
    fees: showSums(provider, result.fees, FEE_DIGITS),
    started_at,
    finished_at,
  };
}

function showSums(provider: Provider, sums: Sums, furtherDigits: number): Reconciliation['sums'] {
  return (['payment', 'refund', 'dispute'] as const).flatMap((kind) =>
    Object.entries(sums[kind] ?? {}).map(([currency, sum]) => {
      const format = currencyFormat(provider, currency);
      const text = format && formatAmount(Math.abs(sum), { digits: format.digits + furtherDigits, step: 1 });
      return { kind, currency, amount: text === undefined ? null : `${sum < 0 ? '-' : ''}${text}` };
    }),
  );
}
