import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { announce } from '../../../lib/notifications/announce.ts';
import { readOwingItem } from '../../../lib/notifications/owing-item.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createCheckoutStore } from '../../../lib/store/checkout-store.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { listExceptions } from '../../../lib/store/exception-store.ts';
import { type ItemSchemas, itemSchemas, type Upgrade } from '../../../lib/store/item-schemas.ts';
import { createLedgerStore } from '../../../lib/store/ledger-store.ts';
import { getOrder, oweCheck, putOrder } from '../../../lib/store/order-store.ts';
import { createReconciliationStore } from '../../../lib/store/reconciliation-store.ts';
import { createRequestRefundStore, getRefund } from '../../../lib/store/refund-store.ts';
import { readItem, SchemaVersionError } from '../../../lib/store/schema.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { type Item, useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
const settleEvent = (event: PaymentEvent) => settle(createEventStore(store.context), event, () => NOW);

async function stored<T extends Order>(order: T): Promise<T> {
  await putOrder(store.context, order, oweCheck(order.order_no, NOW));
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

async function newerOrder(order: Order = shopOrder()): Promise<Order> {
  await stored(order);
  await makeNewer(order, (sk) => sk === 'ORDER');
  return order;
}

async function requestRefundOf(order: Order, key = order.order_no) {
  const ports = {
    store: createRequestRefundStore(store.context),
    gateway: createProvider().gateway,
    settleRefund: async () => ({ outcome: 'not_found' }) as const,
    now: () => NOW,
    onProviderFailure: () => {},
  };
  const request = { order_no: order.order_no, amount: 1, reason: '退款', transaction_id: null };
  return requestRefund(ports, request, { subject: 'admin-1', key });
}

async function paidOrder(): Promise<Order> {
  const order = await stored(tenantOrder());
  await settleEvent(paymentOf(order));
  return order;
}

const idempotency = (order: Order) => ({
  subject: 'admin-1',
  key: `checkout-${order.order_no}`,
  record: {
    result: order.order_no,
    request: 'x',
    expires_at: new Date(NOW + 60_000).toISOString(),
  },
});

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
    expect(readItem<Item>(item, known)).toEqual(newest);
    expect(readItem(readItem<Item>(item, known), known)).toEqual(newest);
    expect(item).toEqual(before);
  });

  it.each([4, 0, -1, 1.5, '1', null, {}])('of the version %j is refused', (schema) => {
    expect(() => readItem<Item>({ ...key, amount: 5, schema }, known)).toThrow(SchemaVersionError);
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
    expect(() => readItem({ pk: 'ORDER#mall-1', sk: 'DISPUTE#1' })).toThrow(SchemaVersionError);
  });
});

describe('what is stored', () => {
  it('carries its version, whatever it is', async () => {
    const order = tenantOrder();
    await createCheckoutStore(store.context).putTenantOrder(order, idempotency(order));
    await settleEvent(paymentOf(order));
    await settleEvent(paymentOf(order, { transaction_id: 'T2' }));
    await requestRefundOf(order);
    const items = await store.items();
    const kinds = items.map(({ sk }) => String(sk).split('#').slice(0, 2).join('#'));
    expect(new Set(kinds)).toEqual(
      new Set(['ORDER', 'KEY', 'REFUND#1', 'ENTRY#PAYMENT', 'ENTRY#SUSPENSE', 'EXCEPTION#paid_twice']),
    );
    expect(items.filter(({ schema }) => schema !== 1)).toEqual([]);
  });

  it('before versions were is read and settled', async () => {
    const order = await stored(shopOrder());
    const [{ schema: _schema, ...item } = {}] = await store.items(order.order_no);
    await store.context.client.send(new PutCommand({ TableName: store.context.tableName, Item: item }));
    expect(await settleEvent(paymentOf(order))).toEqual({ outcome: 'settled', status: 'paid' });
  });
});

describe('an order of a newer version', () => {
  it.each<[string, (order: Order) => Promise<unknown>]>([
    ['settled', (order) => settleEvent(paymentOf(order))],
    [
      'settled by a message without an amount',
      ({ order_no, provider }) =>
        settleEvent({ type: 'succeeded', order_no, provider, transaction_id: 'T1' }),
    ],
    ['failed', (order) => settleEvent(paymentOf(order, { type: 'failed' }))],
    ['closed', (order) => settleEvent(paymentOf(order, { type: 'closed' }))],
    ['called at odds with a message', (order) => settleEvent(paymentOf(order, { amount: 1 }))],
    ['read', (order) => getOrder(store.context, order.order_no)],
    ['put again', (order) => putOrder(store.context, order)],
    ['refunded', (order) => requestRefundOf(order)],
    ['reconciled', (order) => createReconciliationStore(store.context).readOrder(order.order_no)],
  ])('is not %s, and stays as it is', async (_what, act) => {
    const order = await newerOrder();
    const before = await store.items(order.order_no);
    await expect(act(order)).rejects.toThrow(SchemaVersionError);
    expect(await store.items(order.order_no)).toEqual(before);
  });

  it('does not keep the sweep from checking others', async () => {
    const newer = await newerOrder(shopOrder({ expires_at: new Date(NOW + 3_600_000).toISOString() }));
    const order = await stored(shopOrder({ expires_at: new Date(NOW + 3_600_000).toISOString() }));
    const before = await store.items(newer.order_no);
    const provider = createProvider();
    provider.pay(newer);
    provider.pay(order);
    const failures: unknown[] = [];
    await sweepAt(store.context, NOW + 120_000, {
      gateway: provider.gateway,
      onFailure: ({ order_no }, error) => failures.push([order_no, (error as Error).name]),
    });
    expect(failures).toContainEqual([newer.order_no, 'SchemaVersionError']);
    expect((await getOrder(store.context, order.order_no))?.status).toBe('paid');
    expect(await store.items(newer.order_no)).toEqual(before);
  });

  it('owes its announcement until newer code makes it', async () => {
    const [newer, order] = [await paidOrder(), await paidOrder()];
    await makeNewer(newer, (sk) => sk === 'ORDER');
    const items = [...(await store.items(newer.order_no)), ...(await store.items(order.order_no))];
    const written: string[] = [];
    const lines: string[] = [];
    const context = {
      send: async (content: string) => void written.push(content),
      store: {
        clearWork: async ({ pk }: { pk: string }) => void written.push(`cleared ${pk}`),
        parkWork: async ({ pk }: { pk: string }) => void written.push(`parked ${pk}`),
      },
      findFormat: () => ({ digits: 2, step: 1 }),
      telemetry: { log: (...entry: unknown[]) => void lines.push(JSON.stringify(entry)) },
      now: () => NOW,
    };
    const owing = items.filter(({ work }) => String(work).startsWith('notify#')).map(readOwingItem);
    expect(owing).toHaveLength(2);
    expect(await announce(owing, context)).toEqual({ announced: 1, unparked: [] });
    expect(written.join()).toContain(`cleared ORDER#${order.order_no}`);
    expect(written.join()).not.toContain(newer.order_no);
    expect(lines.join()).toContain(newer.order_no);
  });
});

describe('other items of a newer version', () => {
  it('a refund is not read', async () => {
    const order = await paidOrder();
    await requestRefundOf(order);
    await makeNewer(order, (sk) => sk.startsWith('REFUND#'));
    await expect(getRefund(store.context, order.order_no, 1)).rejects.toThrow(SchemaVersionError);
    await expect(requestRefundOf(order)).rejects.toThrow(SchemaVersionError);
  });

  it('an entry is neither listed nor added up', async () => {
    const order = await paidOrder();
    await makeNewer(order, (sk) => sk === 'ENTRY#PAYMENT');
    const ledger = createLedgerStore(store.context);
    const period = { from: new Date(NOW - 1).toISOString(), to: new Date(NOW + 1).toISOString() };
    await expect(ledger.sumPeriod('tenant:7', period)).rejects.toThrow(SchemaVersionError);
    await expect(ledger.readPage('tenant:7', period, null, 10)).rejects.toThrow(SchemaVersionError);
    const bookings = createReconciliationStore(store.context).findBookings([
      { order_no: order.order_no, refund: null },
    ]);
    await expect(bookings).rejects.toThrow(SchemaVersionError);
  });

  it('an exception is not listed', async () => {
    const order = await paidOrder();
    await settleEvent(paymentOf(order, { transaction_id: 'T2' }));
    await makeNewer(order, (sk) => sk.startsWith('EXCEPTION#'));
    const listed = listExceptions(store.context, { after: null, limit: 10 });
    await expect(listed).rejects.toThrow(SchemaVersionError);
    const suspense = createRequestRefundStore(store.context).findSuspense(order.order_no, 'T2');
    await expect(suspense).rejects.toThrow(SchemaVersionError);
  });

  it('an idempotency key makes no second order', async () => {
    const { putTenantOrder } = createCheckoutStore(store.context);
    const [first, second] = [tenantOrder(), tenantOrder()];
    const caller = idempotency(first);
    await putTenantOrder(first, caller);
    const item = (await store.items()).find(({ pk }) => String(pk).endsWith(caller.key));
    await store.context.client.send(
      new PutCommand({ TableName: store.context.tableName, Item: { ...item, schema: 2 } }),
    );
    await expect(putTenantOrder(second, caller)).rejects.toThrow(SchemaVersionError);
    expect(await store.items(second.order_no)).toEqual([]);
  });
});
