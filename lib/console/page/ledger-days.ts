import type { LedgerPage } from '../../http/responses/books.ts';
import { isNothing } from './format.ts';

export const sides = ['debit', 'credit'] as const;
export type Side = (typeof sides)[number];

type LedgerDay = NonNullable<LedgerPage['days']>[number];

/** What is drawn of a currency: bars of each day, of those sides on which something was booked. */
export interface DayPlot {
  readonly currency: string;
  /** When each day begins; seconds since 1970. */
  readonly times: readonly number[];
  readonly series: readonly { readonly side: Side; readonly values: readonly number[] }[];
}

/**
 * The plots of an account's days, one for each currency: a plot of several would add what cannot be added. A day without
 * a sum of the currency counts as nothing. There is none where nothing was booked, and no series that is nothing alone.
 */
export function dayPlots(days: readonly LedgerDay[]): readonly DayPlot[] {
  const currencies = [...new Set(days.flatMap(({ sums }) => sums.map(({ currency }) => currency)))].sort();
  const times = days.map(({ from }) => Date.parse(from) / 1_000);
  return currencies.flatMap((currency) => {
    const series = sides
      .map((side) => ({ side, texts: days.map((day) => amountOf(day, currency, side)) }))
      .filter(({ texts }) => !texts.every(isNothing))
      .map(({ side, texts }) => ({ side, values: texts.map(Number) }));
    return series.length === 0 ? [] : [{ currency, times, series }];
  });
}

/** What was booked on a side that day; `0` where nothing was. */
export const amountOf = ({ sums }: LedgerDay, currency: string, side: Side): string =>
  sums.find((sum) => sum.currency === currency)?.[side] ?? '0';
