import { describe, expect, it } from 'vitest';
import { checkBooks, type World } from './books.ts';
import type { TableItem } from './table-scan.ts';

const base = { order_no: 'mall-1', pk: 'ORDER#mall-1', amount: 1000, currency: 'CNY', provider: 'wechat' };
const order = { ...base, sk: 'ORDER', status: 'paid', refunded: 300, reserved: 0 };
const payment = {
  ...base,
  sk: 'ENTRY#PAYMENT',
  debit: 'provider:wechat',
  credit: 'shop:mall',
  transaction_id: 'T1',
};
const suspense = {
  ...payment,
  sk: 'ENTRY#SUSPENSE#wechat#T2',
  credit: 'suspense:wechat',
  transaction_id: 'T2',
};
const refund = { ...base, sk: 'REFUND#1', n: 1, refund_no: 'mall-1-r1', amount: 300, status: 'succeeded' };
const refundEntry = {
  ...base,
  sk: 'ENTRY#REFUND#1',
  amount: 300,
  debit: 'shop:mall',
  credit: 'provider:wechat',
  transaction_id: 'T1',
};
const exception = { ...base, sk: 'EXCEPTION#paid_twice#wechat#T2' };

const good: readonly TableItem[] = [order, payment, suspense, refund, refundEntry, exception];
const world = (items: readonly TableItem[], changes: Partial<World> = {}): World => ({
  items,
  taken: [
    { transaction_id: 'T1', amount: 1000 },
    { transaction_id: 'T2', amount: 1000 },
  ],
  perhapsTaken: new Set(),
  returned: [{ refund_no: 'mall-1-r1', amount: 300 }],
  announced: '> 商城 `mall-1` CNY 10.00',
  ...changes,
});
const without = (item: TableItem) => good.filter((other) => other !== item);
const altered = (item: TableItem, changes: object) => [...without(item), { ...item, ...changes }];

describe('the check of the books', () => {
  it('finds nothing wrong where all is well', () => {
    expect(checkBooks(world(good))).toEqual([]);
  });

  it.each<[string, readonly TableItem[], Partial<World>?]>([
    ['a paid order is not booked', without(payment)],
    ['an order that is not paid is booked', altered(order, { status: 'pending' })],
    ['a booking has no order', without(order)],
    ['a booking has another amount', altered(payment, { amount: 999 })],
    ['a booking is to another owner', altered(payment, { credit: 'shop:meal' })],
    ['a payment is booked twice', altered(suspense, { transaction_id: 'T1' })],
    ['money was taken and is not booked', without(suspense)],
    ['money is booked and was never taken', good, { taken: [{ transaction_id: 'T1', amount: 1000 }] }],
    ['a refund is open', altered(refund, { status: 'open' })],
    ['a refund is not booked', without(refundEntry)],
    ['a refund that failed is booked', altered(refund, { status: 'failed' })],
    ['a refund is booked with another amount', altered(refundEntry, { amount: 299 })],
    ['a refund was not returned', good, { returned: [] }],
    ['a refund is not known', without(refund)],
    ['a sum of refunds is wrong', altered(order, { refunded: 200 })],
    ['more is returned than was paid', altered(order, { refunded: 300, reserved: 800 })],
    ['an amount is a fraction', altered(suspense, { amount: 0.5 })],
    ['an account is booked to itself', altered(suspense, { credit: 'provider:wechat' })],
    ['an announcement is missing', good, { announced: '`mall-11`' }],
  ])('sees that %s', (_, items, changes) => {
    expect(checkBooks(world(items, changes))).not.toEqual([]);
  });
});
