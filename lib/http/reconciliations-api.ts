import { formatAmount } from '../money.ts';
import { type Provider, providers } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import { currencyFormat } from '../providers/facts.ts';
import { isDate } from '../reconciliation/day.ts';
import type { DayResult } from '../reconciliation/day-result.ts';
import type { Sums } from '../reconciliation/tally.ts';
import { invalidField } from './api-error.ts';
import { csvTable } from './csv.ts';
import { periodTooLong, readListed } from './period.ts';
import { encodeCursor, readLimit, readOneOf, readTogether } from './query-parameters.ts';
import type { Reconciliation, ReconciliationsPage } from './responses/books.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 31;
const DEFAULT_DAYS = 7;
/** Days are the providers' own, of which those in China begin first. */
const FIRST_DAY_MS = 8 * 3_600_000;

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
  const { provider, listed, limit } = readTogether({
    provider: () => readOneOf('provider', providers, query['provider']),
    listed: () => readListed(query, (bounds) => readDays(bounds, now), isDayWithin),
    limit: () => readLimit(query['limit']),
  });
  const { period, after } = listed;
  return { providers: provider === undefined ? providers : [provider], ...period, after, limit };
}

type Days = Pick<ReconciliationsRequest, 'from' | 'to'>;

const isDayWithin = ({ from, to }: Days, at: string): boolean => {
  const day = dateOf(Date.parse(at));
  return day >= from && day <= to;
};

function readDays(query: Parameters, now: number): Days {
  const named = readTogether({ from: () => readDate(query, 'from'), to: () => readDate(query, 'to') });
  const newest = dateOf(now + FIRST_DAY_MS);
  const to = named.to ?? newest;
  const from = named.from ?? dateOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
  if (from > to) throw invalidField('from', { zh: '不得晚于 to', en: 'must not be after to' });
  // Who counts days by UTC need not know that China's newest has begun: it is named by default, and by the cursor.
  const counted = to === newest ? dateOf(now) : to;
  if (Date.parse(counted) - Date.parse(from) >= MAX_DAYS * DAY_MS) throw periodTooLong(MAX_DAYS);
  return { from, to };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function readDate(query: Parameters, field: 'from' | 'to'): string | null {
  const text = query[field];
  if (text === undefined) return null;
  if (!isDate(text)) {
    throw invalidField(field, { zh: '须为日期，如 2026-11-22', en: 'must be a date, such as 2026-11-22' });
  }
  return text;
}

/** What a client is told of reconciled days. */
export const reconciliationsReply = (
  { from, to }: Days,
  { items, next }: Page<DayResult>,
): ReconciliationsPage => ({
  reconciliations: items.map(showDay),
  cursor: next && encodeCursor(next, from, to),
});

/**
 * With a row for each currency of a day, so that amounts can be added up; the counts of a day stand in its first. A day
 * on which nothing moved has one row.
 */
export const reconciliationsCsv = csvTable(
  [
    ...(['provider', 'merchant', 'day', 'state', 'started_at', 'finished_at', 'rows', 'agreed'] as const),
    ...(['settled', 'under_way', 'undecided', 'foreign', 'missing_here', 'missing_there'] as const),
    ...(['other_amount', 'unknown_row', 'currency', 'payments', 'refunds', 'disputes'] as const),
    ...(['payment_fees', 'refund_fees', 'dispute_fees'] as const),
  ],
  ({ reconciliations }: ReconciliationsPage) => reconciliations.flatMap(rowsOf),
);

function rowsOf({ sums, fees, differences, ...day }: Reconciliation) {
  const currencies = [...new Set([...sums, ...fees].map(({ currency }) => currency))].sort();
  return (currencies.length > 0 ? currencies : [null]).map((currency, index) => {
    const count = (value: number) => (index === 0 ? value : null);
    const amount = (of: typeof sums, kind: (typeof sums)[number]['kind']) =>
      of.find((one) => one.kind === kind && one.currency === currency)?.amount ?? null;
    return {
      ...day,
      rows: count(day.rows),
      agreed: count(day.agreed),
      settled: count(day.settled),
      under_way: count(day.under_way),
      undecided: count(day.undecided),
      foreign: count(day.foreign),
      missing_here: count(differences.missing_here),
      missing_there: count(differences.missing_there),
      other_amount: count(differences.other_amount),
      unknown_row: count(differences.unknown_row),
      currency,
      payments: amount(sums, 'payment'),
      refunds: amount(sums, 'refund'),
      disputes: amount(sums, 'dispute'),
      payment_fees: amount(fees, 'payment'),
      refund_fees: amount(fees, 'refund'),
      dispute_fees: amount(fees, 'dispute'),
    };
  });
}

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
