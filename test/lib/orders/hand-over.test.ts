import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import { handOver, type ShopOrderRequest } from '../../../lib/orders/hand-over.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { NOW, paidPayment, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const HOUR_MS = 3_600_000;
const later = isoTime(NOW + HOUR_MS);

const request: ShopOrderRequest = {
  kind: 'mall',
  id: 1_000_001,
  user_id: 'user-1',
  openid: 'openid-1',
  amount: 1234,
  points: 5,
  description: '午餐',
  appid: null,
  expires_at: later,
};

const stored = ({ store }: World, body = request) => store.stored({ order_no: `${body.kind}-${body.id}` });
const give = (world: World, changes: Partial<ShopOrderRequest> = {}) =>
  handOver(world.ports, { ...request, ...changes });

/** An order that was handed over, with a payment that was begun and whose provider holds it. */
async function begun(changes: Partial<Order> = {}, state: 'open' | 'failed' | 'closed' = 'open') {
  const world = createWorld();
  await give(world);
  const { order } = stored(world);
  const paying = { ...order, payment: 1, payments: 1, ...changes } as ShopOrder;
  const payment = paymentOf(paying, { n: 1, state });
  world.store.seed({ order: paying, payments: [payment] });
  world.merchants.held.set(payment.payment_no, state === 'open' ? 'open' : 'closed');
  return { world, order: paying, payment };
}

describe('handing an order over', () => {
  it('creates it, with its deadline and no payment', async () => {
    const world = createWorld();
    const result = await give(world);
    expect(result).toEqual({ outcome: 'created', snapshot: stored(world) });
    const { order } = stored(world);
    expect(order).toEqual({
      order_no: 'mall-1000001',
      ...request,
      openid_digest: expect.any(String),
      currency: 'CNY',
      status: 'pending',
      version: 1,
      payment: null,
      payments: 0,
      paid_by: null,
      has_suspense: false,
      refunds: 0,
      created_at: now,
      updated_at: now,
      paid_at: null,
      closed_by: null,
    });
    expect(world.store.debts(order)).toEqual({ order: `check ${isoTime(NOW + HOUR_MS + 1_000)}` });
  });

  it('without a deadline owes nothing, and has its stage’s prefix', async () => {
    const world = createWorld();
    await handOver({ ...world.ports, orderPrefix: 'x1' }, { ...request, expires_at: null });
    const { order } = world.store.stored({ order_no: 'x1mall-1000001' });
    expect(world.store.debts(order)).toEqual({});
  });

  it('again as it is changes nothing, also once it is paid', async () => {
    const world = createWorld();
    await give(world);
    const before = stored(world);
    expect(await give(world)).toEqual({ outcome: 'unchanged', snapshot: before });
    world.store.seed({ order: { ...before.order, status: 'paid' } });
    expect(await give(world)).toMatchObject({ outcome: 'unchanged' });
    expect(world.store.changes).toHaveLength(1);
  });

  it('knows its payer when the openid is gone, and no other', async () => {
    const world = createWorld();
    await give(world);
    const { order } = stored(world);
    world.store.seed({ order: { ...order, status: 'closed', openid: null } as Order });
    expect(await give(world)).toMatchObject({ outcome: 'unchanged' });
    expect(await give(world, { openid: 'openid-2' })).toEqual({ outcome: 'not_pending' });
    expect(await give(world, { openid: null })).toEqual({ outcome: 'not_pending' });
  });

  it('changes what was never begun without asking anybody, and moves its deadline', async () => {
    const world = createWorld();
    await give(world);
    const expires_at = isoTime(NOW + 2 * HOUR_MS);
    const result = await give(world, { amount: 0, openid: null, expires_at });
    expect(result).toMatchObject({ outcome: 'updated', snapshot: { order: { amount: 0 } } });
    const { order } = stored(world);
    expect(order).toMatchObject({ amount: 0, openid: null, openid_digest: null, version: 2 });
    expect(world.store.debts(order)).toEqual({ order: `check ${isoTime(NOW + 2 * HOUR_MS + 1_000)}` });
    await give(world, { expires_at: null });
    expect(world.store.debts(order)).toEqual({});
    expect(world.merchants.calls).toEqual([]);
  });

  it.each(['paid', 'refunding', 'refunded', 'closed'] as const)(
    'changes nothing of one that is %s',
    async (status) => {
      const world = createWorld();
      await give(world);
      world.store.seed({ order: { ...stored(world).order, status } });
      for (const change of [{ amount: 1 }, { points: 6 }, { user_id: 'user-2' }]) {
        expect(await give(world, change)).toEqual({ outcome: 'not_pending' });
      }
      expect(world.merchants.calls).toEqual([]);
    },
  );

  it('of a tenant’s number is a mistake', async () => {
    const world = createWorld({
      order: { ...shopOrder(), order_no: 'mall-1000001', kind: 'tenant' } as unknown as Order,
    });
    await expect(give(world)).rejects.toThrow('tenant');
  });

  it('by forty at once creates it once and ends in one of what they gave', async () => {
    const world = createWorld();
    const amounts = Array.from({ length: 40 }, (_, index) => index + 1);
    const results = await Promise.allSettled(amounts.map((amount) => give(world, { amount })));
    const outcomes = results.map((result) =>
      result.status === 'fulfilled' ? result.value.outcome : (result.reason as Error).name,
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(new Set(outcomes)).not.toContain('Error');
    const written = outcomes.filter((outcome) => outcome === 'created' || outcome === 'updated');
    expect(stored(world).order.version).toBe(written.length);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ContentionError);
    }
  });
});

describe('changing what the provider was told', () => {
  const changes = [
    { amount: 1 },
    { amount: 0 },
    { openid: 'openid-2' },
    { description: '晚餐' },
    { appid: 'wx-other' },
    { expires_at: isoTime(NOW + 2 * HOUR_MS) },
    { expires_at: null },
  ] as const;

  it.each(changes)('closes the payment first and gives it up: %j', async (change) => {
    const { world, order, payment } = await begun({ status: 'failed' });
    expect(await give(world, change)).toMatchObject({ outcome: 'updated' });
    expect(world.merchants.calls).toEqual([`close ${payment.payment_no} of ${payment.merchant}`]);
    expect(stored(world)).toMatchObject({
      order: { ...change, status: 'pending', payment: null, payments: 1, version: order.version + 1 },
      payments: [{ state: 'closed', superseded: true, version: 2 }],
    });
    const { expires_at } = { ...request, ...change };
    const due = expires_at === null ? {} : { order: `check ${isoTime(Date.parse(expires_at) + 1_000)}` };
    expect(world.store.debts(order)).toEqual(due);
  });

  it.each([{ points: 6 }, { user_id: 'user-2' }])('is not what %j does', async (change) => {
    const { world, payment } = await begun();
    expect(await give(world, change)).toMatchObject({ outcome: 'updated' });
    expect(world.merchants.calls).toEqual([]);
    const { points = payment.points, version = payment.version } =
      'points' in change ? { ...change, version: 2 } : {};
    expect(stored(world)).toMatchObject({
      order: { ...change, payment: 1 },
      // People are told of the payment with the order's points.
      payments: [{ ...payment, points, version }],
    });
    // As it was seeded: the payment owes the deadline.
    expect(world.store.debts(payment)).toEqual({});
  });

  it('is what one of several fields does', async () => {
    const { world } = await begun();
    await give(world, { amount: 1, points: 6 });
    expect(stored(world)).toMatchObject({ order: { amount: 1, points: 6, payment: null } });
  });

  it('asks nobody about a payment that is closed already, and leaves it nothing to be asked', async () => {
    const { world, order } = await begun({}, 'closed');
    const owes = { kind: 'check', due: NOW } as const;
    await world.store.write({
      order_no: order.order_no,
      writes: [{ update: 'payment', of: 1, set: {}, owes, expects: {} }],
    });
    expect(await give(world, { amount: 1 })).toMatchObject({ outcome: 'updated' });
    expect(world.merchants.calls).toEqual([]);
    expect(stored(world).payments).toMatchObject([{ state: 'closed', superseded: true }]);
    expect(Object.keys(world.store.debts(order))).toEqual(['order']);
  });

  it('gives up what the provider does not hold, and goes on asking about it: it may still arrive', async () => {
    const { world, order, payment } = await begun();
    world.merchants.held.delete(payment.payment_no);
    await world.store.write({
      order_no: order.order_no,
      writes: [{ update: 'payment', of: 1, set: {}, owes: { kind: 'check', due: NOW }, expects: {} }],
    });
    expect(await give(world, { amount: 1 })).toMatchObject({ outcome: 'updated' });
    expect(stored(world).payments).toMatchObject([{ state: 'open', superseded: true }]);
    expect(world.store.debts(order)).toMatchObject({ 'payment 1': `check ${now}` });
  });

  it.each([
    ['is being paid', 'open'],
    ['has been paid meanwhile', 'paid'],
    ['can be asked by nobody, its merchant being replaced', 'missing'],
  ] as const)('is refused while it %s', async (_, how) => {
    const { world, payment } = await begun();
    if (how === 'open') world.merchants.script('close', () => 'not_closed');
    if (how === 'paid') world.merchants.pay(payment);
    if (how === 'missing') {
      world.merchants.configured.splice(0, 1, world.merchants.merchantOf('wechat', { name: '1900000002' }));
    }
    expect(await give(world, { amount: 1 })).toEqual({ outcome: 'not_pending' });
    expect(stored(world).order).toMatchObject({ amount: 1234, status: how === 'paid' ? 'paid' : 'pending' });
    expect(world.merchants.calls.filter((call) => !call.endsWith('of 1900000001'))).toEqual([]);
  });

  it('changes nothing when the provider does not answer', async () => {
    const { world, order, payment } = await begun();
    world.merchants.script('close', () => {
      throw new Error('down');
    });
    await expect(give(world, { amount: 1 })).rejects.toThrow('down');
    expect(stored(world)).toMatchObject({ order, payments: [payment] });
  });

  it('asks again when something was handed out while the provider was asked', async () => {
    const { world, payment } = await begun();
    world.merchants.held.delete(payment.payment_no);
    world.merchants.script('close', () => {
      const handed_out = { page: 'late', id: null, good_until: later };
      world.store.seed({ payments: [{ ...payment, handed_out, version: 2 }] });
      world.merchants.held.set(payment.payment_no, 'open');
      return 'absent';
    });
    expect(await give(world, { amount: 1 })).toMatchObject({ outcome: 'updated' });
    const call = `close ${payment.payment_no} of ${payment.merchant}`;
    expect(world.merchants.calls).toEqual([call, call]);
    expect(stored(world).payments).toMatchObject([{ state: 'closed', superseded: true }]);
  });

  it('is refused when the payment is paid between the closing and the writing', async () => {
    const { world, payment } = await begun();
    world.store.before('write', async () => {
      await settle(world.ports, successOf(payment));
    });
    expect(await give(world, { amount: 1 })).toEqual({ outcome: 'not_pending' });
    expect(stored(world)).toMatchObject({
      order: { status: 'paid', amount: 1234 },
      payments: [{ state: 'paid', superseded: false, booking: { credit: 'shop:mall' } }],
    });
  });

  it('goes on after a crash between closing at the provider and writing, also with a message in between', async () => {
    for (const isTold of [false, true]) {
      const { world, payment } = await begun();
      world.store.before('write', () => 'lose request');
      await expect(give(world, { amount: 1 })).rejects.toThrow('lost');
      if (isTold) await settle(world.ports, successOf(payment, { type: 'closed', transaction_id: null }));
      expect(stored(world).order.status).toBe('pending');
      expect(await give(world, { amount: 1 })).toMatchObject({ outcome: 'updated' });
      expect(stored(world)).toMatchObject({
        order: { amount: 1, payment: null },
        payments: [{ state: 'closed' }],
      });
    }
  });

  it('books a late success of the given up payment at its own amount', async () => {
    const { world, payment } = await begun();
    await give(world, { amount: 0, openid: null });
    expect(await settle(world.ports, successOf(payment))).toMatchObject({ outcome: 'paid_superseded' });
    expect(stored(world)).toMatchObject({
      order: { amount: 0, status: 'pending' },
      payments: [{ state: 'paid', amount: 1234, merchant: payment.merchant }],
    });
  });

  it('of an order whose earlier payment is in suspense touches nothing of that', async () => {
    const { world, order } = await begun({ payment: 2, payments: 2 });
    const old = paidPayment(order, { n: 1, superseded: true, isSuspense: true });
    const next = paymentOf(order, { n: 2 });
    world.store.seed({ payments: [old, next] });
    world.merchants.held.set(next.payment_no, 'open');
    await give(world, { amount: 1 });
    expect(stored(world).payments).toMatchObject([old, { n: 2, state: 'closed', superseded: true }]);
  });
});

describe('handing an order over when its time is over', () => {
  const past = [isoTime(NOW - 1), now];

  it.each(past)('makes none: %s', async (expires_at) => {
    const world = createWorld();
    expect(await give(world, { expires_at })).toEqual({ outcome: 'expired' });
    expect(world.store.changes).toEqual([]);
  });

  it.each(past)('changes none, and closes nothing for it: %s', async (expires_at) => {
    const { world, order, payment } = await begun();
    expect(await give(world, { expires_at, amount: 1 })).toEqual({ outcome: 'expired' });
    expect(stored(world)).toMatchObject({ order, payments: [payment] });
    expect(world.merchants.calls).toEqual([]);
  });

  it('that is said again unchanged is no mistake, and one that is moved on is taken', async () => {
    const { world, payment } = await begun();
    world.clock.now = NOW + HOUR_MS;
    expect(await give(world)).toMatchObject({ outcome: 'unchanged' });
    expect(await give(world, { points: 6 })).toEqual({ outcome: 'expired' });
    const expires_at = isoTime(NOW + 2 * HOUR_MS);
    expect(await give(world, { expires_at })).toMatchObject({ outcome: 'updated' });
    expect(world.merchants.calls).toEqual([`close ${payment.payment_no} of ${payment.merchant}`]);
  });

  it('says of one that is paid or closed that it is, whatever the time', async () => {
    for (const status of ['paid', 'closed'] as const) {
      const world = createWorld();
      await give(world);
      world.store.seed({ order: { ...stored(world).order, status } });
      expect(await give(world, { expires_at: now })).toEqual({ outcome: 'not_pending' });
    }
  });
});
