import { describe, expect, it } from 'vitest';
import type { Position } from '../../../lib/orders/page.ts';
import {
  createDaySums,
  type LedgerEntry,
  type LedgerStore,
  readLedger,
} from '../../../lib/orders/read-ledger.ts';

const period = { from: '2026-11-20T16:00:00.000Z', to: '2026-11-23T04:00:00.000Z' };
const days = ['2026-11-20T16:00:00.000Z', '2026-11-21T16:00:00.000Z', '2026-11-22T16:00:00.000Z'];
const entry = (booked_at: string, amount: number, changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ kind: 'payment', order_no: 'mall-1', debit: 'provider:wechat.1', credit: 'shop:mall', amount },
  ...{ currency: 'CNY', provider: 'wechat', merchant: '1', transaction_id: null, booked_at },
  ...changes,
});
const wechat = { provider: 'wechat', currency: 'CNY' } as const;

describe('the sums of days', () => {
  it('are of 24 hours each from the start of the period on, and the last of what is left', () => {
    const sums = createDaySums(period);
    sums.add('credit', [
      entry('2026-11-20T16:00:00.000Z', 1),
      entry('2026-11-21T15:59:59.999Z', 2),
      entry('2026-11-22T16:00:00.000Z', 4),
      entry('2026-11-23T03:59:59.999Z', 8),
    ]);
    sums.add('debit', [entry('2026-11-22T16:00:00.000Z', 16)]);
    expect(sums.days()).toEqual([
      { from: days[0], sums: [{ ...wechat, debit: 0n, credit: 3n }] },
      { from: days[1], sums: [] },
      { from: days[2], sums: [{ ...wechat, debit: 16n, credit: 12n }] },
    ]);
  });

  it('are kept apart by provider and currency, and are exact', () => {
    const sums = createDaySums(period);
    const most = Number.MAX_SAFE_INTEGER;
    const stripe = { provider: 'stripe', currency: 'CNY' } as const;
    const at = period.from;
    sums.add('credit', [
      entry(at, most),
      entry(at, most),
      entry(at, 1, stripe),
      entry(at, 1, { currency: 'USD' }),
    ]);
    expect(sums.days()[0]?.sums).toEqual([
      { ...wechat, debit: 0n, credit: 2n * BigInt(most) },
      { ...stripe, debit: 0n, credit: 1n },
      { ...wechat, currency: 'USD', debit: 0n, credit: 1n },
    ]);
  });

  it('take nothing of another time', () => {
    for (const at of ['2026-11-20T15:59:59.999Z', '2026-11-23T16:00:00.000Z']) {
      expect(() => createDaySums(period).add('debit', [entry(at, 1)])).toThrow('outside of the period');
    }
  });
});

describe('a page of a ledger', () => {
  const account = { name: 'shop:mall', tenant_id: null, merchant: null };
  const items = [entry(days[0] ?? '', 5), entry(days[1] ?? '', 7)];
  const ofDays = [
    { from: days[0] ?? '', sums: [{ ...wechat, debit: 0n, credit: 5n }] },
    { from: days[1] ?? '', sums: [{ ...wechat, debit: 0n, credit: 7n }] },
    { from: days[2] ?? '', sums: [] },
  ];
  const total = [{ ...wechat, debit: 0n, credit: 12n }];
  const storeOf = (next: Position | null, summed: typeof ofDays | null): LedgerStore => ({
    readPage: async () => ({ items, next }),
    sumDays: async () => summed,
  });
  const read = (store: LedgerStore, after: Position | null = null) =>
    readLedger(store, { account, period, after, limit: 2 });
  const place = { at: days[1] ?? '', key: 'k' };

  it('has sums by day and in all, whether it is all there is or not', async () => {
    expect(await read(storeOf(null, null))).toEqual({
      page: { items, next: null },
      days: ofDays,
      sums: total,
    });
    expect(await read(storeOf(place, ofDays))).toMatchObject({ days: ofDays, sums: total });
  });

  it('has none once it goes on', async () => {
    expect(await read(storeOf(place, ofDays), place)).toMatchObject({ days: null, sums: null });
  });

  it('is none where there is more than can be added up', async () => {
    expect(await read(storeOf(place, null))).toBeNull();
  });
});
