import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { NOW, paymentOf, shopOrder, successOf, tenantOrder } from '../../support/orders.ts';
import { createWorld } from './world.ts';

const inAnHour = isoTime(NOW + 3_600_000);

function arrange(changes: Partial<Payment> = {}, ofOrder: Partial<ShopOrder> = {}) {
  const order = shopOrder({ expires_at: inAnHour, ...ofOrder });
  const payment = paymentOf(order, changes);
  const world = createWorld({ order, payments: [payment] });
  world.merchants.held.set(payment.payment_no, 'open');
  const { order_no } = order;
  const owes = { kind: 'check', due: NOW } as const;
  return {
    ...world,
    order,
    payment,
    owe: () =>
      world.store.write({ order_no, writes: [{ update: 'payment', of: 1, set: {}, owes, expects: {} }] }),
    close: () => closeOrderOnRequest(world.ports, order_no),
  };
}

describe('closing an order on request', () => {
  it('closes its payment at the provider first', async () => {
    for (const status of ['pending', 'failed'] as const) {
      const { close, owe, store, order, payment, merchants } = arrange({}, { status });
      await owe();
      expect(await close()).toEqual({ outcome: 'closed' });
      expect(merchants.held.get(payment.payment_no)).toBe('closed');
      expect(store.stored(order)).toMatchObject({
        order: { status: 'closed', openid: null, version: 2 },
        payments: [{ state: 'closed', superseded: false }],
      });
      expect(store.debts(order)).toEqual({});
    }
  });

  it('closes one that has none, or whose payment is closed, without asking', async () => {
    const alone = shopOrder({ payment: null, payments: 0 });
    const world = createWorld({ order: alone });
    expect(await closeOrderOnRequest(world.ports, alone.order_no)).toEqual({ outcome: 'closed' });
    const { close, owe, store, order, merchants } = arrange({ state: 'closed' });
    await owe();
    expect(await close()).toEqual({ outcome: 'closed' });
    expect(merchants.calls).toEqual([]);
    expect(store.debts(order)).toEqual({});
  });

  it('closes what its provider does not hold, and goes on asking about the payment', async () => {
    const { close, owe, store, order, payment, merchants } = arrange();
    await owe();
    merchants.held.delete(payment.payment_no);
    expect(await close()).toEqual({ outcome: 'closed' });
    expect(store.stored(order)).toMatchObject({ order: { status: 'closed' }, payments: [{ state: 'open' }] });
    expect(Object.keys(store.debts(order))).toEqual(['payment 1']);
  });

  it('asks again when something is handed out while the provider does not hold it yet', async () => {
    const { close, store, order, payment, merchants } = arrange();
    merchants.script('close', () => {
      store.seed({ payments: [{ ...payment, version: 2 }] });
      return 'absent';
    });
    expect(await close()).toEqual({ outcome: 'closed' });
    expect(merchants.calls).toHaveLength(2);
    expect(store.stored(order).payments).toMatchObject([{ state: 'closed' }]);
  });

  it('gives a tenant’s order no openid to be without', async () => {
    const order = tenantOrder({ payment: null, payments: 0 });
    const { ports, store } = createWorld({ order });
    await closeOrderOnRequest(ports, order.order_no);
    const time = isoTime(NOW);
    expect(store.stored(order).order).toEqual({ ...order, status: 'closed', updated_at: time, version: 2 });
  });

  it('is done already for a closed order', async () => {
    const { close, merchants, store } = arrange({}, { status: 'closed' });
    expect(await close()).toEqual({ outcome: 'closed' });
    expect(merchants.calls).toEqual([]);
    expect(store.changes).toEqual([]);
  });

  it.each(['paid', 'refunding', 'refunded'] as const)(
    'is refused for an order that is %s',
    async (status) => {
      const { close, merchants } = arrange({}, { status });
      expect(await close()).toEqual({ outcome: 'not_closed' });
      expect(merchants.calls).toEqual([]);
    },
  );

  it('is refused while it is being paid, and nothing remembers that it was asked', async () => {
    const { close, merchants, store, order, payment } = arrange();
    merchants.script('close', () => 'not_closed');
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(store.stored(order)).toMatchObject({ order, payments: [payment] });
    merchants.pay(payment);
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(store.stored(order).order.status).toBe('paid');
  });

  it('is refused where nobody can be asked', async () => {
    const { close, merchants, store } = arrange();
    merchants.configured.length = 0;
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(store.changes).toEqual([]);
  });

  it('knows no order that there is not', async () => {
    const { ports } = arrange();
    expect(await closeOrderOnRequest(ports, 'mall-123456')).toEqual({ outcome: 'not_found' });
  });

  it('gives way to a success that comes between the closing and the writing', async () => {
    const { close, store, order, payment, ports } = arrange();
    store.before('write', async () => {
      await settle(ports, successOf(payment));
    });
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(store.stored(order)).toMatchObject({ order: { status: 'paid' }, payments: [{ state: 'paid' }] });
  });
});
