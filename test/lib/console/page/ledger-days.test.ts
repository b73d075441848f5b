import { describe, expect, it } from 'vitest';
import { dayPlots } from '../../../../lib/console/page/ledger-days.ts';

const day = (
  date: number,
  ...sums: readonly (readonly [currency: string, debit: string, credit: string])[]
) => ({
  from: `2026-11-${date}T16:00:00.000Z`,
  sums: sums.map(([currency, debit, credit]) => ({ currency, debit, credit })),
});
const seconds = (date: number) => Date.parse(`2026-11-${date}T16:00:00.000Z`) / 1_000;

describe('the plots of days', () => {
  it('are one for each currency, with nothing on days that have none of it', () => {
    expect(dayPlots([day(20, ['CNY', '5.00', '19.99']), day(21), day(22, ['USD', '0.50', '0.00'])])).toEqual([
      {
        currency: 'CNY',
        times: [seconds(20), seconds(21), seconds(22)],
        series: [
          { side: 'debit', values: [5, 0, 0] },
          { side: 'credit', values: [19.99, 0, 0] },
        ],
      },
      {
        currency: 'USD',
        times: [seconds(20), seconds(21), seconds(22)],
        series: [{ side: 'debit', values: [0, 0, 0.5] }],
      },
    ]);
  });

  it('leave out a side on which nothing was booked, and all where nothing was', () => {
    expect(dayPlots([day(20, ['CNY', '0.00', '19.99'])])).toMatchObject([{ series: [{ side: 'credit' }] }]);
    expect(dayPlots([day(20, ['CNY', '0.00', '0.00']), day(21)])).toEqual([]);
    expect(dayPlots([])).toEqual([]);
  });
});
