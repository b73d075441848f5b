import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { IdempotentCaller } from '../../../lib/orders/idempotency.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { MissingMerchantError, refundAtProvider } from '../../../lib/orders/refund-at-provider.ts';
import { type RefundOrderRequest, requestRefund } from '../../../lib/orders/request-refund.ts';
import { settle } from '../../../lib/orders/settle.ts';
import {
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shopOrder,
  successOf,
  suspenseOf,
} from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const wechat = merchantNames.wechat;
const caller: IdempotentCaller = { operation: 'refund', subject: 'admin-1', key: 'k' };
let lastKey = 0;

function paid(changes: Partial<ShopOrder> = {}, payment: Parameters<typeof paidPayment>[1] = {}) {
  const order = shopOrder({ amount: 1000, status: 'paid', paid_by: 1, paid_at: now, ...changes });
  const paying = paidPayment(order, { n: 1, ...payment });
  return { ...createWorld({ order, payments: [paying] }), order, payment: paying };
}

type Asked = Partial<Omit<RefundOrderRequest, 'amountOf' | 'amountText'>> & {
  readonly amount?: number;
  readonly by?: IdempotentCaller;
};

const refund = (
  world: World,
  { order_no }: { readonly order_no: string },
  { amount, by, ...request }: Asked = {},
) =>
  requestRefund(
    world.ports,
    {
      order_no,
      amountOf: () => amount ?? null,
      amountText: amount === undefined ? null : String(amount),
      reason: '退款',
      transaction_id: null,
      ...request,
    },
    by ?? { ...caller, key: `key-${++lastKey}` },
  );

const calls = (world: World) => world.merchants.calls;

describe('a refund', () => {
  it('returns all that is left, reserved before the provider is asked', async () => {
    const world = paid();
    const { order, payment } = world;
    world.merchants.script('refund', () => {
      expect(world.store.stored(order)).toMatchObject({
        order: { status: 'refunding', refunds: 1, version: 2 },
        payments: [{ reserved: 1000, refunded: 0, version: 2 }],
        refunds: [
          {
            order_no: order.order_no,
            n: 1,
            refund_no: `${order.order_no}-r1`,
            payment: 1,
            payment_no: payment.payment_no,
            suspense: null,
            provider: 'wechat',
            merchant: wechat,
            paid_amount: 1000,
            amount: 1000,
            currency: 'CNY',
            reason: '退款',
            status: 'open',
            version: 1,
            refund_id: null,
            created_at: now,
            updated_at: now,
          },
        ],
      });
      expect(world.store.debts(order)).toEqual({ 'refund 1': `check ${isoTime(NOW + 60_000)}` });
      return undefined;
    });
    const refund_id = `R-${order.order_no}-r1`;
    expect(await refund(world, order)).toMatchObject({
      outcome: 'accepted',
      refund: { amount: 1000, status: 'succeeded', refund_id },
    });
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'refunded' },
      payments: [{ reserved: 0, refunded: 1000 }],
      refunds: [{ status: 'succeeded', refund_id }],
    });
    expect(calls(world)).toEqual([`refund ${order.order_no}-r1 of ${wechat}`]);
    expect(world.store.calls.filter((call) => call === 'find key')).toHaveLength(1);
    expect(world.merchants.requests.refund).toMatchObject([
      { payment_no: payment.payment_no, transaction_id: 'T1', paid_amount: 1000, amount: 1000 },
    ]);
  });

  it('of a part leaves the rest to be returned, and no more', async () => {
    const world = paid();
    const { order } = world;
    expect(await refund(world, order, { amount: 300 })).toMatchObject({ outcome: 'accepted' });
    expect(world.store.stored(order).order.status).toBe('paid');
    const tooMuch = await refund(world, order, { amount: 701 });
    expect(tooMuch).toMatchObject({ outcome: 'too_much', rest: 700, holding: { n: 1 } });
    expect(await refund(world, order)).toMatchObject({ refund: { amount: 700, n: 2 } });
    expect(await refund(world, order)).toEqual({ outcome: 'nothing_left' });
    expect(world.store.stored(order).order).toMatchObject({ status: 'refunded', refunds: 2 });
    expect(calls(world)).toHaveLength(2);
  });

  it('is never more than was paid, also when ten are asked for at once', async () => {
    const world = paid();
    const results = await Promise.all(
      Array.from({ length: 10 }, () => refund(world, world.order, { amount: 300 })),
    );
    const outcomes = results.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...Array(3).fill('accepted'), ...Array(7).fill('too_much')]);
    expect(world.store.stored(world.order).payments).toMatchObject([{ reserved: 0, refunded: 900 }]);
  });

  it('counts what the provider has returned without us', async () => {
    const world = paid({}, { returned: 600 });
    expect(await refund(world, world.order, { amount: 401 })).toMatchObject({
      outcome: 'too_much',
      rest: 400,
    });
    expect(await refund(world, world.order)).toMatchObject({ refund: { amount: 400 } });
    expect(world.store.stored(world.order).order.status).toBe('refunded');
  });

  it('is refused for an order that is not paid or that there is not', async () => {
    const order = shopOrder();
    const world = createWorld({ order, payments: [paymentOf(order)] });
    expect(await refund(world, order)).toEqual({ outcome: 'not_paid' });
    expect(await refund(world, shopOrder())).toEqual({ outcome: 'not_found' });
    const free = shopOrder({ amount: 0, status: 'paid', payment: null, payments: 0 });
    world.store.seed({ order: free });
    expect(await refund(world, free)).toEqual({ outcome: 'not_paid' });
    expect(await refund(world, order, { transaction_id: 'T9' })).toEqual({ outcome: 'no_such_transaction' });
    expect(world.store.changes).toEqual([]);
    expect(calls(world)).toEqual([]);
  });

  it('stays open when its provider fails, and says so', async () => {
    const world = paid();
    const down = new Error('down');
    world.merchants.script('refund', () => {
      throw down;
    });
    expect(await refund(world, world.order)).toMatchObject({
      outcome: 'accepted',
      refund: { status: 'open' },
    });
    expect(world.failures).toEqual([down]);
    expect(world.store.stored(world.order)).toMatchObject({
      order: { status: 'refunding' },
      payments: [{ reserved: 1000 }],
    });
  });

  it.each(['open', 'abnormal'] as const)('stays open while its provider says %s', async (state) => {
    const world = paid();
    world.merchants.script('refund', () => (state === 'open' ? { state } : { state, refund_id: 'R1' }));
    expect(await refund(world, world.order)).toMatchObject({
      outcome: 'accepted',
      refund: { status: 'open' },
    });
    expect(world.store.stored(world.order).refunds).toMatchObject([{ status: 'open' }]);
  });

  it('stays open when its provider’s answer cannot be, since more went back meanwhile than it leaves', async () => {
    const world = paid();
    const { order, payment } = world;
    const { payment_no, provider, merchant } = payment;
    const about = { payment_no, provider, merchant, refund_no: 'console', refund_id: 're_1', amount: 301 };
    world.merchants.script('refund', async () => {
      await world.ports.settleRefund({ type: 'refund_succeeded', ...about });
      return undefined;
    });
    expect(await refund(world, order, { amount: 700 })).toMatchObject({ refund: { status: 'open' } });
    expect(world.store.stored(order)).toMatchObject({
      payments: [{ reserved: 700, refunded: 0, returned: 301 }],
      refunds: [{ status: 'open' }],
      exceptions: [{ kind: 'unknown_refund' }, { kind: 'mismatch', refund_no: `${order.order_no}-r1` }],
    });
  });

  it('that its provider refuses gives back what it held', async () => {
    const world = paid();
    world.merchants.script('refund', () => ({ state: 'failed', refund_id: null }));
    expect(await refund(world, world.order)).toMatchObject({ refund: { status: 'failed' } });
    expect(world.store.stored(world.order)).toMatchObject({
      order: { status: 'paid' },
      payments: [{ reserved: 0, refunded: 0 }],
    });
  });
});

describe('the same key', () => {
  it('is the same refund, also of five at once, and none with another body', async () => {
    const world = paid();
    const { order } = world;
    await refund(world, order, { amount: 1 });
    const ask = { amount: 300, by: caller };
    const results = await Promise.all(Array.from({ length: 5 }, () => refund(world, order, ask)));
    for (const result of results) expect(result).toMatchObject({ outcome: 'accepted', refund: { n: 2 } });
    expect(world.merchants.refunds.size).toBe(2);
    for (const change of [{ amount: 301 }, { reason: '别的' }, { transaction_id: 'T1' }]) {
      expect(await refund(world, order, { ...ask, ...change })).toEqual({ outcome: 'key_reused' });
    }
    expect(await refund(world, shopOrder(), ask)).toEqual({ outcome: 'key_reused' });
    expect(world.store.stored(order).refunds).toHaveLength(2);
  });

  it('that is taken between the looking and the writing is found by the write', async () => {
    const world = paid();
    const { order } = world;
    world.store.before('write', async () => {
      await refund(world, order, { amount: 300, by: caller });
    });
    const second = await refund(world, order, { amount: 300, by: caller });
    expect(second).toMatchObject({ outcome: 'accepted', refund: { n: 1, amount: 300 } });
    expect(world.store.stored(order).refunds).toHaveLength(1);
    // Neither looks again for what its write has told it.
    expect(world.store.calls.filter((call) => call === 'find key')).toHaveLength(2);
  });

  describe('that is taken between the looking and the reading', () => {
    /** The first one asks for what is left, or for most of it, while the second is about to read the order. */
    async function race(first: Asked, second: Asked, meanwhile: (world: World) => void = () => undefined) {
      const world = paid();
      world.store.before('read', async () => {
        await refund(world, world.order, first);
        meanwhile(world);
      });
      return { world, result: await refund(world, world.order, second) };
    }

    const most: Asked = { amount: 700 };
    it.each([
      ['all', {}],
      ['most of it', most],
    ])('is the refund by which the order no longer has %s', async (_, asked) => {
      const { world, result } = await race({ ...asked, by: caller }, { ...asked, by: caller });
      const { order } = world;
      expect(result).toMatchObject({ outcome: 'accepted', refund: { refund_no: `${order.order_no}-r1` } });
      expect(world.store.stored(order).refunds).toHaveLength(1);
    });

    it('is another request where the body is another', async () => {
      const { result } = await race({ amount: 700, by: caller }, { amount: 701, by: caller });
      expect(result).toEqual({ outcome: 'key_reused' });
    });

    it('is nothing to a request with a key of its own', async () => {
      const { result } = await race({ by: caller }, { by: { ...caller, key: 'another' } });
      expect(result).toEqual({ outcome: 'nothing_left' });
    });

    it('and is not kept any more leaves the refusal', async () => {
      const { result } = await race({ by: caller }, { by: caller }, ({ clock }) => {
        clock.now += 24 * 3_600_000;
      });
      expect(result).toEqual({ outcome: 'nothing_left' });
    });
  });

  it('asks the provider again while the refund is open, and not once it is decided', async () => {
    const world = paid();
    world.merchants.script('refund', () => ({ state: 'open' }));
    await refund(world, world.order, { by: caller });
    expect(await refund(world, world.order, { by: caller })).toMatchObject({
      refund: { status: 'succeeded' },
    });
    expect(await refund(world, world.order, { by: caller })).toMatchObject({
      refund: { status: 'succeeded' },
    });
    expect(calls(world)).toHaveLength(2);
  });

  it('is free again after 24 hours', async () => {
    const world = paid();
    await refund(world, world.order, { amount: 1, by: caller });
    world.clock.now = NOW + 24 * 3_600_000 - 1;
    expect(await refund(world, world.order, { amount: 1, by: caller })).toMatchObject({ refund: { n: 1 } });
    world.clock.now += 1;
    expect(await refund(world, world.order, { amount: 1, by: caller })).toMatchObject({ refund: { n: 2 } });
  });

  it('is not taken by a request that was refused', async () => {
    const world = paid();
    expect(await refund(world, world.order, { amount: 1001, by: caller })).toMatchObject({
      outcome: 'too_much',
    });
    expect(await refund(world, world.order, { amount: 1, by: caller })).toMatchObject({
      outcome: 'accepted',
    });
  });

  it('whose record names no refund is a mistake', async () => {
    const world = paid();
    await refund(world, world.order, { by: caller });
    const { order } = world;
    for (const lost of [createWorld({ order, payments: [world.payment] }), createWorld()]) {
      const ports = {
        ...lost.ports,
        store: { ...lost.store, findIdempotencyRecord: world.store.findIdempotencyRecord },
      };
      await expect(refund({ ...lost, ports }, order, { by: caller })).rejects.toThrow('names no refund');
    }
  });
});

describe('money in suspense', () => {
  it('of a further transaction is returned by its number, without touching what the order was paid with', async () => {
    const world = paid();
    const { order, payment } = world;
    world.store.seed({ suspense: [suspenseOf(payment)] });
    expect(await refund(world, order, { transaction_id: 'T2', amount: 400 })).toMatchObject({
      outcome: 'accepted',
      refund: { suspense: 'T2', payment: 1, amount: 400 },
    });
    expect(await refund(world, order, { transaction_id: 'T2', amount: 601 })).toMatchObject({ rest: 600 });
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'paid' },
      payments: [{ reserved: 0, refunded: 0 }],
      suspense: [{ reserved: 0, refunded: 400 }],
    });
    expect(world.store.entries(order)).toMatchObject([
      {
        debit: `suspense:wechat.${wechat}`,
        credit: `provider:wechat.${wechat}`,
        amount: 400,
        transaction_id: 'T2',
      },
    ]);
    expect(world.merchants.requests.refund).toMatchObject([{ transaction_id: 'T2' }]);
  });

  it('of a payment that no message has named is returned by the payment’s number, until one names it', async () => {
    const order = shopOrder({ status: 'closed' });
    const late = paidPayment(order, { transaction_id: null, isSuspense: true, amount: 1000 });
    const { payment_no } = late;
    const world = createWorld({ order, payments: [late] });
    expect(await refund(world, order, { transaction_id: payment_no, amount: 400 })).toMatchObject({
      outcome: 'accepted',
      refund: { payment_no, suspense: null, amount: 400 },
    });
    await settle(world.ports, successOf(late));
    expect(await refund(world, order, { transaction_id: payment_no })).toEqual({
      outcome: 'no_such_transaction',
    });
    expect(await refund(world, order, { transaction_id: 'T1' })).toMatchObject({ refund: { amount: 600 } });
  });

  it('that was never paid is not returned by its number', async () => {
    const order = shopOrder();
    const world = createWorld({ order, payments: [paymentOf(order)] });
    expect(await refund(world, order, { transaction_id: order.order_no })).toEqual({
      outcome: 'no_such_transaction',
    });
  });

  it('the transaction that paid the order is the order’s, named or not', async () => {
    const world = paid();
    await refund(world, world.order, { transaction_id: 'T1' });
    expect(world.store.stored(world.order).order.status).toBe('refunded');
  });

  it('of a payment whose order was changed to cost nothing is returned, before and after that is paid', async () => {
    for (const status of ['pending', 'paid'] as const) {
      const order = shopOrder({ amount: 0, openid: null, payment: null, payments: 1, status });
      const late = paidPayment(order, { n: 1, amount: 1000, superseded: true, isSuspense: true });
      const world = createWorld({ order, payments: [late] });
      expect(await refund(world, order, { transaction_id: 'T1' })).toMatchObject({
        outcome: 'accepted',
        refund: { provider: 'wechat', merchant: wechat, amount: 1000, status: 'succeeded' },
      });
      expect(world.store.stored(order)).toMatchObject({
        order: { status, refunds: 1 },
        payments: [{ reserved: 0, refunded: 1000 }],
      });
      expect(world.store.entries(order)).toMatchObject([
        { debit: `suspense:wechat.${wechat}`, amount: 1000 },
      ]);
    }
  });
});

describe('the transaction that is returned', () => {
  const unnamed = () => {
    const world = paid({}, { transaction_id: null });
    return { ...world, payment: paymentOf(world.order, { n: 1 }) };
  };

  it('is asked for first when no message has named it, and kept', async () => {
    const world = unnamed();
    world.merchants.pay(world.payment);
    expect(await refund(world, world.order)).toMatchObject({ refund: { status: 'succeeded' } });
    expect(calls(world)).toEqual([
      `query ${world.payment.payment_no} of ${wechat}`,
      `refund ${world.order.order_no}-r1 of ${wechat}`,
    ]);
    expect(world.merchants.requests.refund).toMatchObject([{ transaction_id: 'T1' }]);
    expect(world.store.stored(world.order).payments).toMatchObject([
      { transaction_id: 'T1', refunded: 1000 },
    ]);
    expect(world.store.entries(world.order)).toMatchObject([{ transaction_id: 'T1' }]);
  });

  it.each([
    ['order', false],
    ['payment', true],
  ])('of a refund whose %s is not stored is a mistake, and nobody is asked', async (_, hasOrder) => {
    const { order, payment } = unnamed();
    const lost = createWorld(hasOrder ? { order } : {});
    await expect(refundAtProvider(lost.ports, refundOf(payment))).rejects.toThrow('names no payment');
    expect(calls(lost)).toEqual([]);
  });

  it('is left to the provider when that names none either', async () => {
    const world = unnamed();
    world.merchants.pay(world.payment, { transaction_id: null });
    await refund(world, world.order);
    expect(world.merchants.requests.refund).toMatchObject([{ transaction_id: null }]);
  });

  it('not told, since the provider does not answer, leaves the refund open until it does', async () => {
    const world = unnamed();
    world.merchants.script('query', () => {
      throw new Error('down');
    });
    expect(await refund(world, world.order, { by: caller })).toMatchObject({ refund: { status: 'open' } });
    expect(world.merchants.requests.refund).toEqual([]);
    await settle(world.ports, successOf(world.payment));
    expect(await refund(world, world.order, { by: caller })).toMatchObject({
      refund: { status: 'succeeded' },
    });
    expect(world.merchants.requests.refund).toMatchObject([{ transaction_id: 'T1' }]);
  });
});

describe('a refund at its provider', () => {
  it('is asked of its own merchant, though another is paid now', async () => {
    const world = paid();
    const { configured, merchantOf } = world.merchants;
    const [old] = configured;
    if (!old) throw new Error('no merchant');
    configured.splice(0, 1, merchantOf('wechat', { name: '1900000002' }), old);
    expect(await refund(world, world.order)).toMatchObject({
      refund: { merchant: wechat, status: 'succeeded' },
    });
    expect(calls(world)).toEqual([`refund ${world.order.order_no}-r1 of ${wechat}`]);
  });

  it('is asked of nobody when its merchant is not configured any more', async () => {
    const world = paid();
    world.merchants.configured.splice(0, 1, world.merchants.merchantOf('wechat', { name: '1900000002' }));
    expect(await refund(world, world.order)).toMatchObject({
      outcome: 'accepted',
      refund: { status: 'open' },
    });
    expect(world.failures).toMatchObject([{ name: 'MissingMerchantError' }]);
    expect(calls(world)).toEqual([]);
    const [open = refundOf(world.payment)] = world.store.stored(world.order).refunds;
    await expect(refundAtProvider(world.ports, open)).rejects.toThrow(MissingMerchantError);
  });

  it('that was asked for before is looked for first, and asked for again when it is not there', async () => {
    const { ports, merchants, payment, order } = paid();
    const open = refundOf(payment);
    expect(await refundAtProvider(ports, open, { isRepeat: true })).toEqual({
      type: 'refund_succeeded',
      payment_no: payment.payment_no,
      provider: 'wechat',
      merchant: wechat,
      refund_no: open.refund_no,
      refund_id: `R-${open.refund_no}`,
    });
    expect(await refundAtProvider(ports, open, { isRepeat: true })).toMatchObject({
      type: 'refund_succeeded',
    });
    const number = `${order.order_no}-r1 of ${wechat}`;
    expect(merchants.calls).toEqual([`queryRefund ${number}`, `refund ${number}`, `queryRefund ${number}`]);
  });

  it('that is not decided there is nothing to be settled', async () => {
    const { ports, merchants, payment } = paid();
    merchants.script('queryRefund', () => ({ state: 'open' }));
    expect(await refundAtProvider(ports, refundOf(payment), { isRepeat: true })).toBeNull();
    merchants.script('queryRefund', () => ({ state: 'abnormal', refund_id: 'R1' }));
    expect(await refundAtProvider(ports, refundOf(payment), { isRepeat: true })).toMatchObject({
      type: 'refund_abnormal',
    });
  });
});
