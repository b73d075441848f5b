import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Order } from '../../../lib/orders/order.ts';
import { type Refund, refundNumber } from '../../../lib/orders/refund.ts';
import type { RefundEvent } from '../../../lib/orders/refund-event.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { NOW, refundOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

const now = new Date(NOW).toISOString();
const run = (store: MemoryStore, event: RefundEvent) => settleRefund(store, event, () => NOW);

const paid = { status: 'refunding', amount: 1000, reserved: 400, refunds: 1 } as const;

function open(order: Order, changes: Partial<Refund> = {}) {
  const refund = refundOf(order, changes);
  return createMemoryStore(order, { order, refund, suspense: null });
}

const notice = (order: Order, changes: Partial<RefundEvent> = {}): RefundEvent => ({
  type: 'refund_succeeded',
  order_no: order.order_no,
  provider: order.provider ?? 'wechat',
  refund_no: refundNumber(order.order_no, 1),
  refund_id: 'R1',
  ...changes,
});

describe('settleRefund', () => {
  it('books a refund that succeeded, once', async () => {
    const order = tenantOrder(paid);
    const store = open(order);
    expect(await run(store, notice(order))).toEqual({ outcome: 'refunded', status: 'paid' });
    expect(await run(store, notice(order))).toEqual({ outcome: 'already_refunded', status: 'paid' });
    expect(store.refundCase).toEqual({
      order: { ...order, status: 'paid', reserved: 0, refunded: 400, updated_at: now, version: 2 },
      refund: refundOf(order, { status: 'succeeded', refund_id: 'R1', updated_at: now }),
      suspense: null,
    });
    expect(store.entries).toEqual([
      {
        order_no: order.order_no,
        debit: 'tenant:7',
        credit: 'provider:stripe',
        amount: 400,
        currency: 'USD',
        provider: 'stripe',
        transaction_id: 'T1',
        booked_at: now,
      },
    ]);
  });

  it('gives back what a failed refund held, and books nothing', async () => {
    const order = shopOrder(paid);
    const store = open(order);
    const event = notice(order, { type: 'refund_failed', refund_id: null });
    expect(await run(store, event)).toEqual({ outcome: 'refund_failed', status: 'paid' });
    expect(store.refundCase).toMatchObject({
      order: { status: 'paid', reserved: 0, refunded: 0 },
      refund: { status: 'failed', refund_id: null },
    });
    expect(store.entries).toEqual([]);
  });

  it('books back a success that turned out to be none, and keeps the number it is known by', async () => {
    const order = shopOrder({ ...paid, status: 'refunded', reserved: 0, refunded: 1000 });
    const store = open(order, { status: 'succeeded', amount: 1000, refund_id: 'R1' });
    const event = notice(order, { type: 'refund_failed', refund_id: null });
    expect(await run(store, event)).toEqual({ outcome: 'refund_failed', status: 'paid' });
    expect(store.entries).toMatchObject([{ debit: 'provider:wechat', credit: 'shop:mall', amount: 1000 }]);
    expect(store.refundCase).toMatchObject({ order: { refunded: 0 }, refund: { refund_id: 'R1' } });
  });

  it('returns money in suspense without touching what the order was paid with', async () => {
    const order = shopOrder({ ...paid, status: 'closed', reserved: 0 });
    const refund = refundOf(order, { exception_key: 'EXCEPTION#paid_after_close#wechat#T1' });
    const suspense = { amount: 1000, reserved: 400, refunded: 0 };
    const store = createMemoryStore(order, { order, refund, suspense });
    expect(await run(store, notice(order))).toEqual({ outcome: 'refunded', status: 'closed' });
    expect(store.refundCase).toMatchObject({
      order: { status: 'closed', reserved: 0, refunded: 0, updated_at: now },
      refund: { status: 'succeeded', updated_at: now },
      suspense: { amount: 1000, reserved: 0, refunded: 400 },
    });
    expect(store.entries).toMatchObject([{ debit: 'suspense:wechat', credit: 'provider:wechat' }]);
  });

  it('does not let an overtaken message revive a refund that failed', async () => {
    const order = shopOrder({ ...paid, status: 'paid', reserved: 0 });
    const store = open(order, { status: 'failed' });
    expect(await run(store, notice(order))).toEqual({ outcome: 'unknown_refund' });
    expect(store.calls).toEqual(['readRefund', 'recordException']);
    const repeated = await run(store, notice(order, { type: 'refund_failed' }));
    expect(repeated).toEqual({ outcome: 'already_refunded', status: 'paid' });
  });

  it('leaves a refund open that waits for a person, whatever is said of it how often', async () => {
    const order = shopOrder(paid);
    const store = open(order);
    const seen = store.refundCase;
    for (const _ of [1, 2]) {
      const result = await run(store, notice(order, { type: 'refund_abnormal' }));
      expect(result).toEqual({ outcome: 'refund_abnormal', status: 'refunding' });
    }
    expect(store.refundCase).toEqual(seen);
    expect(store.calls).toEqual(['readRefund', 'readRefund']);
    expect(await run(store, notice(order))).toEqual({ outcome: 'refunded', status: 'paid' });
    expect(await run(store, notice(order, { type: 'refund_abnormal' }))).toEqual({
      outcome: 'already_refunded',
      status: 'paid',
    });
    expect(store.entries).toHaveLength(1);
  });

  it('tells a person when a refund that failed has taken money all the same', async () => {
    const order = shopOrder({ ...paid, status: 'paid', reserved: 0 });
    const store = open(order, { status: 'failed' });
    const event = notice(order, { type: 'refund_abnormal' });
    expect(await run(store, event)).toEqual({ outcome: 'unknown_refund' });
    expect(store.calls).toEqual(['readRefund', 'recordException']);
  });

  it('finds the refund of a shop order by whichever number its payment was made under', async () => {
    const order = shopOrder({ ...paid, attempt: 2 });
    const store = open(order);
    const event = notice(order, { order_no: `${order.order_no}-2` });
    expect(await run(store, event)).toEqual({ outcome: 'refunded', status: 'paid' });
  });

  it.each([
    ['provider', { provider: 'stripe' }],
    ['merchant', { merchant: 'mc' }],
    ['merchant', { merchant: 'app' }],
    ['amount', { amount: 401 }],
    ['currency', { currency: 'USD' }],
  ] as const)('records another %s and changes nothing: %j', async (field, changes) => {
    const order = shopOrder(paid);
    const store = open(order);
    const event = notice(order, changes);
    expect(await run(store, event)).toEqual({ outcome: 'mismatch', fields: [field] });
    expect(store.exceptions).toEqual([
      {
        record: {
          order_no: order.order_no,
          payment_no: order.order_no,
          kind: 'mismatch',
          provider: event.provider,
          transaction_id: event.refund_no,
          fields: [field],
          amount: event.amount ?? null,
          currency: event.currency ?? null,
          recorded_at: now,
          reserved: 0,
          refunded: 0,
        },
        entry: null,
      },
    ]);
    expect(store.calls).toEqual(['readRefund', 'recordException']);
  });

  it.each(['mch/app', 'mch'])('takes the merchant %j of mch/app', async (merchant) => {
    const order = shopOrder(paid);
    const event = notice(order, { merchant, amount: 400, currency: 'CNY' });
    expect(await run(open(order), event)).toEqual({ outcome: 'refunded', status: 'paid' });
  });

  it('takes any merchant where the order, costing nothing by now, names none', async () => {
    const order = shopOrder({ ...paid, merchant: null });
    const result = await run(open(order), notice(order, { merchant: 'mch' }));
    expect(result).toEqual({ outcome: 'refunded', status: 'paid' });
  });

  it.each([
    ['made by hand', 'made-by-hand', ['recordException']],
    ['of a number never given', '-r2', ['readRefund', 'recordException']],
  ])('records a refund %s', async (_, number, calls) => {
    const order = shopOrder({ ...paid, attempt: 2 });
    const store = open(order);
    const refund_no = number.startsWith('-') ? `${order.order_no}${number}` : number;
    const event = notice(order, { order_no: `${order.order_no}-2`, refund_no });
    expect(await run(store, event)).toEqual({ outcome: 'unknown_refund' });
    expect(store.calls).toEqual(calls);
    expect(store.exceptions).toMatchObject([
      {
        record: {
          kind: 'unknown_refund',
          order_no: order.order_no,
          payment_no: event.order_no,
          transaction_id: refund_no,
          fields: [],
        },
        entry: null,
      },
    ]);
  });

  it('asks the store nothing where a message names no order of ours, or no refund', async () => {
    const order = shopOrder(paid);
    const store = open(order);
    expect(await run(store, notice(order, { order_no: 'shop-1' }))).toEqual({ outcome: 'not_found' });
    expect(await run(store, notice(order, { refund_no: null }))).toEqual({ outcome: 'unnamed_refund' });
    expect(store.calls).toEqual([]);
  });

  it('keeps what is reserved, returned and booked in step, whatever comes in whatever order', async () => {
    const message = fc.record({
      type: fc.constantFrom<RefundEvent['type']>('refund_succeeded', 'refund_failed', 'refund_abnormal'),
      amount: fc.constantFrom(400, 400, 1),
      number: fc.constantFrom(1, 1, 2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 6 }), async (messages) => {
        const order = shopOrder(paid);
        const store = open(order);
        for (const { type, amount, number } of messages) {
          await run(store, notice(order, { type, amount, refund_no: refundNumber(order.order_no, number) }));
          const { reserved = -1, refunded = -1 } = store.refundCase?.order ?? {};
          const status = store.refundCase?.refund.status;
          expect([reserved, refunded]).toEqual([
            status === 'open' ? 400 : 0,
            status === 'succeeded' ? 400 : 0,
          ]);
          const signed = store.entries.map((entry) => (entry?.credit === 'provider:wechat' ? 400 : -400));
          expect(signed.reduce((sum, one) => sum + one, 0)).toBe(refunded);
        }
      }),
    );
  });

  it('reads again when the order has changed meanwhile', async () => {
    const order = shopOrder(paid);
    const store = open(order);
    let conflicts = 2;
    const busy: MemoryStore = {
      ...store,
      writeRefund: async (change) => --conflicts < 0 && store.writeRefund(change),
    };
    expect(await run(busy, notice(order))).toEqual({ outcome: 'refunded', status: 'paid' });
    expect(store.calls).toEqual(['readRefund', 'readRefund', 'readRefund', 'writeRefund']);
    expect(store.entries).toHaveLength(1);
  });

  it('gives up on an order that never stands still, after ten writes', async () => {
    const order = shopOrder(paid);
    const store = open(order);
    const busy: MemoryStore = { ...store, writeRefund: async () => false };
    await expect(run(busy, notice(order))).rejects.toThrow('faster');
    expect(store.calls).toHaveLength(10);
  });
});
