import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order } from '../../../lib/orders/order.ts';
import type { PaymentEvent } from '../../../lib/orders/payment-event.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { UnexpectedRefusalError } from '../../../lib/orders/unexpected-refusal.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const now = new Date(NOW).toISOString();
const run = (store: MemoryStore, event: PaymentEvent) => settle(store, event, () => NOW);
const settlement = { provider: 'wechat', transaction_id: 'T1' } as const;
const unnamed = { provider: 'wechat', transaction_id: null } as const;

/** What a message says that names neither amount nor currency. */
const bare = ({ order_no, provider }: Order, changes: Partial<PaymentEvent> = {}): PaymentEvent => ({
  type: 'succeeded',
  order_no,
  provider,
  transaction_id: 'T1',
  ...changes,
});

describe('settle', () => {
  it('pays an order and books it, with one write and no read', async () => {
    const order = tenantOrder();
    const store = createMemoryStore(order);
    expect(await run(store, paymentOf(order))).toEqual({ outcome: 'settled', status: 'paid' });
    expect(store.calls).toEqual(['settleOrder']);
    expect(store.entries).toEqual([
      {
        order_no: order.order_no,
        debit: 'provider:stripe',
        credit: 'tenant:7',
        amount: 1999,
        currency: 'USD',
        provider: 'stripe',
        transaction_id: 'T1',
        booked_at: now,
      },
    ]);
    expect(store.order).toMatchObject({ paid_at: now, updated_at: now });
  });

  it.each(['failed', 'closed'] as const)('makes an order %s with one write and no read', async (type) => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    const event = bare(order, { type, transaction_id: null });
    expect(await run(store, event)).toEqual({ outcome: type, status: type });
    expect(store.calls).toEqual(['setOrderStatus']);
    expect(store.order).toMatchObject({ status: type, updated_at: now });
  });

  it.each(['', 'constructor', 'shop-1'])('asks the store nothing about %j', async (order_no) => {
    const store = createMemoryStore(shopOrder());
    const event = paymentOf(shopOrder(), { order_no });
    expect(await run(store, event)).toEqual({ outcome: 'not_found' });
    expect(store.calls).toEqual([]);
  });

  it('does not invent an order, whether or not the message says how much was paid', async () => {
    const order = shopOrder();
    for (const event of [paymentOf(order), bare(order), bare(order, { type: 'closed' })]) {
      const store = createMemoryStore();
      expect(await run(store, event)).toEqual({ outcome: 'not_found' });
      expect(store.exceptions).toEqual([]);
    }
  });

  it.each([
    ['amount and currency', {}],
    ['currency', { amount: 1234 }],
    ['amount', { currency: 'CNY' }],
  ])('takes from the order what the message leaves out: %s', async (_, said) => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    expect(await run(store, bare(order, said))).toEqual({ outcome: 'settled', status: 'paid' });
    expect(store.entries).toMatchObject([{ amount: 1234, currency: 'CNY', credit: 'shop:mall' }]);
    expect(store.calls).toEqual(['getOrder', 'settleOrder']);
    expect(await run(store, bare(order, said))).toEqual({ outcome: 'already_settled', status: 'paid' });
    expect(store.calls).toEqual(['getOrder', 'settleOrder', 'getOrder']);
  });

  it('does not let the order speak for what the message does say', async () => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    const result = await run(store, bare(order, { amount: 1 }));
    expect(result).toEqual({ outcome: 'mismatch', fields: ['amount'] });
  });

  it('names the transaction of an order that was paid without one', async () => {
    const order = shopOrder({ status: 'refunding', settlement: unnamed });
    const store = createMemoryStore(order);
    const expected = { outcome: 'already_settled', status: 'refunding' };
    expect(await run(store, paymentOf(order))).toEqual(expected);
    expect(store.order).toMatchObject({ settlement, updated_at: now });
    expect(await run(store, paymentOf(order))).toEqual(expected);
    expect(store.calls).toEqual(['settleOrder', 'nameTransaction', 'settleOrder']);
  });

  it('records a difference without booking anything', async () => {
    const order = shopOrder({ provider: 'alipay' });
    const store = createMemoryStore(order);
    const event = paymentOf(order, { provider: 'wechat', currency: 'USD' });
    const fields = ['provider', 'currency'];
    expect(await run(store, event)).toEqual({ outcome: 'mismatch', fields });
    const record = {
      order_no: order.order_no,
      payment_no: order.order_no,
      kind: 'mismatch',
      provider: 'wechat',
      transaction_id: 'T1',
      fields,
      amount: 1234,
      currency: 'USD',
      recorded_at: now,
      reserved: 0,
      refunded: 0,
    };
    expect(store.exceptions).toEqual([{ record, entry: null }]);
    expect(store.order).toBe(order);
  });

  it('records what a message does not say as not said', async () => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    const event = bare(order, { type: 'failed', merchant: 'other' });
    expect(await run(store, event)).toEqual({ outcome: 'mismatch', fields: ['merchant'] });
    expect(store.exceptions).toMatchObject([{ record: { amount: null, currency: null } }]);
  });

  it.each([
    ['paid_after_close', 'closed'],
    ['paid_twice', 'paid'],
    ['paid_twice', 'refunded'],
  ] as const)('books to suspense what is %s', async (outcome, status) => {
    const order = shopOrder({ status, settlement: status === 'closed' ? null : settlement });
    const store = createMemoryStore(order);
    const event = paymentOf(order, { transaction_id: 'T2' });
    expect(await run(store, event)).toEqual({ outcome, status });
    expect(store.order).toBe(order);
    expect(store.exceptions).toMatchObject([
      {
        record: { kind: outcome, fields: [], amount: 1234, currency: 'CNY' },
        entry: {
          debit: 'provider:wechat',
          credit: 'suspense:wechat',
          amount: 1234,
          transaction_id: 'T2',
          booked_at: now,
        },
      },
    ]);
  });

  it('books money for a payment that the order gave up under the order, and keeps its number', async () => {
    const order = shopOrder({ attempt: 2 });
    const store = createMemoryStore(order);
    expect(await run(store, paymentOf(order))).toEqual({ outcome: 'paid_superseded', status: 'pending' });
    expect(store.exceptions).toMatchObject([{ record: { payment_no: order.order_no } }]);

    const event = paymentOf(order, { order_no: `${order.order_no}-2` });
    expect(await run(store, event)).toEqual({ outcome: 'settled', status: 'paid' });
    expect(store.entries).toMatchObject([{ order_no: order.order_no }]);

    const third = paymentOf(order, { order_no: `${order.order_no}-3`, transaction_id: 'T3' });
    expect(await run(store, third)).toEqual({ outcome: 'paid_superseded', status: 'paid' });
    expect(store.exceptions[1]).toMatchObject({
      record: { order_no: order.order_no, payment_no: `${order.order_no}-3` },
      entry: { order_no: order.order_no, credit: 'suspense:wechat' },
    });
  });

  it('does not mind how often a tenant order was made at its provider', async () => {
    const order = tenantOrder({ attempt: 3 });
    const result = await run(createMemoryStore(order), paymentOf(order));
    expect(result).toEqual({ outcome: 'settled', status: 'paid' });
  });

  it.each([
    ['no provider', { provider: null, merchant: null }],
    ['a provider', {}],
  ])('books nothing where nothing was paid, through %s', async (_, changes) => {
    const order = shopOrder({ amount: 0, ...changes });
    const store = createMemoryStore(order);
    const event = paymentOf(order, { transaction_id: null });
    expect(await run(store, event)).toEqual({ outcome: 'settled', status: 'paid' });
    expect(store.entries).toEqual([null]);
  });

  it('books no money without a provider that holds it', async () => {
    const order = shopOrder({ provider: null, merchant: null });
    const store = createMemoryStore(order);
    await run(store, paymentOf(order));
    expect(store.entries).toEqual([null]);
  });

  it('decides again when the order moves under its feet', async () => {
    const order = shopOrder({ status: 'paid', settlement: unnamed });
    const store = createMemoryStore(order);
    const race: MemoryStore = {
      ...store,
      nameTransaction: async () => ({
        applied: false,
        order: { ...order, settlement: { ...settlement, transaction_id: 'T2' } },
      }),
    };
    expect(await run(race, paymentOf(order))).toEqual({ outcome: 'paid_twice', status: 'paid' });
  });

  it('gives up at once on a store that refuses what the order allows', async () => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    const refusing: MemoryStore = {
      ...store,
      settleOrder: async () => {
        store.calls.push('settleOrder');
        return { applied: false, order };
      },
    };
    await expect(run(refusing, paymentOf(order))).rejects.toThrow(UnexpectedRefusalError);
    expect(store.calls).toEqual(['settleOrder']);
  });

  it('gives up after four writes on an order that never stands still', async () => {
    const order = shopOrder();
    const store = createMemoryStore(order);
    const moving: MemoryStore = {
      ...store,
      settleOrder: async () => {
        store.calls.push('settleOrder');
        return { applied: false, order: { ...order, status: 'paid', settlement: unnamed } };
      },
      nameTransaction: async () => {
        store.calls.push('nameTransaction');
        return { applied: false, order };
      },
    };
    await expect(run(moving, paymentOf(order))).rejects.toThrow(UnexpectedRefusalError);
    expect(store.calls).toEqual(['settleOrder', 'nameTransaction', 'settleOrder', 'nameTransaction']);
  });

  it('keeps books and order in step, whatever comes in whatever order', async () => {
    const message = fc.record({
      type: fc.constantFrom('succeeded', 'failed', 'closed'),
      transaction_id: fc.constantFrom('T1', 'T2', null),
      amount: fc.constantFrom(1234, 1234, 1),
      attempt: fc.constantFrom('', '', '-2'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (messages) => {
        const order = shopOrder();
        const store = createMemoryStore(order);
        for (const { attempt, ...changes } of messages) {
          const event = paymentOf(order, { ...changes, order_no: `${order.order_no}${attempt}` });
          const first = await run(store, event);
          const before = [store.order, store.entries.length, store.exceptions.length];
          const again = await run(store, event);
          expect([store.order, store.entries.length, store.exceptions.length]).toEqual(before);
          expect('status' in again && again.status).toEqual('status' in first && first.status);
        }
        const isPaid = store.order?.status === 'paid';
        expect(store.entries).toHaveLength(isPaid ? 1 : 0);
        const booked = store.exceptions.filter(({ entry }) => entry !== null);
        const twice = store.exceptions.filter(({ record }) => record.kind !== 'mismatch');
        expect(booked).toEqual(twice);
      }),
    );
  });
});
