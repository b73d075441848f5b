import { type BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../lib/orders/journal.ts';
import type { Order, Provider } from '../../../lib/orders/order.ts';
import type { Booking } from '../../../lib/reconciliation/books.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { entryItem } from '../../../lib/store/journal-item.ts';
import {
  type ItemKey,
  paymentEntryKey,
  refundEntryKey,
  refundKey,
  suspenseEntryKey,
} from '../../../lib/store/keys.ts';
import { putOrder } from '../../../lib/store/order-store.ts';
import { createReconciliationStore } from '../../../lib/store/reconciliation-store.ts';
import { shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const period = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-23T00:00:00.000Z' };
const noon = '2026-11-22T12:00:00.000Z';

const books = (context: StoreContext = store.context) => createReconciliationStore(context);
const put = (item: object) =>
  store.context.client.send(new PutCommand({ TableName: store.context.tableName, Item: { ...item } }));

async function book(key: ItemKey, order_no: string, changes: Partial<JournalEntry> = {}): Promise<void> {
  const isRefund = key.sk.startsWith('ENTRY#REFUND');
  const [debit, credit] = isRefund ? ['shop:mall', 'provider:wechat'] : ['provider:wechat', 'shop:mall'];
  const entry = { order_no, debit, credit, amount: 1999, currency: 'CNY', provider: 'wechat' as Provider };
  await put(entryItem(key, { ...entry, transaction_id: 'T1', booked_at: noon, ...changes }));
}

async function newOrder(changes: Partial<Order> = {}): Promise<string> {
  const order = shopOrder(changes as Partial<ReturnType<typeof shopOrder>>);
  await putOrder(store.context, order);
  return order.order_no;
}

describe('findBookings', () => {
  it('finds payments and refunds by their keys, in the order that they were asked for', async () => {
    const first = await newOrder();
    const second = await newOrder();
    await book(paymentEntryKey(first), first);
    await book(refundEntryKey(second, 2), second, { amount: 500 });
    const found = await books().findBookings([
      { order_no: second, refund: 2 },
      { order_no: second, refund: null },
      { order_no: first, refund: null },
      { order_no: first, refund: null },
    ]);
    expect(found.map((one) => one && [one.kind, one.order_no, one.refund, one.amount])).toEqual([
      ['refund', second, 2, 500],
      undefined,
      ['payment', first, null, 1999],
      ['payment', first, null, 1999],
    ]);
  });

  it('asks again for what a throttled table left out, but not for ever', async () => {
    const order_no = await newOrder();
    await book(paymentEntryKey(order_no), order_no);
    const left: number[] = [];
    const throttled = (rounds: number): StoreContext => {
      const { client, tableName, io } = store.context;
      const send: typeof client.send = async (command: never) => {
        const { input } = command as BatchGetCommand;
        left.push(1);
        return left.length <= rounds ? { UnprocessedKeys: input.RequestItems } : client.send(command);
      };
      const slow = Object.assign(Object.create(client), { send });
      return { client: slow, tableName, io: { ...io, sleep: async () => undefined } };
    };
    const find = (rounds: number) => books(throttled(rounds)).findBookings([{ order_no, refund: null }]);
    expect((await find(3))[0]?.order_no).toBe(order_no);
    left.length = 0;
    await expect(find(1_000)).rejects.toThrow('does not keep up');
  });
});

describe('readOrder', () => {
  it('has the bookings and the open refunds of an order', async () => {
    const order_no = await newOrder();
    await book(paymentEntryKey(order_no), order_no);
    await book(suspenseEntryKey(order_no, 'wechat', 'T2'), order_no, { transaction_id: 'T2' });
    await book(refundEntryKey(order_no, 1), order_no);
    await book(refundEntryKey(order_no, 1, 9), order_no);
    await put({ ...refundKey(order_no, 1), n: 1, status: 'succeeded' });
    await put({ ...refundKey(order_no, 2), n: 2, status: 'open' });
    const { bookings, openRefunds } = await books().readOrder(order_no);
    expect(bookings.map(({ kind, transaction_id }) => [kind, transaction_id])).toEqual([
      ['payment', 'T1'],
      ['refund', 'T1'],
      ['suspense', 'T2'],
    ]);
    expect(openRefunds.map(({ n }) => n)).toEqual([2]);
  });

  it("names a payment's transaction as the order does that learnt it later", async () => {
    const settlement = { provider: 'wechat' as const, transaction_id: 'T7' };
    const order_no = await newOrder({ settlement });
    await book(paymentEntryKey(order_no), order_no, { transaction_id: null });
    await book(suspenseEntryKey(order_no, 'wechat', null), order_no, { transaction_id: null });
    const { bookings } = await books().readOrder(order_no);
    expect(bookings.map(({ transaction_id }) => transaction_id)).toEqual(['T7', null]);
  });

  it('has nothing of an order that is not there', async () => {
    expect(await books().readOrder('mall-999999')).toEqual({ bookings: [], openRefunds: [] });
  });
});

describe('listBookings', () => {
  it('has everything of the account in the period but what only books a refund back', async () => {
    const account = 'provider:alipay';
    const inside: Partial<JournalEntry> = { debit: account, provider: 'alipay' };
    const expected: string[] = [];
    for (const booked_at of [period.from, '2026-11-21T23:59:59.999Z', '2026-11-22T00:00:00.000Z', noon]) {
      const order_no = await newOrder();
      await book(paymentEntryKey(order_no), order_no, { ...inside, booked_at });
      await book(refundEntryKey(order_no, 1), order_no, { credit: account, booked_at });
      await book(refundEntryKey(order_no, 1, 5), order_no, { ...inside, credit: 'shop:mall', booked_at });
      expected.push(`payment ${order_no}`, `refund ${order_no}`);
    }
    const outside = await newOrder();
    for (const booked_at of ['2026-11-20T23:59:59.999Z', period.to]) {
      await book(suspenseEntryKey(outside, 'alipay', booked_at), outside, { ...inside, booked_at });
    }
    const found = await Array.fromAsync(books().listBookings(account, period));
    expect(found.map(({ kind, order_no }) => `${kind} ${order_no}`).sort()).toEqual(expected.sort());
  });
});

describe('findOrigins', () => {
  it('has the times of the order or of the refund', async () => {
    const paid_at = '2026-11-22T07:59:30.000Z';
    const order_no = await newOrder({ paid_at });
    const created_at = '2026-11-22T11:00:00.000Z';
    await put({ ...refundKey(order_no, 1), n: 1, created_at });
    await book(paymentEntryKey(order_no), order_no);
    await book(suspenseEntryKey(order_no, 'wechat', 'T2'), order_no);
    await book(refundEntryKey(order_no, 1), order_no);
    const { bookings } = await books().readOrder(order_no);
    const unknown = { ...bookings[0], order_no: 'mall-999999' } as Booking;
    const { created_at: handedOver } = shopOrder();
    expect(await books().findOrigins([...bookings, unknown])).toEqual([
      { created_at: handedOver, paid_at },
      { created_at, paid_at: null },
      { created_at: handedOver, paid_at: null },
      undefined,
    ]);
  });
});
