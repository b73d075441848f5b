import { describe, expect, it } from 'vitest';
import { dayGrid, differencesOf, periodSums } from '../../../../lib/console/page/day-grid.ts';
import type { Reconciliation } from '../../../../lib/http/responses/books.ts';

const resultOf = (changes: Partial<Reconciliation> = {}): Reconciliation => ({
  ...{ provider: 'wechat', merchant: '1900000001', day: '2026-11-24', state: 'agreed' },
  ...{ rows: 0, agreed: 0, settled: 0, under_way: 0, undecided: 0, foreign: 0 },
  differences: { missing_here: 0, missing_there: 0, other_amount: 0, unknown_row: 0 },
  ...{ others: [], sums: [], fees: [], started_at: '2026-11-25T02:00:00.000Z', finished_at: null },
  ...changes,
});

describe('the grid', () => {
  it('has each day of the period, the newest first, and a row for each merchant', () => {
    const first = resultOf();
    const second = resultOf({ day: '2026-11-26', state: 'differs' });
    const grid = dayGrid([second, first], '2026-11-24', '2026-11-26');
    expect(grid.days).toEqual(['2026-11-26', '2026-11-25', '2026-11-24']);
    expect(grid.rows).toEqual([{ provider: 'wechat', merchant: '1900000001', cells: [second, null, first] }]);
  });

  it('has its rows in one order, whatever the order of the results', () => {
    const results = [
      resultOf({ provider: 'stripe', merchant: 'acct_1.test' }),
      resultOf({ merchant: '1900000008' }),
      resultOf(),
    ];
    expect(dayGrid(results, '2026-11-24', '2026-11-24').rows.map(({ merchant }) => merchant)).toEqual([
      '1900000001',
      '1900000008',
      'acct_1.test',
    ]);
  });

  it('goes over the end of a month', () => {
    expect(dayGrid([], '2026-02-27', '2026-03-01').days).toEqual(['2026-03-01', '2026-02-28', '2026-02-27']);
  });

  it('of a period that ends before it begins has no days', () => {
    expect(dayGrid([resultOf()], '2026-11-26', '2026-11-20').days).toEqual([]);
  });
});

it('the differences of a day are those of all kinds', () => {
  const differences = { missing_here: 1, missing_there: 2, other_amount: 0, unknown_row: 4 };
  expect(differencesOf({ differences })).toBe(7);
});

describe('the sums of a period', () => {
  it('are added up by provider and currency, fees of every kind together', () => {
    const sums = [
      { kind: 'payment', currency: 'CNY', amount: '19.99' },
      { kind: 'refund', currency: 'CNY', amount: '5.00' },
    ] as const;
    const fees = [
      { kind: 'payment', currency: 'CNY', amount: '0.12000' },
      { kind: 'refund', currency: 'CNY', amount: '-0.03000' },
    ] as const;
    const results = [
      resultOf({ sums: [...sums], fees: [...fees] }),
      resultOf({ day: '2026-11-25', sums: [...sums] }),
      resultOf({ provider: 'stripe', sums: [{ kind: 'dispute', currency: 'USD', amount: '1.00' }] }),
    ];
    expect(periodSums(results)).toEqual([
      {
        ...{ provider: 'wechat', currency: 'CNY', payment: '39.98', refund: '10.00', dispute: '0' },
        ...{ fees: '0.09', net: '29.89' },
      },
      {
        ...{
          provider: 'stripe',
          currency: 'USD',
          payment: '0',
          refund: '0',
          dispute: '1.00',
          fees: '0',
          net: '-1.00',
        },
      },
    ]);
  });

  it('leave out what has no unit', () => {
    const sums = [{ kind: 'payment', currency: 'XYZ', amount: null }] as const;
    expect(periodSums([resultOf({ sums: [...sums] })])).toMatchObject([{ currency: 'XYZ', payment: '0' }]);
  });
});
