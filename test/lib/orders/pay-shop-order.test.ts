import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import { merchantNames, NOW, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const fresh = (changes: Partial<ShopOrder> = {}) => shopOrder({ payment: null, payments: 0, ...changes });

async function pay(world: World, { order_no }: { order_no: string }, user_id = 'user-1') {
  const merchant = await world.merchants.current('wechat');
  return payShopOrder(world.ports, order_no, user_id, { merchant, scene: 'jsapi' });
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
        const { kind, id, user_id, openid, amount, points, description, expires_at } = order;
        const request = { kind, id, user_id: user_id ?? '', openid, amount, points, description, expires_at };
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

  it('is paid once', async () => {
    const order = free();
    const world = createWorld({ order });
    expect(await pay(world, order)).toEqual({ outcome: 'paid' });
    expect(await pay(world, order)).toEqual({ outcome: 'not_payable' });
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

  it('is not paid past its time, nor once it is closed', async () => {
    for (const order of [free({ expires_at: now }), free({ status: 'closed' })]) {
      const world = createWorld({ order });
      expect(await pay(world, order)).toEqual({ outcome: 'not_payable' });
    }
  });
});
