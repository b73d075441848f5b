import { describe, expect, it } from 'vitest';
import { encodeCursor } from '../../../lib/http/query-parameters.ts';
import {
  readReconciliationsRequest,
  reconciliationsCsv,
  reconciliationsReply,
} from '../../../lib/http/reconciliations-api.ts';
import { allProviders } from '../../../lib/providers/all.ts';
import { providerDay } from '../../../lib/reconciliation/day.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';

const now = Date.parse('2026-11-22T08:00:00.000Z');
const days = { from: '2026-11-16', to: '2026-11-22' };
const read = (query: Readonly<Record<string, string>>) => readReconciliationsRequest(query, now);

describe('readReconciliationsRequest', () => {
  it('asks for the last week of every provider where nothing is said', () => {
    expect(read({})).toEqual({
      providers: ['wechat', 'alipay', 'stripe'],
      ...{ from: '2026-11-16', to: '2026-11-22', after: null, limit: 50 },
    });
  });

  it('ends with the day that has begun in China, whose days are those of its providers', () => {
    const evening = Date.parse('2026-11-22T16:00:00.000Z');
    expect(readReconciliationsRequest({}, evening)).toMatchObject({ from: '2026-11-17', to: '2026-11-23' });
    expect(readReconciliationsRequest({}, evening - 1)).toMatchObject({ to: '2026-11-22' });
    const begins = allProviders.map(({ facts }) => providerDay(facts.bill, '2026-11-23').start);
    expect(Math.min(...begins)).toBe(evening);
  });

  it('takes 31 days, both ends included', () => {
    const days = { from: '2026-10-01', to: '2026-10-31' };
    expect(read({ provider: 'alipay', ...days })).toMatchObject({ ...days, providers: ['alipay'] });
  });

  it('takes the 31 days up to today in UTC by their first alone, though China has begun another', () => {
    const evening = Date.parse('2026-11-22T16:00:00.000Z');
    for (const time of [evening - 1, evening]) {
      expect(readReconciliationsRequest({ from: '2026-10-23' }, time)).toMatchObject({ from: '2026-10-23' });
      expect(() => readReconciliationsRequest({ from: '2026-10-22' }, time)).toThrow('31');
    }
  });

  it.each([
    [{ provider: 'paypal' }, 'provider'],
    [{ from: '2026-02-30' }, 'from'],
    [{ to: '2026-11-22T00:00:00Z' }, 'to'],
    [{ from: '2026-11-23' }, 'from'],
    [{ from: '2026-10-01', to: '2026-11-01' }, '31'],
    [{ limit: '101' }, 'limit'],
    [{ cursor: 'x' }, 'cursor'],
  ])('refuses %j', (query, word) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({ statusCode: 400, message: expect.stringContaining(word) }),
    );
  });
});

describe('a page of days', () => {
  const cursorAt = (at: string, key = 'k') => encodeCursor({ at, key }, days.from, days.to);

  it('is followed by that of the same days, though others have become the default', () => {
    const next = { at: '2026-11-16T00:00:00.000Z', key: 'k' };
    const { cursor } = reconciliationsReply(days, { items: [], next });
    const tomorrow = readReconciliationsRequest({ cursor: String(cursor) }, now + 86_400_000);
    expect(tomorrow).toMatchObject({ ...days, after: next });
  });

  it('is followed while China alone has begun the last of them', () => {
    const evening = Date.parse('2026-11-22T16:00:00.000Z');
    const most = { from: '2026-10-23', to: '2026-11-23' };
    const next = { at: '2026-11-23T00:00:00.000Z', key: 'k' };
    const { cursor } = reconciliationsReply(most, { items: [], next });
    expect(readReconciliationsRequest({ cursor: String(cursor) }, evening)).toMatchObject(most);
  });

  it.each([
    ['before them', cursorAt('2026-11-15T00:00:00.000Z')],
    ['behind them', cursorAt('2026-11-23T00:00:00.000Z')],
    [
      'of another list, whose cursors have no period',
      encodeCursor({ at: '2026-11-16T00:00:00.000Z', key: 'k' }),
    ],
    ['that no key of the table can be', cursorAt('2026-11-16T00:00:00.000Z', '商'.repeat(321))],
  ])('begins at no place %s', (_, cursor) => {
    expect(() => read({ cursor })).toThrow(expect.objectContaining({ fields: ['cursor'] }));
  });

  it('begins at no place of other days than are asked for', () => {
    const cursor = cursorAt('2026-11-20T00:00:00.000Z');
    expect(read({ cursor, ...days })).toMatchObject({ ...days, after: { key: 'k' } });
    expect(() => read({ cursor, from: '2026-11-15' })).toThrow(
      expect.objectContaining({ fields: ['cursor'] }),
    );
  });
});

describe('reconciliationsReply', () => {
  it("shows sums in their currency's unit, and fees to the last digit", () => {
    const tally = {
      ...emptyTally(),
      others: { payout: 2 },
      sums: { payment: { USD: 1999, JPY: 500 }, refund: { USD: -300, XXX: 1 } },
      fees: { payment: { GBP: 58_001 }, refund: { GBP: -1 } },
    };
    const times = { started_at: '2026-11-22T02:00:00.000Z', finished_at: null };
    const result = {
      provider: 'stripe',
      merchant: 'acct_1.test',
      day: '2026-11-21',
      state: 'running',
    } as const;
    const items = [{ ...result, ...tally, ...times, version: 3, runs: 2, position: null }];
    const { names: _names, ...counts } = emptyTally();
    expect(reconciliationsReply(days, { items, next: null })).toEqual({
      reconciliations: [
        {
          ...{ ...counts, ...result, ...times },
          others: [{ name: 'payout', count: 2 }],
          sums: [
            { kind: 'payment', currency: 'USD', amount: '19.99' },
            { kind: 'payment', currency: 'JPY', amount: '500' },
            { kind: 'refund', currency: 'USD', amount: '-3.00' },
            { kind: 'refund', currency: 'XXX', amount: null },
          ],
          fees: [
            { kind: 'payment', currency: 'GBP', amount: '0.58001' },
            { kind: 'refund', currency: 'GBP', amount: '-0.00001' },
          ],
        },
      ],
      cursor: null,
    });
  });
});

describe('reconciliationsCsv', () => {
  const day = { provider: 'stripe', merchant: 'acct_1.test', day: '2026-11-21', state: 'agreed' } as const;
  const times = { started_at: '2026-11-22T02:00:00.000Z', finished_at: '2026-11-22T02:01:00.000Z' };
  const rowsOf = (tally: Partial<ReturnType<typeof emptyTally>>) => {
    const item = { ...day, ...emptyTally(), ...tally, ...times, version: 3, runs: 2, position: null };
    const { columns, rows } = reconciliationsCsv;
    return rows(reconciliationsReply(days, { items: [item], next: null })).map((row) =>
      Object.fromEntries(columns.map((name, index) => [name, row[index]])),
    );
  };

  it('has a row for each currency that moved, and what was counted once', () => {
    const rows = rowsOf({
      rows: 7,
      differences: { ...emptyTally().differences, other_amount: 2 },
      sums: { payment: { USD: 1999, JPY: 500 }, refund: { USD: -300 } },
      fees: { payment: { GBP: 58_001, USD: 61_000 } },
    });
    expect(rows).toMatchObject([
      {
        ...day,
        rows: 7,
        agreed: 0,
        other_amount: 2,
        currency: 'GBP',
        payments: null,
        payment_fees: '0.58001',
      },
      { ...day, rows: null, agreed: null, other_amount: null, currency: 'JPY', payments: '500' },
      { ...day, rows: null, currency: 'USD', payments: '19.99', refunds: '-3.00', payment_fees: '0.61000' },
    ]);
    expect(rows[2]).toMatchObject({ disputes: null, refund_fees: null, dispute_fees: null, ...times });
  });

  it('has a day on which nothing moved', () => {
    expect(rowsOf({ rows: 1 })).toMatchObject([{ ...day, rows: 1, currency: null, payments: null }]);
  });
});
