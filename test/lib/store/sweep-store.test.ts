import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Put } from '../../../lib/orders/change.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { DueCheck } from '../../../lib/orders/sweep.ts';
import type { ItemKey } from '../../../lib/store/keys.ts';
import { shardOf, workShard } from '../../../lib/store/keys.ts';
import { CHECKS_PER_SHARD, createSweepStore } from '../../../lib/store/sweep-store.ts';
import {
  disputeOf,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shippingOf,
  shopOrder,
} from '../../support/orders.ts';
import { type Item, useStore } from '../../support/store.ts';

const store = useStore();
const MINUTE_MS = 60_000;
const check = (due: number) => ({ kind: 'check', due }) as const;
const sweepStore = () => createSweepStore(store.context);

/** What a test left due is due no longer than the next one's. */
let start = NOW;
const newStart = () => {
  start -= MINUTE_MS;
  return start;
};
const dueAt = (time: number) => sweepStore().listDueChecks(isoTime(time));

const itemAt = async ({ order_no }: ShopOrder, wanted: string) =>
  (await store.items(order_no)).find(({ sk }) => sk === wanted) ?? {};
const owed = async (order: ShopOrder, sk: string) => {
  const { work, work_due } = await itemAt(order, sk);
  return work === undefined ? null : `${String(work).split('#')[0]} ${work_due}`;
};

describe('what is due', () => {
  it('is payments, refunds, disputes, what was sent and deadlines, with their records, the longest due first', async () => {
    const at = newStart();
    const order = shopOrder({ status: 'refunding', paid_by: 1, refunds: 1 });
    const payment = paymentOf(shopOrder());
    const refund = refundOf(paidPayment(order));
    const shipping = shippingOf(paidPayment(order));
    const dispute = disputeOf(paidPayment(order));
    const alone = shopOrder({ payment: null, payments: 0, expires_at: isoTime(NOW) });
    const later = shopOrder({ payment: null, expires_at: isoTime(NOW) });
    await store.put(
      { put: 'order', record: order, owes: { kind: 'notify', due: at - 5 } },
      { put: 'payment', record: payment, owes: check(at - 2) },
      { put: 'refund', record: refund, owes: check(at - 4) },
      { put: 'dispute', record: dispute, owes: check(at - 3) },
      { put: 'shipping', record: shipping, owes: check(at - 1) },
      { put: 'order', record: alone, owes: check(at) },
      { put: 'order', record: later, owes: check(at + 1) },
    );
    expect(await dueAt(at)).toEqual([
      { type: 'refund', work_due: isoTime(at - 4), refund },
      { type: 'dispute', work_due: isoTime(at - 3), dispute },
      { type: 'payment', work_due: isoTime(at - 2), payment },
      { type: 'shipping', work_due: isoTime(at - 1), shipping },
      { type: 'deadline', work_due: isoTime(at), order_no: alone.order_no },
    ]);
  });

  it('is of each shard so many', async () => {
    const at = newStart();
    const first = shopOrder();
    const orders = [first];
    while (orders.length <= CHECKS_PER_SHARD) {
      const order = shopOrder();
      if (shardOf(order.order_no) === shardOf(first.order_no)) orders.push(order);
    }
    await Promise.all(
      orders.map((order) => store.put({ put: 'payment', record: paymentOf(order), owes: check(at) })),
    );
    expect(await dueAt(at)).toHaveLength(CHECKS_PER_SHARD);
  });
});

describe('what is not understood', () => {
  async function due(at: number, spoil: (item: Item, order: ShopOrder) => Item) {
    const [order, other] = [shopOrder(), shopOrder()];
    await store.put({ put: 'payment', record: paymentOf(order), owes: check(at) });
    const item = await itemAt(order, 'PAYMENT#1');
    const spoilt = { ...item, ...spoil(item, order) };
    const { client, tableName } = store.context;
    await client.send(new PutCommand({ TableName: tableName, Item: spoilt }));
    await store.put({ put: 'payment', record: paymentOf(other), owes: check(at) });
    return { order, other, spoilt };
  }
  const anotherShard = ({ order_no }: ShopOrder) => `check#${(shardOf(order_no) + 1) % 8}`;
  const otherOfShard = ({ order_no }: ShopOrder): string => {
    const { order_no: other } = shopOrder();
    return shardOf(other) === shardOf(order_no) ? other : otherOfShard({ order_no } as ShopOrder);
  };

  it.each<[string, (item: Item, order: ShopOrder) => Item]>([
    ['is of a newer version', () => ({ schema: 9 })],
    ['says another number than its own', () => ({ n: 2 })],
    ['says another order', (_, order) => ({ order_no: otherOfShard(order) })],
    ['is among the work of others', (_, order) => ({ work: anotherShard(order) })],
  ])('as it %s, is told as it is beside the others, and is put off once', async (_, spoil) => {
    const at = newStart();
    const { order, other, spoilt } = await due(at, spoil);
    const found = await dueAt(at);
    expect(found).toHaveLength(2);
    const payment = paymentOf(other);
    expect(found).toContainEqual({ type: 'payment', work_due: isoTime(at), payment });
    const { pk, sk, work } = spoilt as Item & ItemKey;
    const unreadable = found.find(({ type }) => type === 'unreadable');
    expect(unreadable).toEqual({
      ...{ type: 'unreadable', work_due: isoTime(at), order_no: order.order_no },
      ...{ item: { pk, sk, work }, error: expect.any(Error) },
    });
    const next = isoTime(at + MINUTE_MS);
    if (!unreadable) throw new Error('it is told');
    expect(await sweepStore().postpone(unreadable, next)).toBe(true);
    expect(await sweepStore().postpone(unreadable, next)).toBe(false);
    expect(await itemAt(order, 'PAYMENT#1')).toEqual({ ...spoilt, work_due: next });
  });
});

describe('a check', () => {
  it.each<[string, string, (order: ShopOrder) => Put, (order: ShopOrder) => DueCheck]>([
    [
      'payment',
      'PAYMENT#1',
      (order) => ({ put: 'payment', record: paymentOf(order), owes: check(NOW) }),
      (order) => ({ type: 'payment', work_due: isoTime(NOW), payment: paymentOf(order) }),
    ],
    [
      'refund',
      'REFUND#1',
      (order) => ({ put: 'refund', record: refundOf(paymentOf(order)), owes: check(NOW) }),
      (order) => ({ type: 'refund', work_due: isoTime(NOW), refund: refundOf(paymentOf(order)) }),
    ],
    [
      'dispute',
      'DISPUTE#du_1',
      (order) => ({ put: 'dispute', record: disputeOf(paymentOf(order)), owes: check(NOW) }),
      (order) => ({ type: 'dispute', work_due: isoTime(NOW), dispute: disputeOf(paymentOf(order)) }),
    ],
    [
      'shipping',
      'SHIPPING',
      (order) => ({ put: 'shipping', record: shippingOf(paymentOf(order)), owes: check(NOW) }),
      (order) => ({ type: 'shipping', work_due: isoTime(NOW), shipping: shippingOf(paymentOf(order)) }),
    ],
    [
      'deadline',
      'ORDER',
      (order) => ({ put: 'order', record: order, owes: check(NOW) }),
      ({ order_no }) => ({ type: 'deadline', work_due: isoTime(NOW), order_no }),
    ],
  ])('of a %s is put off once, and cleared only as it was put off', async (_, sk, put, due) => {
    const order = shopOrder();
    await store.put(put(order));
    const before = await itemAt(order, sk);
    expect(before['work']).toBe(workShard('check', order.order_no));
    const { postpone, clear } = sweepStore();
    const next = isoTime(NOW + MINUTE_MS);
    expect(await postpone(due(order), next)).toBe(true);
    expect(await postpone(due(order), next)).toBe(false);
    await clear(due(order));
    expect(await itemAt(order, sk)).toEqual({ ...before, work_due: next });
    await clear({ ...due(order), work_due: next });
    expect(await owed(order, sk)).toBeNull();
    expect(await postpone({ ...due(order), work_due: next }, next)).toBe(false);
  });
});
