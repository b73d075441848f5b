import { describe, expect, it } from 'vitest';
import { isOwnShopOrder, reachesOrder } from '../../../lib/http/access.ts';
import { createCloseOrderApi } from '../../../lib/http/close-order-api.ts';
import { payEnvelope, v2Envelope } from '../../../lib/http/reply.ts';
import type { Order } from '../../../lib/orders/order.ts';
import { paidPayment, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { admin, type Caller, callApi, createApiWorld } from './api-world.ts';

function arrange(order: Order, payment = paymentOf(order)) {
  const world = createApiWorld({ order, payments: [payment] });
  world.merchants.held.set(payment.payment_no, 'open');
  const { runtime, store, merchants } = world;
  const common = {
    store,
    merchants,
    orderNumber: ({ order_no = '' }: Record<string, string | undefined>) => order_no,
  };
  const byAdmin = createCloseOrderApi(runtime, {
    ...common,
    ...{ envelope: payEnvelope, role: 'admin', mayClose: reachesOrder },
  });
  const byOwner = createCloseOrderApi(runtime, {
    ...common,
    ...{ envelope: v2Envelope, role: 'user', mayClose: isOwnShopOrder },
  });
  const path = { order_no: order.order_no };
  return {
    ...world,
    payment,
    asAdmin: (by: Caller = admin, at = path) => callApi(byAdmin, { by, path: at }),
    asOwner: (by: Caller) => callApi(byOwner, { by, path }),
  };
}

const owner: Caller = { sub: 'user-1', role: 'user' };

describe('closing an order', () => {
  it('is its owner’s, and its reply is the order as it is then, twice the same', async () => {
    const order = shopOrder();
    const { asOwner, merchants, store } = arrange(order);
    const reply = await asOwner(owner);
    expect(reply).toMatchObject({ status: 200, data: { order_no: order.order_no, status: 'closed' } });
    expect(store.stored(order).order.status).toBe('closed');
    expect(await asOwner(owner)).toEqual(reply);
    expect(merchants.calls).toHaveLength(1);
  });

  it.each<[string, Order, Caller]>([
    ['another user’s', shopOrder(), { sub: 'user-2', role: 'user' }],
    ['a shop’s, to a tenant whose user has the same name', shopOrder(), { ...owner, tenant_id: 7 }],
    ['an erased user’s', shopOrder({ user_id: null }), owner],
    ['a tenant’s', tenantOrder(), owner],
    ['a tenant’s, to one of his', tenantOrder(), { ...owner, tenant_id: 7 }],
  ])('is not there for a stranger: %s', async (_, order, by) => {
    const { asOwner, merchants, store } = arrange(order);
    expect(await asOwner(by)).toEqual({ status: 404, message: '订单不存在', data: null });
    expect([merchants.calls, store.changes]).toEqual([[], []]);
  });

  it.each<[string, Order, Caller]>([
    ['a shop’s, by the stage’s admin', shopOrder(), admin],
    ['a tenant’s, by the stage’s admin', tenantOrder(), admin],
    ['a tenant’s own', tenantOrder(), { ...admin, tenant_id: 7 }],
  ])('is an admin’s: %s', async (_, order, by) => {
    const { asAdmin, store } = arrange(order);
    expect(await asAdmin(by)).toMatchObject({ status: 200, data: { status: 'closed' } });
    expect(store.stored(order).order.status).toBe('closed');
  });

  it.each<[string, Order, Caller, number]>([
    ['another tenant’s', tenantOrder(), { ...admin, tenant_id: 8 }, 404],
    ['a shop’s, to a tenant', shopOrder(), { ...admin, tenant_id: 7 }, 404],
    ['whoever is no admin', shopOrder(), owner, 403],
  ])('is refused to an admin of somebody else: %s', async (_, order, by, status) => {
    const { asAdmin, merchants, store } = arrange(order);
    expect(await asAdmin(by)).toMatchObject({ status, data: null });
    expect([merchants.calls, store.changes]).toEqual([[], []]);
  });

  it.each(['mall-999999999', 'p01HXTESTQ000000000007ABCDE'])(
    'of the number %j finds none',
    async (order_no) => {
      const { asAdmin } = arrange(shopOrder());
      expect(await asAdmin(admin, { order_no })).toMatchObject({ status: 404 });
    },
  );

  it.each(['', '../x', 'mall-0', 'mall-1-2', 'mall-1 '])(
    'of what is no order’s number looks for none: %j',
    async (order_no) => {
      const { asAdmin, store } = arrange(shopOrder());
      expect(await asAdmin(admin, { order_no })).toMatchObject({ status: 404 });
      expect(store.calls).toEqual([]);
    },
  );

  it('is refused when it is paid or being paid', async () => {
    const message = '订单已支付或正在支付，不能关闭';
    const paid = shopOrder({ status: 'paid', paid_by: 1 });
    expect(await arrange(paid, paidPayment(paid)).asOwner(owner)).toEqual({
      status: 409,
      message,
      data: null,
    });
    const busy = arrange(shopOrder());
    busy.merchants.script('close', () => 'not_closed');
    expect(await busy.asOwner(owner)).toMatchObject({ status: 409, message });
    const meanwhile = arrange(shopOrder());
    meanwhile.merchants.pay(meanwhile.payment);
    expect(await meanwhile.asOwner(owner)).toMatchObject({ status: 409, message });
  });
});
