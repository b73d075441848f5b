import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { type PublishPorts, publishPeriod } from '../../../../infra/operate/webhooks/publish.ts';
import type { DomainEvent } from '../../../../lib/domain-events/domain-event.ts';
import { isoTime } from '../../../../lib/io.ts';
import type { Put } from '../../../../lib/orders/change.ts';
import type { Order } from '../../../../lib/orders/order.ts';
import { createMerchantStore } from '../../../../lib/store/merchant-store.ts';
import { itemOf } from '../../../support/items.ts';
import {
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shopOrder,
  tenantOrder,
} from '../../../support/orders.ts';
import { useStore } from '../../../support/store.ts';

const store = useStore();
const HOUR_MS = 3_600_000;
const period = { from: isoTime(NOW - HOUR_MS), to: isoTime(NOW + HOUR_MS) };
const at = (hours: number) => isoTime(NOW + hours * HOUR_MS);

beforeEach(async () => {
  const { client, tableName: TableName } = store.context;
  // A page at a time.
  for (let items = await store.items(); items.length > 0; items = await store.items()) {
    for (const { pk, sk } of items) {
      await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    }
  }
});

/** As what was marked so many hours after is stored. */
const marked = (put: Put, hours: number): Put => ({ ...put, marks: { at: at(hours), events: [] } });

/** Stores an order that was marked then, and what belongs to it. */
async function stored<T extends Order>(order: T, hours: number, ...others: readonly Put[]): Promise<T> {
  await store.put(marked({ put: 'order', record: order }, hours), ...others);
  return order;
}

/** Paid at its provider so many hours after, of which we heard at once, or later. */
const paid = (hours: number, changes: Partial<Order> = {}, heard = hours): Promise<Order> => {
  const order = shopOrder({
    ...{ status: 'paid', paid_by: 1, paid_at: at(hours), updated_at: at(heard) },
    ...(changes as object),
  });
  return stored(order, heard, { put: 'payment', record: paidPayment(order, { paid_at: at(hours) }) });
};

interface Run {
  readonly order_no?: string;
  /** Which of what is put is taken; all without it. */
  readonly take?: (events: readonly DomainEvent[], puts: number) => readonly boolean[];
}

async function publish({ order_no, take = (events) => events.map(() => true) }: Run = {}) {
  const puts: DomainEvent[][] = [];
  const [sleeps, unreadable, progress]: [number[], [string, string][], number[]] = [[], [], []];
  const ports: PublishPorts = {
    store: { ...store.context, io: { ...store.context.io, sleep: async () => undefined } },
    io: { sleep: async (duration_ms) => sleeps.push(duration_ms) },
    putEvents: async (events) => {
      puts.push([...events]);
      return take(events, puts.length);
    },
    onProgress: (read) => progress.push(read),
    onUnreadable: (partition, reason) => unreadable.push([partition, reason]),
  };
  const published = await publishPeriod(period, order_no ?? null, ports);
  const events = puts.flat();
  return { published, puts, events, sleeps, unreadable, progress };
}

const about = (events: readonly DomainEvent[]) =>
  events.map(({ type, data }) => `${type} ${data.order_no}`).toSorted();

describe('a period', () => {
  it('is published with all that happened in it, and nothing else', async () => {
    const inside = await paid(0);
    await paid(-2);
    await paid(2);
    const refunded = await paid(-3);
    const refund = refundOf(paidPayment(refunded), { status: 'succeeded' });
    await store.put(marked({ put: 'refund', record: refund }, 0.5));
    const closed = await stored(shopOrder({ status: 'closed' }), -1);
    const failed = tenantOrder({ status: 'failed' });
    await stored(failed, 1, { put: 'payment', record: paymentOf(failed, { state: 'failed' }) });
    await store.put({ put: 'order', record: shopOrder() });
    const { events, published, progress } = await publish();
    expect(about(events)).toEqual(
      [
        `order.closed ${closed.order_no}`,
        `order.paid ${inside.order_no}`,
        `payment.failed ${failed.order_no}`,
        `refund.succeeded ${refunded.order_no}`,
      ].toSorted(),
    );
    expect(Object.fromEntries(published.byType)).toMatchObject({ 'order.paid': 1, 'dispute.opened': 0 });
    expect(progress.at(-1)).toBe((await store.items()).length);
  });

  it('has what happened in it told as it is now', async () => {
    const order = await paid(0, { status: 'refunded', version: 5, updated_at: at(30) });
    const { events } = await publish();
    expect(events).toMatchObject([
      {
        type: 'order.paid',
        timestamp: at(0),
        data: { order_no: order.order_no, status: 'refunded', version: 5 },
      },
    ]);
  });

  it('has what the provider dates later than we wrote it', async () => {
    await paid(0, {}, -1.1);
    expect((await publish()).events).toHaveLength(1);
  });

  it('has what was paid long before and heard of in it', async () => {
    const order = await paid(-30, {}, 0.5);
    const { events } = await publish();
    expect(events).toMatchObject([
      { type: 'order.paid', timestamp: at(-30), recorded_at: at(0.5), data: { order_no: order.order_no } },
    ]);
  });

  it('has an order that was closed in it, whose user was erased since', async () => {
    const order = await stored(shopOrder({ status: 'closed', user_id: null, updated_at: at(30) }), 0);
    expect(about((await publish()).events)).toEqual([`order.closed ${order.order_no}`]);
  });

  it('has exceptions that are of no order', async () => {
    const name = { provider: 'wechat', merchant: merchantNames.wechat } as const;
    const open = {
      ...{
        ...name,
        owner: `provider:wechat.${name.merchant}`,
        kind: 'unknown_refund',
        state: 'open',
        version: 1,
      },
      ...{ order_no: null, payment_no: null, amount: 400, currency: 'CNY', recorded_at: at(0) },
      ...{ refund_no: null, transaction_id: 'T9', mismatched_fields: [], reason: null, resolved: null },
    };
    await createMerchantStore(store.context).putMerchantException(name, open as never);
    expect(about((await publish()).events)).toEqual(['exception.raised null']);
  });

  it('is published whole, over whatever pages the table is read in', async () => {
    const { client, tableName: TableName } = store.context;
    const orders: Order[] = [];
    for (let filler = 0; filler < 12; filler += 1) {
      orders.push(await paid(0));
      const Item = { pk: `FILLER#${filler}`, sk: 'FILLER', text: 'x'.repeat(300_000) };
      await client.send(new PutCommand({ TableName, Item }));
    }
    const { events, progress } = await publish();
    expect(progress.length).toBeGreaterThan(2);
    expect(new Set(about(events))).toEqual(new Set(orders.map(({ order_no }) => `order.paid ${order_no}`)));
  });

  it('of one order alone is not looked for', async () => {
    const [order] = [await paid(0), await paid(0)];
    const { events, progress } = await publish({ order_no: order.order_no });
    expect(about(events)).toEqual([`order.paid ${order.order_no}`]);
    expect(progress).toEqual([]);
  });

  it('of an order that is not there', async () => {
    await expect(publish({ order_no: 'mall-0' })).rejects.toThrow('there is no order mall-0');
  });

  it('leaves out what it cannot read, and says so', async () => {
    const order = await paid(0);
    const other = await paid(0);
    const { client, tableName: TableName } = store.context;
    const newer = { ...itemOf({ put: 'order', record: other as never }), schema: 99 };
    await client.send(new PutCommand({ TableName, Item: newer }));
    const { events, unreadable, published } = await publish();
    expect(about(events)).toEqual([`order.paid ${order.order_no}`]);
    expect(unreadable).toEqual([[`ORDER#${other.order_no}`, expect.stringMatching(/version|schema/)]]);
    expect(published.unreadable).toBe(1);
  });
});

describe('the bus', () => {
  it('gets again what it did not take, after growing pauses', async () => {
    await paid(0);
    const { puts, sleeps } = await publish({ take: (events, puts) => events.map(() => puts === 3) });
    expect(puts).toHaveLength(3);
    expect(new Set(puts.map(([event]) => event?.id)).size).toBe(1);
    expect(sleeps).toEqual([1_000, 2_000]);
  });

  it('gets only that, and no more than ten at once', async () => {
    const order = shopOrder({
      order_no: 'mall-77',
      status: 'paid',
      paid_by: 1,
      paid_at: at(0),
      updated_at: at(0),
    });
    const payment = paidPayment(order);
    const refunds = Array.from({ length: 12 }, (_, index) =>
      refundOf(payment, { n: index + 1, amount: 10, status: 'succeeded' }),
    );
    await stored(order, 0, { put: 'payment', record: payment });
    await store.put(...refunds.map((record) => marked({ put: 'refund', record }, 0)));
    const { puts, published } = await publish({
      take: (events, count) => events.map((_, index) => count > 1 || index !== 4),
    });
    expect(puts.map((put) => put.length)).toEqual([10, 1, 3]);
    expect(puts[1]?.[0]).toBe(puts[0]?.[4]);
    expect(published.byType.get('refund.succeeded')).toBe(12);
  });

  it('that takes nothing ends it', async () => {
    await paid(0);
    await expect(publish({ take: (events) => events.map(() => false) })).rejects.toThrow(
      /^the bus does not take order\.paid evt_[0-9a-f]{32}$/,
    );
  });
});
