import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import type { RefundEvent } from '../../../lib/orders/event.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Refund } from '../../../lib/orders/refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import {
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shopOrder,
  successOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);
const MINUTE_MS = 60_000;
const { wechat, stripe } = merchantNames;

/** An order that was paid with 1000, of which 400 are on their way back. */
function refunding(order: Order = shopOrder(), changes: Partial<Refund> = {}) {
  const paid = { ...order, amount: 1000, status: 'refunding', paid_by: 1, refunds: 1 } as Order;
  const payment = paidPayment(paid, { reserved: 400 });
  const refund = refundOf(payment, changes);
  const { order_no } = order;
  const world = createWorld({ order: paid, payments: [payment], refunds: [refund] });
  const notice = (said: Partial<RefundEvent> = {}): RefundEvent => ({
    type: 'refund_succeeded',
    payment_no: payment.payment_no,
    provider: payment.provider,
    merchant: payment.merchant,
    refund_no: `${order_no}-r1`,
    refund_id: 'R1',
    ...said,
  });
  return {
    ...world,
    order: paid,
    payment,
    refund,
    notice,
    tell: (said: Partial<RefundEvent> = {}) => settleRefund(world.ports, notice(said)),
    stored: () => world.store.stored(paid),
    entries: () => world.store.entries(paid),
  };
}

describe('a refund that is told of', () => {
  it('is booked with the accounts reversed, once', async () => {
    const { tell, order, payment, refund, stored, entries, store } = refunding(tenantOrder());
    const { order_no } = order;
    expect(await tell()).toEqual({ outcome: 'refunded', order_no, status: 'paid' });
    expect(await tell()).toEqual({ outcome: 'already_refunded', order_no, status: 'paid' });
    expect(stored()).toEqual({
      order: { ...order, status: 'paid', updated_at: now, version: 2 },
      payments: [{ ...payment, reserved: 0, refunded: 400, version: 2 }],
      suspense: [],
      refunds: [{ ...refund, status: 'succeeded', refund_id: 'R1', updated_at: now, version: 2 }],
      returns: [],
      disputes: [],
      shipping: null,
      exceptions: [],
    });
    expect(entries()).toEqual([
      {
        order_no,
        kind: 'refund',
        reference: '1#1',
        refund: 1,
        debit: 'tenant:7',
        credit: `provider:stripe.${stripe}`,
        amount: 400,
        currency: 'USD',
        provider: 'stripe',
        merchant: stripe,
        transaction_id: 'T1',
        booked_at: now,
      },
    ]);
    expect(store.changes).toHaveLength(1);
  });

  it('names no transaction that is told of under another number meanwhile', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1, payments: 2 });
    const payment = paidPayment(order, { n: 1, transaction_id: null });
    const second = paymentOf(order, { n: 2, superseded: true });
    const { ports, store } = createWorld({ order, payments: [payment, second] });
    store.before('write', async () => {
      await settle(ports, successOf(second, { transaction_id: 'T1' }));
    });
    const { payment_no, provider, merchant } = payment;
    const notice = { payment_no, provider, merchant, refund_no: null, refund_id: 'R1', amount: 1 } as const;
    await settleRefund(ports, { type: 'refund_succeeded', ...notice, transaction_id: 'T1' });
    expect(store.stored(order).payments).toMatchObject([{ transaction_id: null }, { transaction_id: 'T1' }]);
  });

  it('names the transaction of its payment, where no message has', async () => {
    const order = { ...shopOrder(), amount: 1000, status: 'refunding', paid_by: 1, refunds: 1 } as const;
    const payment = paidPayment(order, { reserved: 400, transaction_id: null });
    const world = createWorld({ order, payments: [payment], refunds: [refundOf(payment)] });
    const { payment_no, provider, merchant } = payment;
    const event = {
      type: 'refund_succeeded' as const,
      ...{ payment_no, provider, merchant, transaction_id: 'T2' },
      ...{ refund_no: `${order.order_no}-r1`, refund_id: 'R1', amount: 400, paid: 1000 },
    } as const;
    for (const outcome of ['refunded', 'already_refunded']) {
      expect(await settleRefund(world.ports, event)).toMatchObject({ outcome });
    }
    expect(world.store.stored(order).payments).toMatchObject([{ transaction_id: 'T2', refunded: 400 }]);
    expect(world.store.entries(order)).toMatchObject([{ kind: 'refund', transaction_id: 'T2' }]);
  });

  it('is not asked about any more once it is decided', async () => {
    for (const type of ['refund_succeeded', 'refund_failed'] as const) {
      const { tell, order, store } = refunding();
      const owes = { kind: 'check', due: NOW } as const;
      const { order_no } = order;
      await store.write({ order_no, writes: [{ update: 'refund', of: 1, set: {}, owes, expects: {} }] });
      await tell({ type });
      expect(store.debts(order)).not.toHaveProperty('refund 1');
    }
  });

  it('gives back what it held when it failed, and books nothing', async () => {
    const { tell, order, stored, entries } = refunding();
    expect(await tell({ type: 'refund_failed', refund_id: null })).toEqual({
      outcome: 'refund_failed',
      order_no: order.order_no,
      status: 'paid',
    });
    expect(stored()).toMatchObject({
      order: { status: 'paid' },
      payments: [{ reserved: 0, refunded: 0 }],
      refunds: [{ status: 'failed', refund_id: null }],
    });
    expect(entries()).toEqual([]);
  });

  it('that the bank sends back is booked back, keeps its number, and stays so', async () => {
    const { tell, stored, entries } = refunding();
    await tell();
    expect(await tell({ type: 'refund_failed', refund_id: null })).toMatchObject({
      outcome: 'refund_failed',
    });
    expect(entries()).toMatchObject([
      { reference: '1#1', debit: 'shop:mall', credit: `provider:wechat.${wechat}`, amount: 400 },
      { reference: '1#2', debit: `provider:wechat.${wechat}`, credit: 'shop:mall', amount: 400 },
    ]);
    expect(stored()).toMatchObject({
      order: { status: 'paid' },
      payments: [{ reserved: 0, refunded: 0 }],
      refunds: [{ status: 'failed', refund_id: 'R1' }],
    });
    expect(await tell()).toMatchObject({ outcome: 'unknown_refund' });
    expect(await tell({ type: 'refund_failed' })).toMatchObject({ outcome: 'already_refunded' });
    expect(entries()).toHaveLength(2);
    expect(stored().exceptions).toMatchObject([
      { kind: 'refund_failed', refund_no: expect.stringMatching(/-r1$/), transaction_id: 'T1', amount: 400 },
      { kind: 'unknown_refund', refund_no: expect.stringMatching(/-r1$/) },
    ]);
  });

  it('that waits for a person stays open and is told, once, however often it is said', async () => {
    const { tell, order, refund, stored, store } = refunding();
    const { exceptions: _none, ...before } = stored();
    for (const _ of [1, 2]) {
      expect(await tell({ type: 'refund_abnormal' })).toMatchObject({
        outcome: 'refund_abnormal',
        status: 'refunding',
      });
    }
    const { exceptions, ...after } = stored();
    expect(after).toEqual(before);
    const { refund_no } = refund;
    expect(exceptions).toMatchObject([{ kind: 'refund_abnormal', refund_no, amount: 400, currency: 'CNY' }]);
    expect(Object.values(store.debts(order))).toEqual([`alert ${isoTime(NOW + 5 * MINUTE_MS)}`]);
    expect(await tell()).toMatchObject({ outcome: 'refunded' });
    expect(await tell({ type: 'refund_abnormal' })).toMatchObject({ outcome: 'already_refunded' });
  });

  it('as waiting for a person after it had failed is told', async () => {
    const { tell, order, stored } = refunding(shopOrder(), { status: 'failed' });
    const { order_no } = order;
    expect(await tell({ type: 'refund_abnormal' })).toEqual({
      ...{ outcome: 'unknown_refund', order_no, status: 'refunding' },
    });
    expect(stored().exceptions).toMatchObject([{ kind: 'unknown_refund' }]);
  });

  it('of money in suspense touches neither the order nor what it was paid with', async () => {
    const order = shopOrder({ status: 'closed', refunds: 1 });
    const payment = paidPayment(order, { isSuspense: true });
    const suspense = suspenseOf(payment, { reserved: 400 });
    const refund = refundOf(payment, { suspense: 'T2' });
    const { store, ports } = createWorld({
      order,
      payments: [payment],
      suspense: [suspense],
      refunds: [refund],
    });
    const { payment_no, provider, merchant } = payment;
    const event = { type: 'refund_succeeded', payment_no, provider, merchant, refund_id: 'R1' } as const;
    const { order_no } = order;
    const result = await settleRefund(ports, { ...event, refund_no: refund.refund_no });
    expect(result).toEqual({ outcome: 'refunded', order_no, status: 'closed' });
    expect(store.stored(order)).toMatchObject({
      order,
      payments: [payment],
      suspense: [{ reserved: 0, refunded: 400, version: 2 }],
      refunds: [{ status: 'succeeded' }],
    });
    expect(store.entries(order)).toMatchObject([
      { debit: `suspense:wechat.${wechat}`, credit: `provider:wechat.${wechat}`, transaction_id: 'T2' },
    ]);
  });

  it('of other money than that which paid the order leaves the order as it is', async () => {
    for (const of of [{ payment: 2 }, { suspense: 'T2' }]) {
      const { tell, order, payment, store, stored } = refunding(shopOrder(), of);
      const another = paidPayment(order, { n: 2, superseded: true, isSuspense: true, reserved: 400 });
      store.seed({ payments: [another], suspense: [suspenseOf(payment, { reserved: 400 })] });
      expect(await tell()).toMatchObject({ outcome: 'refunded', status: 'refunding' });
      expect(stored()).toMatchObject({ order, payments: [payment, {}] });
    }
  });

  it('as the last of what paid the order has the order refunded', async () => {
    const { tell, order, payment, store, stored } = refunding();
    store.seed({ payments: [{ ...payment, refunded: 600 }] });
    expect(await tell()).toMatchObject({ outcome: 'refunded', status: 'refunded' });
    expect(stored()).toMatchObject({
      order: { ...order, status: 'refunded', updated_at: now, version: 2 },
      payments: [{ reserved: 0, refunded: 1000 }],
    });
  });

  it('is found by whichever number of its order’s payments the message names', async () => {
    const { tell, order, store } = refunding();
    store.seed({ payments: [paymentOf(order, { n: 2, superseded: true })] });
    expect(await tell({ payment_no: `${order.order_no}-2` })).toMatchObject({ outcome: 'refunded' });
  });

  it('is counted in what has gone back in all of its payment, whichever number that is said under', async () => {
    const { tell, order, payment, store, stored } = refunding();
    store.seed({ payments: [paidPayment(order, { n: 2, payment_no: `${order.order_no}-2` })] });
    await tell({ payment_no: `${order.order_no}-2`, total: 500 });
    expect(stored().payments).toMatchObject([
      { payment_no: payment.payment_no, refunded: 400, returned: 100 },
      { n: 2, refunded: 0, returned: 0 },
    ]);
    expect(store.changes).toHaveLength(1);
  });

  it.each(['T2', 'T1'])(
    'and what has gone back in all is of the transaction that it names: %s',
    async (named) => {
      const { tell, order, payment, store, stored } = refunding(shopOrder(), { suspense: 'T2' });
      store.seed({
        payments: [{ ...payment, reserved: 0, transaction_id: 'T1' }],
        suspense: [suspenseOf(payment, { transaction_id: 'T2', amount: 1000, reserved: 400 })],
      });
      await tell({ transaction_id: named, total: 500 });
      const { payments, suspense } = stored();
      expect({ own: payments[0]?.returned, further: suspense[0]?.returned }).toEqual(
        named === 'T1' ? { own: 500, further: 0 } : { own: 0, further: 100 },
      );
      expect(suspense).toMatchObject([{ reserved: 0, refunded: 400 }]);
      expect(store.entries(order).map(({ amount }) => amount)).toEqual(
        named === 'T1' ? [400, 500] : [400, 100],
      );
      expect(store.changes).toHaveLength(named === 'T1' ? 2 : 1);
    },
  );
});

describe('what went back under the number of a refund before that was asked for', () => {
  it('is booked once, with what has gone back besides', async () => {
    const { tell, payment, store, stored } = refunding();
    store.seed({
      payments: [{ ...payment, returned: 400 }],
      returns: [returnOf(payment, { return_id: 'R1', amount: 400 })],
    });
    expect(await tell({ total: 500 })).toMatchObject({ outcome: 'refund_failed' });
    expect(stored().refunds).toMatchObject([{ status: 'failed', refund_id: null }]);
    expect(stored().payments).toMatchObject([{ reserved: 0, refunded: 0, returned: 500 }]);
    expect(store.changes).toHaveLength(1);
  });

  it('is other money where it is of another payment', async () => {
    const { tell, order, store, stored } = refunding();
    const second = paidPayment(order, { n: 2, payment_no: `${order.order_no}-2`, returned: 400 });
    store.seed({ payments: [second], returns: [returnOf(second, { return_id: 'R1', amount: 400 })] });
    expect(await tell()).toMatchObject({ outcome: 'refunded' });
    expect(stored().refunds).toMatchObject([{ status: 'succeeded', refund_id: 'R1' }]);
  });
});

describe('a refund that was refused, yet done', () => {
  const done = async (refund_id: string | null) => {
    const refused = refunding(shopOrder(), { status: 'failed' });
    refused.store.seed({ payments: [{ ...refused.payment, reserved: 0 }] });
    await refused.tell({ refund_id });
    return refused;
  };

  it('has come again, though what says so names no number of its provider’s', async () => {
    const { tell, stored } = await done(null);
    expect(stored().payments).toMatchObject([{ returned: 400 }]);
    expect(await tell({ type: 'refund_failed', refund_id: null })).toMatchObject({
      outcome: 'refund_failed',
    });
    expect(stored().payments).toMatchObject([{ returned: 0 }]);
  });

  it('is for people to see when it is abnormal', async () => {
    const { tell, order, stored } = await done('R1');
    await tell({ type: 'refund_abnormal', refund_id: 'R1' });
    expect(stored().exceptions.map(({ kind, refund_no }) => [kind, refund_no])).toEqual([
      ['unknown_refund', 'R1'],
      ['unknown_refund', `${order.order_no}-r1`],
    ]);
    expect(stored().payments).toMatchObject([{ returned: 400 }]);
  });
});

describe('a message about a refund', () => {
  it.each([
    ['provider', { provider: 'stripe' }],
    ['merchant', { merchant: '1900000002' }],
    ['amount', { amount: 401 }],
    ['currency', { currency: 'USD' }],
  ] as const)('of another %s changes nothing and is recorded, once', async (field, said) => {
    const { tell, notice, order, payment, refund, stored, store } = refunding();
    for (const _ of [1, 2]) {
      const result = await tell(said);
      expect(result).toEqual({ outcome: 'mismatch', order_no: order.order_no, fields: [field] });
    }
    const { provider, merchant, amount = null, ...named } = notice(said);
    // An amount that is said without its currency is counted in the payment's.
    const { currency = amount === null ? null : 'CNY' } = named;
    expect(stored()).toMatchObject({ order, payments: [payment], refunds: [refund] });
    expect(stored().exceptions).toMatchObject([
      {
        kind: 'mismatch',
        payment_no: payment.payment_no,
        refund_no: refund.refund_no,
        transaction_id: null,
        fields: [field],
        ...{ provider, merchant, amount, currency },
      },
    ]);
    const [owed] = Object.values(store.debts(order));
    expect(owed).toBe(`alert ${isoTime(NOW + 5 * MINUTE_MS)}`);
  });

  it('that agrees in all it says is taken', async () => {
    const { tell } = refunding();
    const said = { amount: 400, currency: 'CNY', paid: 1000, total: 1000 };
    expect(await tell(said)).toMatchObject({ outcome: 'refunded' });
  });

  it.each([
    ['of a payment of another amount', { paid: 999 }, null],
    ['after which more has gone back than was paid', { total: 1001 }, 1001],
  ])('%s changes nothing and is recorded, once', async (_, said, amount) => {
    const { tell, order, payment, refund, stored } = refunding();
    for (const _again of [1, 2]) {
      const { order_no } = order;
      expect(await tell(said)).toEqual({ outcome: 'mismatch', order_no, fields: ['amount'] });
    }
    expect(stored()).toMatchObject({ order, payments: [payment], refunds: [refund] });
    const { refund_no } = refund;
    expect(stored().exceptions).toMatchObject([{ kind: 'mismatch', refund_no, amount, state: 'open' }]);
  });

  it('waits while more went back than it leaves, and is believed once that has come again', async () => {
    const { tell, order, refund, stored } = refunding();
    const console = { refund_no: null, refund_id: 're_1', amount: 601 };
    await tell(console);
    expect(await tell()).toMatchObject({ outcome: 'mismatch', fields: ['amount'] });
    expect(stored()).toMatchObject({
      ...{ order, refunds: [refund], payments: [{ reserved: 400, refunded: 0, returned: 601 }] },
      exceptions: [
        { kind: 'unknown_refund' },
        { kind: 'mismatch', refund_no: refund.refund_no, amount: 400, currency: 'CNY' },
      ],
    });
    await tell({ ...console, type: 'refund_failed' });
    expect(await tell()).toMatchObject({ outcome: 'refunded', status: 'paid' });
    expect(stored()).toMatchObject({
      payments: [{ reserved: 0, refunded: 400, returned: 0 }],
      exceptions: [{}, { kind: 'mismatch', resolved: { resolution: 'named' } }, {}],
    });
  });

  it('of another amount is believed in nothing: what it says to have gone back in all is not booked', async () => {
    const { tell, payment, stored, entries } = refunding();
    expect(await tell({ amount: 401, total: 900 })).toMatchObject({ outcome: 'mismatch' });
    expect(stored().payments).toEqual([payment]);
    expect(entries()).toEqual([]);
  });

  it.each([
    ['one refund', {}],
    ['a sum alone', { refund_no: null, refund_id: null, total: 500 }],
    ['one refund, and more in sum', { total: 500 }],
  ])('of %s has its order read and written once', async (_, said) => {
    const { tell, store } = refunding();
    await tell(said);
    expect(store.calls).toEqual(['read', 'write']);
  });

  it.each(['made-by-hand', '-r2', '-r01'])(
    'that was not made here is booked and told: %s',
    async (number) => {
      const { tell, order, stored } = refunding();
      const refund_no = number.startsWith('-') ? `${order.order_no}${number}` : number;
      const status = 'refunding';
      for (const outcome of ['unknown_refund', 'already_refunded']) {
        const result = await tell({ refund_no, refund_id: null, amount: 5 });
        expect(result).toEqual({ outcome, order_no: order.order_no, status });
      }
      expect(stored().exceptions).toMatchObject([
        { kind: 'unknown_refund', refund_no, fields: [], amount: 5 },
      ]);
      expect(stored().payments).toMatchObject([{ returned: 5, reserved: 400 }]);
      expect(stored().refunds).toMatchObject([{ status: 'open' }]);
    },
  );

  it('asks the store nothing where it names no payment of ours', async () => {
    const { tell, store } = refunding();
    expect(await tell({ payment_no: 'shop-1' })).toEqual({ outcome: 'not_found' });
    expect(store.calls).toEqual([]);
  });

  it.each([
    ['neither a refund nor a sum, while one is open', { refund_id: null, amount: 5 }, 'already_refunded'],
    ['that something failed, and no refund', { type: 'refund_failed', total: 5 }, 'unnamed_refund'],
  ] as const)('that names %s changes nothing', async (_, said, outcome) => {
    const { tell, store } = refunding();
    expect(await tell({ refund_id: null, refund_no: null, ...said })).toMatchObject({ outcome });
    expect(store.changes).toEqual([]);
  });

  it('that names a refund without its amount, and no sum is told, once, unless its amount is known', async () => {
    const { tell, store, stored } = refunding();
    for (const _ of [1, 2]) {
      expect(await tell({ refund_no: null, refund_id: 'R9' })).toMatchObject({ outcome: 'unknown_refund' });
    }
    expect(stored().exceptions).toMatchObject([{ kind: 'unknown_refund', refund_no: 'R9', amount: null }]);
    await tell({ refund_no: null, refund_id: 'R9', amount: 100 });
    const changes = store.changes.length;
    expect(await tell({ refund_no: null, refund_id: 'R9' })).toMatchObject({ outcome: 'already_refunded' });
    expect(store.changes).toHaveLength(changes);
  });

  it('that names neither a refund nor a sum is told where nothing is known to have gone back', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const world = createWorld({ order, payments: [payment] });
    const { payment_no, provider, merchant } = payment;
    const said = {
      type: 'refund_succeeded',
      payment_no,
      provider,
      merchant,
      refund_no: null,
      refund_id: null,
    } as const;
    for (const _ of [1, 2]) {
      expect(await settleRefund(world.ports, said)).toMatchObject({
        outcome: 'unknown_refund',
        status: 'paid',
      });
    }
    expect(world.store.stored(order).exceptions).toMatchObject([
      { kind: 'unknown_refund', refund_no: null, amount: null, transaction_id: 'T1', state: 'open' },
    ]);
    await settleRefund(world.ports, { ...said, total: 300 });
    expect(world.store.stored(order).exceptions.map(({ state, amount }) => [state, amount])).toEqual([
      ['resolved', null],
      ['open', 300],
    ]);
  });

  it('invents no order', async () => {
    const { tell, store } = refunding();
    expect(await tell({ payment_no: 'mall-123456' })).toEqual({ outcome: 'not_found' });
    expect(store.changes).toEqual([]);
  });
});

describe('a refund of what is not there', () => {
  it('is a mistake, and nothing is written', async () => {
    for (const suspense of [null, 'T9']) {
      const { order, refund, notice } = refunding(shopOrder(), { suspense });
      const another = paymentOf(order, { n: 2, superseded: true });
      const payments = suspense === null ? [another] : [another, paidPayment(order)];
      const { ports, store } = createWorld({ order, payments, refunds: [refund] });
      const { payment_no } = another;
      await expect(settleRefund(ports, notice({ payment_no }))).rejects.toThrow('not there');
      expect(store.changes).toEqual([]);
    }
  });

  it('was never booked: a mistake too', async () => {
    const { order, payment, refund, notice } = refunding();
    const { ports } = createWorld({ order, payments: [{ ...payment, booking: null }], refunds: [refund] });
    await expect(settleRefund(ports, notice())).rejects.toThrow('never booked');
  });
});

describe('whatever comes in whatever order', () => {
  it('what is reserved, returned and booked stays in step, and a repeat changes nothing', async () => {
    const message = fc.record({
      type: fc.constantFrom<RefundEvent['type']>('refund_succeeded', 'refund_failed', 'refund_abnormal'),
      amount: fc.constantFrom(400, 400, 1),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 6 }), async (messages) => {
        const { tell, order, stored, entries } = refunding();
        for (const { type, amount } of messages) {
          const said = { type, amount, refund_no: `${order.order_no}-r1` };
          await tell(said);
          const after = stored();
          await tell(said);
          expect(stored()).toEqual(after);
          const [payment] = after.payments;
          const [refund] = after.refunds;
          expect([payment?.reserved, payment?.refunded]).toEqual([
            refund?.status === 'open' ? 400 : 0,
            refund?.status === 'succeeded' ? 400 : 0,
          ]);
          const signed = entries().map(({ debit }) => (debit === 'shop:mall' ? 400 : -400));
          expect(signed.reduce((sum, one) => sum + one, 0)).toBe(payment?.refunded);
        }
      }),
    );
  });

  it('the order’s other changes do not get in its way', async () => {
    const { tell, order, store, entries } = refunding();
    const move = (version: number) => () => store.seed({ order: { ...order, version } });
    store.before('write', move(2), move(3));
    expect(await tell()).toMatchObject({ outcome: 'refunded' });
    expect(entries()).toHaveLength(1);
  });

  it('an order that never stands still is a failure', async () => {
    const { tell, order, store, entries } = refunding();
    let version = 1;
    const move = () => store.seed({ order: { ...order, version: ++version } });
    store.before('write', ...Array.from({ length: 50 }, () => move));
    await expect(tell()).rejects.toThrow(ContentionError);
    expect(entries()).toEqual([]);
  });
});
