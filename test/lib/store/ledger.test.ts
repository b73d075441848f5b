import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import type { BookedEntry, Put } from '../../../lib/orders/change.ts';
import { type Booking, providerAccount, suspenseAccount } from '../../../lib/orders/ledger.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import type { Payment, Suspense } from '../../../lib/orders/payment.ts';
import { type LedgerEntry, type Period, readLedger } from '../../../lib/orders/read-ledger.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { createLedgerStore, MAX_SUMMED_ENTRIES, toEntries } from '../../../lib/store/ledger-store.ts';
import { itemOf } from '../../support/items.ts';
import {
  merchantNames,
  paidPayment,
  paymentOf,
  refundOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const period: Period = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const start = Date.parse(period.from);
const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
const HOUR_MS = 3_600_000;

let lastAmount = 0;
let lastTenant = 0;
const newAccount = () => `tenant:${++lastTenant}`;
const merchant = { provider: 'stripe', merchant: merchantNames.stripe } as const;

/** A booking as the ledger has it, and the record that carries it. */
interface Booked {
  readonly entry: LedgerEntry;
  readonly put: Put;
}

function entryOf(
  kind: LedgerEntry['kind'],
  record: Omit<LedgerEntry, 'kind' | keyof Booking>,
  { debit, credit, booked_at }: Booking,
): LedgerEntry {
  const { order_no, provider, merchant, amount, currency, transaction_id } = record;
  return { kind, order_no, debit, credit, booked_at, provider, merchant, amount, currency, transaction_id };
}

/** A payment of an order of its own. */
function payment(account: string, booked_at: string, changes: Partial<Payment> = {}): Booked {
  const amount = ++lastAmount;
  const paid = paidPayment(tenantOrder(), { amount, transaction_id: `T${amount}`, ...changes });
  const booking = { debit: providerAccount(paid), credit: account, booked_at };
  const kind = account.startsWith('suspense:') ? 'suspense' : 'payment';
  return { entry: entryOf(kind, paid, booking), put: { put: 'payment', record: { ...paid, booking } } };
}

/** Money of a further transaction. */
function suspense(booked_at: string, changes: Partial<Suspense> = {}): Booked {
  const further = suspenseOf(paidPayment(tenantOrder()), changes);
  const booking = { debit: providerAccount(further), credit: suspenseAccount(further), booked_at };
  const record = { ...further, booking };
  return { entry: entryOf('suspense', record, booking), put: { put: 'suspense', record } };
}

/** What went back, of an order of its own. */
function refund(account: string, booked_at: string, changes: Partial<BookedEntry> = {}): Booked {
  const amount = ++lastAmount;
  const { order_no, currency } = tenantOrder();
  const record: BookedEntry = {
    ...{ order_no, ...merchant, amount, currency, transaction_id: `T${amount}`, booked_at },
    ...{ debit: account, credit: providerAccount(merchant), kind: 'refund', reference: '1#1', refund: 1 },
    ...changes,
  };
  return { entry: entryOf('refund', record, record), put: { put: 'entry', record } };
}

async function book(bookings: readonly Booked[]): Promise<void> {
  const { client, tableName } = store.context;
  for (let index = 0; index < bookings.length; index += 25) {
    const part = bookings.slice(index, index + 25);
    const requests = part.map(({ put }) => ({ PutRequest: { Item: itemOf(put) } }));
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

const byPlace = ({ entry: left }: Booked, { entry: right }: Booked) => {
  const [a, b] = [`${left.booked_at} ${left.order_no}`, `${right.booked_at} ${right.order_no}`];
  return a < b ? -1 : 1;
};
const inOrder = (bookings: readonly Booked[]) => bookings.toSorted(byPlace).map(({ entry }) => entry);

describe('a page of the ledger', () => {
  it.each([
    [1, 30],
    [7, 120],
    [50, 120],
    [100, 120],
  ])('gives both sides in the order of time, %i at a time of %i', async (limit, count) => {
    const account = newAccount();
    // Scattered over the three days, a few at the same time.
    const bookings = Array.from({ length: count }, (_, n) =>
      (n % 3 === 0 ? refund : payment)(account, at(((n * 7919) % 71) * HOUR_MS)),
    );
    await book(bookings);
    await book([payment(newAccount(), at(0)), payment(`${account}000`, at(0))]);
    expect(await readAll(account, limit)).toEqual(inOrder(bookings));
  });

  it('says what was booked', async () => {
    const stranger = { ...merchant, merchant: 'acct_1Other.test' };
    const account = providerAccount(stranger);
    const forth = refund('tenant:7', at(1), { ...stranger, credit: account });
    const back = refund(account, at(2), {
      ...stranger,
      order_no: forth.entry.order_no,
      credit: 'tenant:7',
      reference: '1#2',
    });
    const bookings = [
      payment('tenant:7', at(0), stranger),
      forth,
      back,
      suspense(at(3), stranger),
      payment(suspenseAccount(stranger), at(4), stranger),
    ];
    await book(bookings);
    await book([suspense(at(0)), payment('tenant:7', at(0))]);
    const page = await readPage(account, 10);
    expect(page).toEqual({ items: bookings.map(({ entry }) => entry), next: null });
    expect(page.items.map(({ kind }) => kind)).toEqual([
      'payment',
      'refund',
      'refund',
      'suspense',
      'suspense',
    ]);
    const inSuspense = await readPage(suspenseAccount(stranger), 10);
    expect(inSuspense.items).toEqual(bookings.slice(3).map(({ entry }) => entry));
  });

  it('has the first instant of the period and not the last', async () => {
    const account = newAccount();
    const times = [-1, 0, 1, 2, 3].map(at);
    await book(times.map((time) => payment(account, time)));
    const { items } = await readPage(account, 10, null, { from: at(0), to: at(2) });
    expect(items.map(({ booked_at }) => booked_at)).toEqual([at(0), at(1)]);
    const within = async (from: number, to: number) =>
      (await readPage(account, 10, null, { from: at(from), to: at(to) })).items.length;
    expect([await within(1, 1), await within(1, 2)]).toEqual([0, 1]);
  });

  it('tells apart what was booked at the same time, however much it is', async () => {
    const account = newAccount();
    const bookings = Array.from({ length: 400 }, () => payment(account, at(HOUR_MS)));
    const sameOrder = bookings.map((_, n) =>
      refund(account, at(HOUR_MS), { order_no: 'mall-1', reference: `${n}#1` }),
    );
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
      refund(account, at(0), { order_no: 'mall-2', reference: `${n}#1` }),
    );
    await book(bookings);
    await expect(readPage(account, 10)).rejects.toThrow('more items of one time');
  });

  it('ends with the last entry', async () => {
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
    const later: Booked[] = [];
    const read = await readAll(account, 6, async ({ next }) => {
      if (!next) return;
      const before = payment(account, at(Date.parse(next.at) - start - 1));
      const behind = payment(account, at(Date.parse(next.at) - start + 1));
      if (later.length < 5) {
        later.push(behind);
        await book([before, behind]);
      }
    });
    expect(read).toEqual(inOrder([...bookings, ...later]));
  });
});

describe('the sums', () => {
  const sums = async (account: string, limit: number, after: Position | null = null) => {
    const request = { account: { name: account, tenant_id: null, merchant: null }, period, after, limit };
    return (await readLedger(createLedgerStore(store.context), request))?.sums;
  };

  it.each([1, 100])('are exact and of the whole period, whatever the page: %i', async (limit) => {
    const account = newAccount();
    const most = Number.MAX_SAFE_INTEGER;
    const yuan = { currency: 'CNY', provider: 'wechat', merchant: merchantNames.wechat } as const;
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
    const Items = Array.from({ length: entries }, () => itemOf(payment('tenant:1', at(0)).put));
    const send = async () => {
      load.queries += 1;
      load.underWay += 1;
      load.mostUnderWay = Math.max(load.mostUnderWay, load.underWay);
      await new Promise(setImmediate);
      load.underWay -= 1;
      return entries > 0 ? { Items, LastEvaluatedKey: { credit: '', booked_at: at(1) } } : { Items };
    };
    const client = { send } as unknown as DynamoDBDocumentClient;
    const context: StoreContext = { client, tableName: 'endless', io: systemIo };
    return { load, context };
  }
  const month: Period = { from: '2026-10-22T12:00:00.000Z', to: '2026-11-22T12:00:00.000Z' };

  it('is 16 queries at once, however long the period', async () => {
    const { load, context } = createEndlessContext(0);
    await createLedgerStore(context).readPage('tenant:1', month, null, 50);
    expect(load).toEqual({ queries: 16, underWay: 0, mostUnderWay: 16 });
  });

  it('has an end when there is more to add up than a request can', async () => {
    const { load, context } = createEndlessContext(2_500);
    expect(await createLedgerStore(context).sumDays('tenant:1', month)).toBeNull();
    expect(load.queries).toBeLessThan(MAX_SUMMED_ENTRIES / 2_500 + 17);
  });

  it('adds up as much as a request can, to the last entry', async () => {
    const { put } = payment('tenant:1', at(0), { amount: 3 });
    // What books nothing counts as well, and takes less time here.
    const idle = itemOf({ put: 'refund', record: refundOf(paymentOf(tenantOrder())) });
    const answers = [[...Array.from({ length: MAX_SUMMED_ENTRIES - 1 }, () => idle), itemOf(put)]];
    const client = {
      send: async () => ({ Items: answers.pop() ?? [] }),
    } as unknown as DynamoDBDocumentClient;
    const context: StoreContext = { client, tableName: 'large', io: systemIo };
    const days = await createLedgerStore(context).sumDays('tenant:1', period);
    expect(days?.flatMap(({ sums }) => sums)).toMatchObject([{ debit: 3n, credit: 0n }]);
  });
});

describe('the entries of an order’s items', () => {
  it('are of those alone that book something', () => {
    const order = tenantOrder();
    const open = paymentOf(order);
    const booked = payment('tenant:1', at(0));
    const items = [
      itemOf({ put: 'order', record: order }),
      itemOf({ put: 'payment', record: open }),
      itemOf(booked.put),
      itemOf({ put: 'refund', record: refundOf(open) }),
    ];
    expect(toEntries(items)).toEqual([booked.entry]);
  });
});
