import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { StoredItem } from '../../../lib/store/conditional-write.ts';
import { type ItemSchema, itemSchemas, type Upgrade } from '../../../lib/store/item-schemas.ts';
import { NOW, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

/**
 * The steps of docs/migrations.md with releases side by side, for an example: in version 2 an order says through
 * which channel it is paid.
 */

const store = useStore();

const addChannel: Upgrade = (item) => ({ ...item, channel: item['kind'] === 'tenant' ? 'page' : 'program' });
const releases = {
  before: { written: 1, upgrades: [] },
  expand: { written: 1, upgrades: [addChannel] },
  switch: { written: 2, upgrades: [addChannel] },
} as const satisfies Record<string, ItemSchema>;

/** The stores and settlement as a release has them. */
async function release(name: keyof typeof releases) {
  vi.resetModules();
  vi.doMock('../../../lib/store/item-schemas.ts', () => ({
    itemSchemas: { ...itemSchemas, order: releases[name] },
  }));
  const [{ settle }, { createOrderStore }] = await Promise.all([
    import('../../../lib/orders/settle.ts'),
    import('../../../lib/store/order-store.ts'),
  ]);
  const orders = createOrderStore(store.context);
  const ports = { store: orders, io: { ...store.context.io, now: () => NOW } };
  return {
    put: async (order: Order) => {
      const writes = [
        { put: 'order', record: order },
        { put: 'payment', record: paymentOf(order) },
      ] as const;
      expect(await orders.write({ order_no: order.order_no, writes })).toEqual({ applied: true });
      return order;
    },
    get: async ({ order_no }: Order) => (await orders.read(order_no))?.order,
    settle: (event: PaymentEvent) => settle(ports, event),
  };
}

type Release = Awaited<ReturnType<typeof release>>;

const orders = (count: number) => Array.from({ length: count }, () => shopOrder());
const schemaOf = async ({ order_no }: Order) =>
  (await store.items(order_no)).find(({ sk }) => sk === 'ORDER')?.['schema'];

/** Every release hears of every payment at once, as during a deployment; each is booked once. */
async function settleSideBySide(paid: readonly Order[], ...running: readonly Release[]): Promise<void> {
  for (const order of paid) {
    const results = await Promise.all(running.map(({ settle }) => settle(successOf(paymentOf(order)))));
    const outcomes = results.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...running.slice(1).map(() => 'already_settled'), 'settled']);
    await expectPaidOnce(order);
  }
}

async function expectPaidOnce(order: Order): Promise<void> {
  expect(await store.items(order.order_no)).toMatchObject([
    { sk: 'ORDER', status: 'paid', paid_by: 1 },
    { sk: 'PAYMENT#1', state: 'paid', amount: order.amount, transaction_id: 'T1', version: 2 },
  ]);
}

interface Migration {
  readonly upgrade: Upgrade;
  readonly to: number;
  /** Called between the reading of an item and its writing. */
  readonly meanwhile?: (item: StoredItem) => Promise<unknown>;
}

/** Brings a page of orders to the next version. @returns where to go on, and how many had changed meanwhile */
async function migratePage({ upgrade, to, meanwhile }: Migration, from?: Record<string, unknown>) {
  const { client, tableName } = store.context;
  const { Items = [], LastEvaluatedKey } = await client.send(
    new ScanCommand({
      TableName: tableName,
      Limit: 10,
      FilterExpression: 'sk = :order AND (attribute_not_exists(#schema) OR #schema < :to)',
      ExpressionAttributeNames: { '#schema': 'schema' },
      ExpressionAttributeValues: { ':order': 'ORDER', ':to': to },
      ExclusiveStartKey: from,
    }),
  );
  let refused = 0;
  for (const item of Items) {
    await meanwhile?.(item);
    const { channel } = upgrade(item) as { channel?: unknown };
    const update = new UpdateCommand({
      TableName: tableName,
      Key: { pk: item['pk'], sk: item['sk'] },
      UpdateExpression: 'SET channel = :channel, #schema = :to, #version = :next',
      ConditionExpression: '#version = :seen',
      ExpressionAttributeNames: { '#schema': 'schema', '#version': 'version' },
      ExpressionAttributeValues: {
        ':channel': channel,
        ':to': to,
        ':seen': item['version'],
        ':next': Number(item['version']) + 1,
      },
    });
    await client.send(update).catch((error: Error) => {
      if (error.name !== 'ConditionalCheckFailedException') throw error;
      refused += 1;
    });
  }
  return { next: LastEvaluatedKey, refused };
}

async function migrate(migration: Migration): Promise<number> {
  let refused = 0;
  let next: Record<string, unknown> | undefined;
  do {
    const page = await migratePage(migration, next);
    refused += page.refused;
    next = page.next;
  } while (next);
  return refused;
}

describe('a migration', () => {
  it('expands beside the release before, which goes on with all that is stored', async () => {
    const [before, expand] = [await release('before'), await release('expand')];
    const made = [...orders(2), ...orders(2)];
    for (const [index, order] of made.entries()) await (index < 2 ? before : expand).put(order);
    await settleSideBySide(made, before, expand);
    expect(await Promise.all(made.map(schemaOf))).toEqual([1, 1, 1, 1]);
    const [order] = made as [Order];
    expect(await before.get(order)).not.toHaveProperty('channel');
    expect(await expand.get(order)).toMatchObject({ channel: 'program' });
  });

  it('switches beside the expanding release, and what is older refuses what it does not understand', async () => {
    const [before, expand, switched] = [
      await release('before'),
      await release('expand'),
      await release('switch'),
    ];
    const [first, second, third] = orders(3) as [Order, Order, Order];
    await expand.put(first);
    for (const order of [second, third]) await switched.put(Object.assign(order, { channel: 'program' }));
    await settleSideBySide([first, second], expand, switched);
    expect(await Promise.all([first, second].map(schemaOf))).toEqual([1, 2]);
    await expect(before.settle(successOf(paymentOf(third)))).rejects.toThrow('understands 1 to 1');
    expect(await expand.settle(successOf(paymentOf(third)))).toMatchObject({ outcome: 'settled' });
    expect(await schemaOf(third)).toBe(2);
  });

  it('migrates what is left while payments come, and loses none of them', async () => {
    const [expand, switched] = [await release('expand'), await release('switch')];
    const made = orders(25);
    for (const order of made) await expand.put(order);
    const paidMeanwhile = new Set(made.slice(0, 12).map(({ order_no }) => order_no));
    const pay = (order: Order) => switched.settle(successOf(paymentOf(order)));
    const meanwhile = async ({ order_no }: StoredItem) => {
      const order = made.find((one) => one.order_no === order_no);
      if (order && paidMeanwhile.has(order.order_no)) await pay(order);
    };
    const migration = { upgrade: addChannel, to: 2 };
    expect(await migrate({ ...migration, meanwhile })).toBe(paidMeanwhile.size);
    expect(await migrate(migration)).toBe(0);
    const all = (await store.items()).filter(({ sk }) => sk === 'ORDER');
    expect(all.filter(({ schema, channel }) => schema !== 2 || channel !== 'program')).toEqual([]);
    for (const order of made) {
      expect(await pay(order)).toMatchObject({ status: 'paid' });
      await expectPaidOnce(order);
    }
  });

  it('goes on where it stopped, and may do a page twice', async () => {
    const expand = await release('expand');
    const made = orders(15);
    for (const order of made) await expand.put(order);
    const migration = { upgrade: addChannel, to: 2 };
    const { next } = await migratePage(migration);
    expect(next).toBeDefined();
    await migratePage(migration);
    for (let from = next; from; from = (await migratePage(migration, from)).next);
    expect(new Set(await Promise.all(made.map(schemaOf)))).toEqual(new Set([2]));
  });
});
