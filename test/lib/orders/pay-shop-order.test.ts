import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { APPID, merchantNames, NOW, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const fresh = (changes: Partial<ShopOrder> = {}) => shopOrder({ payment: null, payments: 0, ...changes });

async function pay(world: World, { order_no }: { order_no: string }, user_id = 'user-1') {
  const merchant = await world.merchants.current('wechat', null);
  return payShopOrder(world.ports, order_no, user_id, merchant);
}

describe('paying a shop order', () => {
  it('gives its user what the provider gave', async () => {
    const order = fresh();
    const world = createWorld({ order });
    expect(await pay(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(await pay(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(world.merchants.calls).toEqual([`createPayment ${order.order_no} of ${merchantNames.wechat}`]);
  });

  it('does not tell somebody else’s order, an erased user’s or a tenant’s from none', async () => {
    const [others, erased, tenants] = [fresh(), fresh({ user_id: null }), tenantOrder()];
    const world = createWorld({ order: others }, { order: erased }, { order: tenants });
    const missing = { outcome: 'not_found' };
    expect(await pay(world, others, 'user-2')).toEqual(missing);
    expect(await pay(world, erased)).toEqual(missing);
    expect(await pay(world, tenants)).toEqual(missing);
    expect(await pay(world, fresh())).toEqual(missing);
    expect(world.store.changes).toEqual([]);
  });

  it('gives all who ask at once the same payment', async () => {
    const order = fresh();
    const world = createWorld({ order });
    const results = await Promise.all(Array.from({ length: 5 }, () => pay(world, order)));
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(5).fill('issued'));
    expect(world.store.stored(order).payments).toHaveLength(1);
    expect(new Set(world.merchants.requests.createPayment.map((one) => one.payment_no)).size).toBe(1);
  });

  it('hands out nothing of what a change has overtaken, wherever the change comes', async () => {
    for (const call of ['read', 'write'] as const) {
      for (let place = 0; place < 5; place++) {
        const order = fresh({ openid_digest: null, description: '午餐' });
        const world = createWorld();
        const { kind, id, user_id, openid, amount, points, description, appid, expires_at } = order;
        const texts = { user_id: user_id ?? '', openid, description, appid };
        const request = { kind, id, ...texts, amount, points, expires_at };
        await handOver(world.ports, request);
        const change = () => handOver(world.ports, { ...request, amount: 1 }).catch(() => null);
        world.store.before(call, ...Array.from({ length: place }, () => () => undefined), change);
        const result = await pay(world, order);
        if (result.outcome !== 'issued') throw new Error(result.outcome);
        const stored = world.store.stored(order);
        expect(result.payment.n).toBe(stored.order.payment);
        expect(result.payment.amount).toBe(stored.order.amount);
        const open = stored.payments.filter(({ superseded, state }) => superseded && state !== 'closed');
        expect(open).toEqual([]);
      }
    }
  });
});

describe('the app that an order is paid in', () => {
  const other = 'wx-other';

  it.each<[string, string | null, string]>([
    ['the order’s, among those of the merchant', other, other],
    ['the merchant’s usual one where the order names none', null, APPID],
  ])('is %s', async (_, appid, expected) => {
    const order = fresh({ appid });
    const world = createWorld({ order });
    const merchant = world.merchants.merchantOf('wechat', { appids: [APPID, other] });
    expect(await payShopOrder(world.ports, order.order_no, 'user-1', merchant)).toMatchObject({
      outcome: 'issued',
      payment: { appid: expected },
    });
    expect(world.merchants.requests.createPayment).toMatchObject([{ appid: expected }]);
    expect(world.store.stored(order).payments).toMatchObject([{ appid: expected }]);
  });

  it('is compared with what the provider tells: a success in another is an exception', async () => {
    const order = fresh({ appid: other });
    const world = createWorld({ order });
    const merchant = world.merchants.merchantOf('wechat', { appids: [APPID, other] });
    await payShopOrder(world.ports, order.order_no, 'user-1', merchant);
    const [payment] = world.store.stored(order).payments;
    if (!payment) throw new Error('there is no payment');
    expect(await settle(world.ports, successOf(payment, { appid: APPID }))).toMatchObject({
      outcome: 'mismatch',
      fields: ['appid'],
    });
    expect(await settle(world.ports, successOf(payment))).toMatchObject({ outcome: 'settled' });
  });

  it('changes with the order: its payment in the one before is closed, and the next made in the other', async () => {
    const world = createWorld();
    const merchant = world.merchants.merchantOf('wechat', { appids: [APPID, other] });
    const { kind, id, openid, amount, points, description, expires_at } = fresh({ description: '午餐' });
    const texts = { user_id: 'user-1', openid, description };
    const request = { kind, id, ...texts, amount, points, expires_at };
    await handOver(world.ports, { ...request, appid: null });
    const order_no = `${kind}-${id}`;
    await payShopOrder(world.ports, order_no, 'user-1', merchant);
    await handOver(world.ports, { ...request, appid: other });
    await payShopOrder(world.ports, order_no, 'user-1', merchant);
    expect(world.merchants.calls).toEqual([
      `createPayment ${order_no} of ${merchant.name}`,
      `close ${order_no} of ${merchant.name}`,
      `createPayment ${order_no}-2 of ${merchant.name}`,
    ]);
    expect(world.store.stored({ order_no }).payments).toMatchObject([
      { appid: APPID, state: 'closed', superseded: true },
      { appid: other, state: 'open', superseded: false },
    ]);
  });

  it.each<[string, string | null, readonly string[] | null]>([
    ['the merchant is not paid in it', other, [APPID]],
    ['the merchant is paid in none', null, []],
    ['nobody is paid', null, null],
    ['nobody is paid, and the order names one', other, null],
  ])('is not offered where %s, and nothing is stored', async (_, appid, appids) => {
    const order = fresh({ appid });
    const world = createWorld({ order });
    const merchant = appids && world.merchants.merchantOf('wechat', { appids });
    const result = await payShopOrder(world.ports, order.order_no, 'user-1', merchant);
    expect(result).toEqual({ outcome: 'not_offered' });
    expect(world.store.changes).toEqual([]);
    expect(world.merchants.calls).toEqual([]);
  });

  it('is of no matter to whom the order is not, whoever is paid', async () => {
    const order = fresh({ appid: other });
    const world = createWorld({ order });
    const result = await payShopOrder(world.ports, order.order_no, 'user-2', null);
    expect(result).toEqual({ outcome: 'not_found' });
  });
});

describe('an order that costs nothing', () => {
  const free = (changes: Partial<ShopOrder> = {}) => fresh({ amount: 0, openid: null, ...changes });

  it('is paid at once, without a payment or a booking, and owes its own announcement', async () => {
    const order = free({ status: 'failed', openid: 'openid-1' });
    const world = createWorld({ order });
    expect(await pay(world, order)).toEqual({ outcome: 'paid' });
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'paid', paid_by: null, paid_at: now, updated_at: now, openid: null, version: 2 },
      payments: [],
    });
    expect(world.store.debts(order)).toEqual({ order: `notify ${isoTime(NOW + 5 * 60_000)}` });
    expect(world.merchants.calls).toEqual([]);
  });

  it('is paid without any merchant, in whatever app', async () => {
    for (const appid of [null, 'wx-other']) {
      const order = free({ appid });
      const world = createWorld({ order });
      expect(await payShopOrder(world.ports, order.order_no, 'user-1', null)).toEqual({ outcome: 'paid' });
      expect(world.store.stored(order)).toMatchObject({ order: { status: 'paid' }, payments: [] });
    }
  });

  it('is paid once', async () => {
    const order = free();
    const world = createWorld({ order });
    expect(await pay(world, order)).toEqual({ outcome: 'paid' });
    expect(await pay(world, order)).toEqual({ outcome: 'already_paid' });
    expect(world.store.changes).toHaveLength(1);
  });

  it('is found to be paid by the write whose reply was lost', async () => {
    const order = free();
    const world = createWorld({ order });
    world.store.before('write', () => {
      world.store.seed({ order: { ...order, status: 'paid', version: 2 } });
    });
    expect(await pay(world, order)).toEqual({ outcome: 'paid' });
  });

  it('is paid by the next write when its own came to nothing', async () => {
    const order = free();
    const world = createWorld({ order });
    world.store.before('write', () => world.store.seed({ order: { ...order, points: 9, version: 2 } }));
    expect(await pay(world, order)).toEqual({ outcome: 'paid' });
    expect(world.store.stored(order).order).toMatchObject({ status: 'paid', points: 9, version: 3 });
  });

  it('is not paid past its time, nor once it is closed', async () => {
    for (const order of [free({ expires_at: now }), free({ status: 'closed' })]) {
      const world = createWorld({ order });
      expect(await pay(world, order)).toEqual({ outcome: 'not_payable' });
    }
  });
});
