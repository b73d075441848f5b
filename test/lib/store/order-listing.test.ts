import { BatchGetCommand, BatchWriteCommand, DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import { orderKey } from '../../../lib/store/keys.ts';
import { listOrders, type OrdersQuery } from '../../../lib/store/order-listing.ts';
import { countedStore, interceptedStore } from '../../support/intercepted-store.ts';
import { itemOf } from '../../support/items.ts';
import { NOW, paidPayment, refundOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const DAY = 86_400_000;
let made = 0;

/** A second younger than the one before it. */
const next = (changes: object = {}): Order => {
  made += 1;
  return tenantOrder({ created_at: isoTime(NOW - DAY + made * 1_000), ...changes });
};

/** @returns the newest first */
async function make(count: number, changes: object = {}): Promise<Order[]> {
  const orders = Array.from({ length: count }, () => next(changes));
  await putAll(orders);
  return orders.toReversed();
}

async function putAll(orders: readonly Order[]): Promise<void> {
  const { client, tableName } = store.context;
  for (let index = 0; index < orders.length; index += 25) {
    const requests = orders
      .slice(index, index + 25)
      .map((record) => ({ PutRequest: { Item: itemOf({ put: 'order', record }) } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}

const week = { from: isoTime(NOW - 7 * DAY), to: isoTime(NOW) };
const queryOf = (changes: Partial<OrdersQuery>): OrdersQuery => ({
  ...{ owner: 'tenant:7', status: undefined, period: week, after: null, limit: 50 },
  ...changes,
});
const list = (changes: Partial<OrdersQuery>, context = store.context) =>
  listOrders(context, queryOf(changes));
const numbers = (orders: readonly Order[]) => orders.map(({ order_no }) => order_no);
const numbersOf = ({ items }: Page<Snapshot>) => numbers(items.map(({ order }) => order));

async function listAll(changes: Partial<OrdersQuery>): Promise<{ found: string[]; pages: number }> {
  const found: string[] = [];
  let after: Position | null = null;
  let pages = 0;
  do {
    const page: Page<Snapshot> = await list({ ...changes, after });
    expect(page.items.length).toBeLessThanOrEqual(queryOf(changes).limit);
    found.push(...numbersOf(page));
    after = page.next;
    pages += 1;
  } while (after);
  return { found, pages };
}

describe('the list of orders', () => {
  it('has those of one owner, the newest first, on pages of any size', async () => {
    const mine = await make(30, { tenant_id: 11 });
    await make(5, { tenant_id: 1 });
    await make(5, { tenant_id: 111 });
    for (const limit of [1, 7, 30, 100]) {
      expect((await listAll({ owner: 'tenant:11', limit })).found).toEqual(numbers(mine));
    }
    expect(await list({ owner: 'tenant:12' })).toEqual({ items: [], next: null });
  });

  it('tells the kinds of a shop apart', async () => {
    const [mall, meal] = [shopOrder({ kind: 'mall' }), shopOrder({ kind: 'meal' })];
    await putAll([mall, meal]);
    expect(numbersOf(await list({ owner: 'shop:mall' }))).toEqual([mall.order_no]);
    expect(numbersOf(await list({ owner: 'shop:meal' }))).toEqual([meal.order_no]);
  });

  it('has each with all that belongs to it', async () => {
    const order = next({ tenant_id: 13, status: 'refunding', paid_by: 1, refunds: 1 });
    const payment = paidPayment(order, { reserved: 400 });
    const refund = refundOf(payment);
    await store.put(
      { put: 'order', record: order },
      { put: 'payment', record: payment },
      { put: 'refund', record: refund },
    );
    expect((await list({ owner: 'tenant:13' })).items).toMatchObject([
      { order, payments: [payment], refunds: [refund] },
    ]);
  });

  it('has those of the period, from its first instant to before its last', async () => {
    const period = { from: isoTime(NOW - 2 * DAY), to: isoTime(NOW - DAY) };
    const at = (created_at: string) => tenantOrder({ tenant_id: 14, created_at });
    const [before, first, last, after] = [
      at(isoTime(NOW - 2 * DAY - 1)),
      at(period.from),
      at(isoTime(NOW - DAY - 1)),
      at(period.to),
    ];
    await putAll([before, first, last, after]);
    expect((await listAll({ owner: 'tenant:14', period, limit: 1 })).found).toEqual(numbers([last, first]));
  });

  it('neither repeats nor leaves out an order of the same time, nor shows one that is made meanwhile', async () => {
    const same = await make(60, { tenant_id: 15, created_at: isoTime(NOW - 60_000) });
    const first = await list({ owner: 'tenant:15', limit: 25 });
    await make(3, { tenant_id: 15, created_at: isoTime(NOW - 1_000) });
    const second = await list({ owner: 'tenant:15', limit: 100, after: first.next });
    const both = [...numbersOf(first), ...numbersOf(second)];
    expect([first.items.length, second.items.length]).toEqual([25, 35]);
    expect(both.toSorted()).toEqual(numbers(same).toSorted());
  });
});

describe('the list of orders of one status', () => {
  it('has these alone, however they lie', async () => {
    const all = await make(130, { tenant_id: 21 });
    const paid = all
      .filter((_, index) => index % 13 === 5)
      .map((order) => ({ ...order, status: 'paid' as const }));
    await putAll(paid);
    for (const limit of [1, 3, 100]) {
      expect((await listAll({ owner: 'tenant:21', status: 'paid', limit })).found).toEqual(numbers(paid));
    }
    expect((await listAll({ owner: 'tenant:21', status: 'pending', limit: 100 })).found).toHaveLength(120);
  });

  it('goes on from where a page was full, though it was full with the last that was looked at', async () => {
    const all = await make(250, { tenant_id: 24 });
    const failed = [40, 99, 100, 180, 249].flatMap((index) => all[index] ?? []);
    await putAll(failed.map((order) => ({ ...order, status: 'failed' })));
    expect((await listAll({ owner: 'tenant:24', status: 'failed', limit: 2 })).found).toEqual(
      numbers(failed),
    );
  });

  it('leaves out one that is erased by now', async () => {
    const [kept, erased] = await make(2, { tenant_id: 25, status: 'failed' });
    if (!kept || !erased) throw new Error('no orders');
    const { client, tableName } = store.context;
    const erasing = interceptedStore(store.context, async (command, send) => {
      const Key = orderKey(erased.order_no);
      if (command instanceof BatchGetCommand)
        await client.send(new DeleteCommand({ TableName: tableName, Key }));
      return send();
    });
    expect(numbersOf(await list({ owner: 'tenant:25', status: 'failed' }, erasing))).toEqual([kept.order_no]);
    expect(await store.items(erased.order_no)).toEqual([]);
  });

  it('has a short page where much is passed over, and goes on', async () => {
    const [oldest] = await make(1, { tenant_id: 22, status: 'closed' });
    await make(600, { tenant_id: 22 });
    const first = await list({ owner: 'tenant:22', status: 'closed' });
    expect(first).toEqual({ items: [], next: expect.anything() });
    const { found, pages } = await listAll({ owner: 'tenant:22', status: 'closed' });
    expect([found, pages]).toEqual([[oldest?.order_no], 2]);
  });

  it('shows none that is another by now', async () => {
    const [order] = await make(1, { tenant_id: 23, status: 'failed' });
    if (!order) throw new Error('no order');
    let isChanged = false;
    const changing = interceptedStore(store.context, async (command, send) => {
      const answer = await send();
      if (command instanceof BatchGetCommand && !isChanged) {
        isChanged = true;
        await putAll([{ ...order, status: 'paid' }]);
      }
      return answer;
    });
    expect(await list({ owner: 'tenant:23', status: 'failed' }, changing)).toEqual({ items: [], next: null });
    expect(isChanged).toBe(true);
  });
});

describe.each([300, 3_000])('what a page asks of a table with %i orders', (size) => {
  const owner = `tenant:${size}`;
  beforeAll(() => make(size, { tenant_id: size, status: 'paid' }));

  const counted = async (changes: Partial<OrdersQuery>) => {
    const { asked, context } = countedStore(store.context);
    const page = await list({ owner, limit: 50, ...changes }, context);
    const requests = Map.groupBy(asked, (name) => name).entries();
    return { page, requests: Object.fromEntries(requests.map(([name, all]) => [name, all.length])) };
  };

  it('is eight queries of the index, and one for each order that it shows', async () => {
    const { page: first, requests } = await counted({});
    expect([first.items.length, requests]).toEqual([50, { Query: 8 + 50 }]);
    expect((await counted({ after: first.next })).requests).toEqual({ Query: 8 + 50 });
  });

  it('is at most five times eight queries and a batch where a status is on none', async () => {
    const { page, requests } = await counted({ status: 'refunded' });
    const looks = Math.min(5, Math.ceil(size / 100));
    expect([page.items, requests]).toEqual([[], { Query: looks * 8, BatchGet: looks }]);
  });
});
