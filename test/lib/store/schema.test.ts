import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { checkout } from '../../../lib/orders/checkout.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import type { PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { listExceptions } from '../../../lib/store/exception-store.ts';
import { createIdempotencyStore } from '../../../lib/store/idempotency-store.ts';
import { type ItemSchemas, itemSchemas, type Upgrade } from '../../../lib/store/item-schemas.ts';
import { createLedgerStore } from '../../../lib/store/ledger-store.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import {
  isReadableVersion,
  newestVersion,
  readItem,
  SchemaVersionError,
  schemaAttribute,
} from '../../../lib/store/schema.ts';
import { checkoutRequest, NOW, paymentOf, refundOf, shopOrder, successOf } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
const provider = createProvider();

/** The rules of orders, as a function has them, over the table. */
function ports() {
  const { context } = store;
  const orders = { ...createOrderStore(context), ...createIdempotencyStore(context) };
  const commit = { store: orders, io: { ...context.io, now: () => NOW } };
  return {
    ...commit,
    orderPrefix: '',
    merchants: provider.merchants,
    settle: (event: PaymentEvent) => settle(commit, event),
    settleRefund: (event: RefundEvent) => settleRefund(commit, event),
    closeAtProvider: async () => 'closed' as const,
    onProviderFailure: () => {},
  };
}

const settleEvent = (event: PaymentEvent) => settle(ports(), event);

async function stored<T extends Order>(order: T): Promise<T> {
  const owes = { kind: 'check', due: NOW } as const;
  await store.put({ put: 'order', record: order }, { put: 'payment', record: paymentOf(order), owes });
  return order;
}

/** Rewrites stored items as code that is newer than this would. */
async function makeNewer(order: Order, isMeant: (sk: string) => boolean): Promise<void> {
  const { client, tableName } = store.context;
  const items = (await store.items(order.order_no)).filter(({ sk }) => isMeant(String(sk)));
  expect(items).not.toEqual([]);
  for (const item of items)
    await client.send(new PutCommand({ TableName: tableName, Item: { ...item, schema: 2 } }));
}

async function newer(sk: string): Promise<ShopOrder> {
  const order = await stored(shopOrder());
  await makeNewer(order, (key) => key === sk);
  return order;
}

const refund = ({ order_no }: Order, key = order_no) =>
  requestRefund(
    ports(),
    { order_no, amountOf: () => 1, amountText: '1', reason: '退款', transaction_id: null },
    { operation: 'refund', subject: 'admin-1', key },
  );

async function paidOrder(): Promise<Order> {
  const order = await stored(shopOrder());
  await settleEvent(successOf(paymentOf(order)));
  return order;
}

const give = ({ kind, id, user_id, openid, points, description, appid, expires_at }: ShopOrder) =>
  handOver(ports(), {
    ...{ kind, id, user_id: user_id ?? '', openid, points, description, appid, expires_at },
    amount: 1,
  });

async function checkOut(key: string) {
  const merchant = provider.merchantOf('stripe');
  const caller = { operation: 'checkout', subject: 'admin-1', key } as const;
  const request = checkoutRequest();
  return checkout(
    ports(),
    request,
    caller,
    { merchant, appid: null, scene: 'desktop', return_url: null, payer_client_ip: null },
    () => {},
  );
}

describe('an item', () => {
  const steps: readonly Upgrade[] = [
    (item) => ({ ...item, amount: { value: item['amount'] } }),
    (item) => ({ ...item, amount: { ...(item['amount'] as object), currency: 'CNY' } }),
  ];
  const known: ItemSchemas = { ...itemSchemas, order: { written: 1, upgrades: steps } };
  const key = { pk: 'ORDER#mall-1', sk: 'ORDER' };
  const newest = { ...key, amount: { value: 5, currency: 'CNY' }, schema: 3 };

  it.each([
    ['that names no version', { ...key, amount: 5 }],
    ['of the first version', { ...key, amount: 5, schema: 1 }],
    ['of the second', { ...key, amount: { value: 5 }, schema: 2 }],
    ['of the newest', newest],
  ])('%s is read as the newest', (_what, item) => {
    const before = structuredClone(item);
    expect(readItem(item, known)).toEqual(newest);
    expect(readItem(readItem(item, known), known)).toEqual(newest);
    expect(item).toEqual(before);
  });

  it.each([4, 0, -1, 1.5, '1', null, {}])('of the version %j is refused', (schema) => {
    expect(() => readItem({ ...key, amount: 5, schema }, known)).toThrow(SchemaVersionError);
  });

  it('is refused by its name, its version and those that are understood', () => {
    expect(() => readItem({ ...key, schema: 4 }, known)).toThrow(
      'ORDER#mall-1 ORDER has the schema version 4, and this code understands 1 to 3',
    );
    expect(() => readItem({ pk: 'IDEMPOTENCY#checkout#somebody#key', sk: 'KEY', schema: 4 })).toThrow(
      /^an idempotency key has/,
    );
  });

  it('of a kind that is not known is refused', () => {
    expect(() => readItem({ pk: 'ORDER#mall-1', sk: 'PARCEL' })).toThrow(SchemaVersionError);
  });

  it.each([{}, { pk: 'ORDER#mall-1' }, { sk: 'ORDER' }, { pk: 1, sk: 'ORDER' }])(
    'without a key is refused: %j',
    (item) => {
      expect(() => readItem(item)).toThrow(new SchemaVersionError('an item has no key'));
    },
  );

  it.each([
    ['day', 'DAY#2026-11-22'],
    ['tenant', 'TENANT#7'],
    ['delivery', 'DELIVERY#2026-11-22T08:00:00.000Z#evt_1'],
    ['endpoint', 'ENDPOINT#stage'],
  ] as const)('of the kind %s is understood as it is written', (kind, sk) => {
    const written = { pk: 'X', sk, ...schemaAttribute(kind) };
    expect(written.schema).toBeGreaterThan(0);
    expect(readItem(written)).toEqual({ ...written, schema: newestVersion(kind) });
  });

  it('can be asked whether it is understood', () => {
    expect(isReadableVersion({ ...key, schema: 1 })).toBe(true);
    expect(isReadableVersion({ ...key, schema: 2 })).toBe(false);
  });

  it('is not taken for a newer one when it fails to be read for another reason', () => {
    const broken = {
      ...key,
      get schema(): number {
        throw new RangeError('broken');
      },
    };
    expect(() => isReadableVersion(broken)).toThrow(RangeError);
  });
});

describe('what is stored', () => {
  it('carries its version, whatever it is', async () => {
    await checkOut('first');
    const order = await paidOrder();
    await settleEvent(successOf(paymentOf(order), { transaction_id: 'T2' }));
    await refund(order);
    const items = await store.items();
    const kinds = items.map(({ sk }) => String(sk).split('#')[0]);
    expect(new Set(kinds)).toEqual(
      new Set(['ORDER', 'PAYMENT', 'SUSPENSE', 'REFUND', 'ENTRY', 'EXCEPTION', 'KEY']),
    );
    expect(items.filter(({ schema }) => schema !== 1)).toEqual([]);
  });

  it('before versions were is read and settled', async () => {
    const order = await stored(shopOrder());
    for (const { schema: _schema, ...item } of await store.items(order.order_no)) {
      await store.context.client.send(new PutCommand({ TableName: store.context.tableName, Item: item }));
    }
    expect(await settleEvent(successOf(paymentOf(order)))).toMatchObject({ outcome: 'settled' });
  });
});

describe.each(['ORDER', 'PAYMENT#1'])('%s of a newer version', (sk) => {
  const bare = ({ amount: _amount, currency: _currency, ...event }: PaymentEvent) => event;

  it.each<[string, (order: ShopOrder) => Promise<unknown>]>([
    ['settled', (order) => settleEvent(successOf(paymentOf(order)))],
    ['settled by a message without an amount', (order) => settleEvent(bare(successOf(paymentOf(order))))],
    ['failed', (order) => settleEvent(successOf(paymentOf(order), { type: 'failed' }))],
    ['closed', (order) => settleEvent(successOf(paymentOf(order), { type: 'closed' }))],
    ['called at odds with a message', (order) => settleEvent(successOf(paymentOf(order), { amount: 1 }))],
    ['read', ({ order_no }) => ports().store.read(order_no)],
    ['changed', give],
    [
      'closed on request',
      ({ order_no }) => closeOrderOnRequest(ports(), { order_no, by: 'admin-1' }, () => true),
    ],
    ['refunded', (order) => refund(order)],
    [
      'put again',
      (order) =>
        ports().store.write({
          order_no: order.order_no,
          writes: [
            { put: 'order', record: order },
            { put: 'payment', record: paymentOf(order) },
          ],
        }),
    ],
  ])('is not %s, and stays as it is', async (_what, act) => {
    const order = await newer(sk);
    const before = await store.items(order.order_no);
    await expect(act(order)).rejects.toThrow(SchemaVersionError);
    expect(await store.items(order.order_no)).toEqual(before);
  });

  it('does not keep the sweep from checking others', async () => {
    const unread = await newer(sk);
    const order = await stored(shopOrder());
    const before = (await store.items(unread.order_no)).map(({ work_due: _due, ...item }) => item);
    provider.pay(paymentOf(unread));
    provider.pay(paymentOf(order));
    const failures: unknown[] = [];
    await sweepAt(store.context, NOW + 120_000, {
      merchants: provider.merchants,
      onFailure: ({ order_no }, error) => failures.push([order_no, (error as Error).name]),
    });
    expect(failures).toContainEqual([unread.order_no, 'SchemaVersionError']);
    expect(await ports().store.read(order.order_no)).toMatchObject({ order: { status: 'paid' } });
    const after = (await store.items(unread.order_no)).map(({ work_due: _due, ...item }) => item);
    expect(after).toEqual(before);
  });
});

describe('other items of a newer version', () => {
  it.each(['REFUND#', 'EXCEPTION#', 'SUSPENSE#'])('%s is not read', async (prefix) => {
    const order = await paidOrder();
    await settleEvent(successOf(paymentOf(order), { transaction_id: 'T2' }));
    await refund(order);
    await makeNewer(order, (sk) => sk.startsWith(prefix));
    await expect(ports().store.read(order.order_no)).rejects.toThrow(SchemaVersionError);
    await expect(refund(order)).rejects.toThrow(SchemaVersionError);
    const { refund_no, payment_no, provider, merchant } = refundOf(paymentOf(order));
    const event = {
      type: 'refund_failed',
      refund_no,
      payment_no,
      provider,
      merchant,
      refund_id: null,
    } as const;
    await expect(settleRefund(ports(), event)).rejects.toThrow(SchemaVersionError);
  });

  it.each(['PAYMENT#', 'ENTRY#'])('%s is neither listed in the ledger nor added up', async (prefix) => {
    const order = await paidOrder();
    await refund(order);
    await makeNewer(order, (sk) => sk.startsWith(prefix));
    const ledger = createLedgerStore(store.context);
    const period = { from: new Date(NOW - 1).toISOString(), to: new Date(NOW + 1).toISOString() };
    await expect(ledger.sumDays('shop:mall', period)).rejects.toThrow(SchemaVersionError);
    await expect(ledger.readPage('shop:mall', period, null, 100)).rejects.toThrow(SchemaVersionError);
  });

  it('an exception is not listed', async () => {
    const order = await paidOrder();
    await settleEvent(successOf(paymentOf(order), { transaction_id: 'T2' }));
    await makeNewer(order, (sk) => sk.startsWith('EXCEPTION#'));
    const listed = listExceptions(store.context, { state: 'open', after: null, limit: 100 });
    await expect(listed).rejects.toThrow(SchemaVersionError);
  });

  it('an idempotency key makes no second order or refund', async () => {
    const makeKeysNewer = async () => {
      const keys = (await store.items()).filter(({ sk }) => sk === 'KEY');
      for (const item of keys) {
        const { client, tableName } = store.context;
        await client.send(new PutCommand({ TableName: tableName, Item: { ...item, schema: 2 } }));
      }
    };
    const order = await paidOrder();
    await refund(order, 'newer');
    await checkOut('newer');
    await makeKeysNewer();
    const count = (await store.items()).length;
    await expect(checkOut('newer')).rejects.toThrow(SchemaVersionError);
    await expect(refund(order, 'newer')).rejects.toThrow(SchemaVersionError);
    expect(await store.items()).toHaveLength(count);
  });
});
