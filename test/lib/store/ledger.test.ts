import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import type { JournalEntry } from '../../../lib/orders/journal.ts';
import { type LedgerEntry, type Period, readLedger } from '../../../lib/orders/ledger.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { entryItem } from '../../../lib/store/journal-item.ts';
import type { ItemKey } from '../../../lib/store/keys.ts';
import { createLedgerStore, MAX_SUMMED_ENTRIES } from '../../../lib/store/ledger-store.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const period: Period = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const start = Date.parse(period.from);
const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
const HOUR_MS = 3_600_000;

let lastOrder = 0;
let lastTenant = 0;
const newAccount = () => `tenant:${++lastTenant}`;

type Booking = JournalEntry & { readonly sk: string };

function payment(account: string, booked_at: string, changes: Partial<Booking> = {}): Booking {
  return {
    order_no: `order-${++lastOrder}`,
    sk: 'ENTRY#PAYMENT',
    debit: 'provider:stripe',
    credit: account,
    amount: lastOrder,
    currency: 'USD',
    provider: 'stripe',
    transaction_id: `T${lastOrder}`,
    booked_at,
    ...changes,
  };
}

const refund = (account: string, booked_at: string, changes: Partial<Booking> = {}) =>
  payment(account, booked_at, {
    sk: 'ENTRY#REFUND#1',
    debit: account,
    credit: 'provider:stripe',
    ...changes,
  });

async function book(bookings: readonly Booking[]): Promise<void> {
  const { client, tableName } = store.context;
  for (let index = 0; index < bookings.length; index += 25) {
    const requests = bookings.slice(index, index + 25).map(({ sk, ...entry }) => {
      const key: ItemKey = { pk: `ORDER#${entry.order_no}`, sk };
      return { PutRequest: { Item: entryItem(key, entry) } };
    });
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}

const readPage = (account: string, limit: number, after: Position | null = null, within = period) =>
  createLedgerStore(store.context).readPage(account, within, after, limit);

async function readAll(
  account: string,
  limit: number,
  between: (page: Page<LedgerEntry>) => Promise<void> = async () => {},
): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  let after: Position | null = null;
  do {
    const page: Page<LedgerEntry> = await readPage(account, limit, after);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    entries.push(...page.items);
    await between(page);
    after = page.next;
  } while (after);
  return entries;
}

const byPlace = (left: JournalEntry, right: JournalEntry) => {
  const [a, b] = [`${left.booked_at} ${left.order_no}`, `${right.booked_at} ${right.order_no}`];
  return a < b ? -1 : 1;
};
const numbers = (entries: readonly JournalEntry[]) => entries.map(({ order_no }) => order_no);

describe('a page of the ledger', () => {
  it.each([1, 7, 50, 100])('gives both sides in the order of time, %i at a time', async (limit) => {
    const account = newAccount();
    // Scattered over the three days, a few at the same time.
    const bookings = Array.from({ length: 120 }, (_, n) =>
      (n % 3 === 0 ? refund : payment)(account, at(((n * 7919) % 71) * HOUR_MS)),
    );
    await book(bookings);
    await book([payment(newAccount(), at(0)), payment(`${account}000`, at(0))]);
    expect(numbers(await readAll(account, limit))).toEqual(numbers(bookings.toSorted(byPlace)));
  });

  it('says what was booked', async () => {
    const account = newAccount();
    const bookings = [
      payment(account, at(0)),
      refund(account, at(1)),
      refund(account, at(2), { sk: 'ENTRY#REFUND#1#2' }),
      payment(account, at(3), { sk: 'ENTRY#SUSPENSE#stripe#T#1' }),
    ];
    await book(bookings);
    const kinds = ['payment', 'refund', 'refund', 'suspense'];
    const { items, next } = await readPage(account, 10);
    expect(items).toEqual(bookings.map(({ sk: _, ...entry }, index) => ({ kind: kinds[index], ...entry })));
    expect(next).toBeNull();
  });

  it('has the first instant of the period and not the last', async () => {
    const account = newAccount();
    const times = [-1, 0, 1, 2, 3].map(at);
    await book(times.map((time) => payment(account, time)));
    const { items } = await readPage(account, 10, null, { from: at(0), to: at(2) });
    expect(items.map(({ booked_at }) => booked_at)).toEqual([at(0), at(1)]);
  });

  it('tells apart what was booked at the same time, however much it is', async () => {
    const account = newAccount();
    const bookings = Array.from({ length: 400 }, () => payment(account, at(HOUR_MS)));
    const sameOrder = bookings.map((booking, n) => ({
      ...booking,
      order_no: 'order-0',
      sk: `ENTRY#REFUND#${n}`,
    }));
    await book([...bookings, ...sameOrder]);
    const read = await readAll(account, 90);
    expect(read).toHaveLength(800);
    expect(new Set(read.map(({ order_no, transaction_id }) => `${order_no} ${transaction_id}`)).size).toBe(
      800,
    );
  });

  it('fails rather than leave something out', async () => {
    const account = newAccount();
    const bookings = Array.from({ length: 1_100 }, (_, n) =>
      payment(account, at(0), { order_no: 'order-0', sk: `ENTRY#REFUND#${n}` }),
    );
    await book(bookings);
    await expect(readPage(account, 10)).rejects.toThrow('more items of one time');
  });

  it('ends with the last entry, and goes on when a day fills it exactly', async () => {
    const account = newAccount();
    await book([0, 1, 30].map((hour) => payment(account, at(hour * HOUR_MS))));
    const first = await readPage(account, 2);
    expect(first.items).toHaveLength(2);
    const second = await readPage(account, 1, first.next);
    expect(second.items).toHaveLength(1);
    expect(second.next).toBeNull();
  });

  it('neither loses nor repeats an entry when others arrive meanwhile', async () => {
    const account = newAccount();
    const bookings = Array.from({ length: 40 }, (_, n) => payment(account, at(n * HOUR_MS)));
    await book(bookings);
    const later: Booking[] = [];
    const read = await readAll(account, 6, async ({ next }) => {
      if (!next) return;
      const before = payment(account, at(Date.parse(next.at) - start - 1));
      const behind = payment(account, at(Date.parse(next.at) - start + 1));
      if (later.length < 5) {
        later.push(behind);
        await book([before, behind]);
      }
    });
    expect(numbers(read)).toEqual(numbers([...bookings, ...later].toSorted(byPlace)));
  });
});

describe('the sums', () => {
  const sums = async (account: string, limit: number, after: Position | null = null) => {
    const request = { account: { name: account, tenant_id: null }, period, after, limit };
    return (await readLedger(createLedgerStore(store.context), request))?.sums;
  };

  it.each([1, 100])('are exact and of the whole period, whatever the page: %i', async (limit) => {
    const account = newAccount();
    const most = Number.MAX_SAFE_INTEGER;
    const yuan = { currency: 'CNY', provider: 'wechat' } as const;
    await book([
      payment(account, at(0), { amount: most }),
      payment(account, at(30 * HOUR_MS), { amount: most }),
      refund(account, at(60 * HOUR_MS), { amount: 5 }),
      payment(account, at(61 * HOUR_MS), { amount: 7, ...yuan }),
      payment(account, at(72 * HOUR_MS), { amount: 1_000 }),
    ]);
    const expected = [
      { provider: 'stripe', currency: 'USD', debit: 5n, credit: 2n * BigInt(most) },
      { provider: 'wechat', currency: 'CNY', debit: 0n, credit: 7n },
    ];
    expect(await sums(account, limit)).toEqual(expect.arrayContaining(expected));
    expect(await sums(account, limit)).toHaveLength(2);
  });

  it('come with the first page only', async () => {
    const account = newAccount();
    await book([payment(account, at(0)), payment(account, at(1))]);
    const { next } = await readPage(account, 1);
    expect(await sums(account, 1, next)).toBeNull();
  });

  it('are empty where nothing was booked', async () => {
    expect(await sums(newAccount(), 10)).toEqual([]);
  });
});

describe('the load that a request makes', () => {
  /** A table whose shards answer with so many entries, again and again. */
  function createEndlessContext(entries: number) {
    const load = { queries: 0, underWay: 0, mostUnderWay: 0 };
    const Items = Array.from({ length: entries }, () => payment('tenant:1', at(0)));
    const send = async () => {
      load.queries += 1;
      load.underWay += 1;
      load.mostUnderWay = Math.max(load.mostUnderWay, load.underWay);
      await new Promise(setImmediate);
      load.underWay -= 1;
      return entries > 0 ? { Items, LastEvaluatedKey: { credit_shard: '', booked_at: at(1) } } : { Items };
    };
    const client = { send } as unknown as DynamoDBDocumentClient;
    const context: StoreContext = { client, tableName: 'endless', io: systemIo };
    return { load, context };
  }
  const month: Period = { from: '2026-10-22T12:00:00.000Z', to: '2026-11-22T12:00:00.000Z' };

  it('is 16 queries for each day, and no more than these at once', async () => {
    const { load, context } = createEndlessContext(0);
    await createLedgerStore(context).readPage('tenant:1', month, null, 50);
    expect(load).toEqual({ queries: 32 * 16, underWay: 0, mostUnderWay: 16 });
  });

  it('has an end when there is more to add up than a request can', async () => {
    const { load, context } = createEndlessContext(2_500);
    expect(await createLedgerStore(context).sumPeriod('tenant:1', month)).toBeNull();
    expect(load.queries).toBeLessThan(MAX_SUMMED_ENTRIES / 2_500 + 17);
  });
});
