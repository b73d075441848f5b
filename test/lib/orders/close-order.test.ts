import { describe, expect, it } from 'vitest';
import { orderState } from '../../../lib/http/view-order.ts';
import { isoTime } from '../../../lib/io.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
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
    close: () => closeOrderOnRequest(world.ports, { order_no, by: 'admin-1' }, () => true),
  };
}

describe('closing an order on request', () => {
  it('closes its payment at the provider first', async () => {
    for (const status of ['pending', 'failed'] as const) {
      const { close, owe, store, order, payment, merchants } = arrange({}, { status });
      await owe();
      expect(await close()).toMatchObject({ outcome: 'closed' });
      expect(merchants.held.get(payment.payment_no)).toBe('closed');
      expect(store.stored(order)).toMatchObject({
        order: { status: 'closed', closed_by: 'admin-1', openid: null, version: 2 },
        payments: [{ state: 'closed', superseded: false }],
      });
      expect(store.debts(order)).toEqual({});
    }
  });

  it('closes one that has none, or whose payment is closed, without asking', async () => {
    const alone = shopOrder({ payment: null, payments: 0 });
    const world = createWorld({ order: alone });
    const asked = { order_no: alone.order_no, by: 'admin-1' };
    expect(await closeOrderOnRequest(world.ports, asked, () => true)).toMatchObject({ outcome: 'closed' });
    const { close, owe, store, order, merchants } = arrange({ state: 'closed' });
    await owe();
    expect(await close()).toMatchObject({ outcome: 'closed' });
    expect(merchants.calls).toEqual([]);
    expect(store.debts(order)).toEqual({});
  });

  it('closes what its provider does not hold, and goes on asking about the payment', async () => {
    const { close, owe, store, order, payment, merchants } = arrange();
    await owe();
    merchants.held.delete(payment.payment_no);
    expect(await close()).toMatchObject({ outcome: 'closed' });
    expect(store.stored(order)).toMatchObject({ order: { status: 'closed' }, payments: [{ state: 'open' }] });
    expect(Object.keys(store.debts(order))).toEqual(['payment 1']);
  });

  it('asks again when something is handed out while the provider does not hold it yet', async () => {
    const { close, store, order, payment, merchants } = arrange();
    merchants.script('close', () => {
      store.seed({ payments: [{ ...payment, version: 2 }] });
      return 'absent';
    });
    expect(await close()).toMatchObject({ outcome: 'closed' });
    expect(merchants.calls).toHaveLength(2);
    expect(store.stored(order).payments).toMatchObject([{ state: 'closed' }]);
  });

  it('gives a tenant’s order no openid to be without', async () => {
    const order = tenantOrder({ payment: null, payments: 0 });
    const { ports, store } = createWorld({ order });
    await closeOrderOnRequest(ports, { order_no: order.order_no, by: 'admin-1' }, () => true);
    const changed = { status: 'closed', closed_by: 'admin-1', updated_at: isoTime(NOW), version: 2 };
    expect(store.stored(order).order).toEqual({ ...order, ...changed });
  });

  it('is done already for a closed order', async () => {
    const { close, merchants, store } = arrange({}, { status: 'closed' });
    expect(await close()).toMatchObject({ outcome: 'closed' });
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

  it('is refused where nobody can be asked, of which a person is told once', async () => {
    const { close, merchants, store, order, payment } = arrange();
    merchants.configured.length = 0;
    for (let times = 0; times < 2; times++) expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(store.changes).toHaveLength(1);
    const { exceptions, ...rest } = store.stored(order);
    expect(rest).toMatchObject({ order, payments: [payment] });
    const { merchant, payment_no, amount } = payment;
    expect(exceptions).toMatchObject([{ kind: 'merchant_missing', merchant, payment_no, amount }]);
  });

  it('is refused, with nothing changed, when the provider does not answer', async () => {
    const { close, merchants, store, order, payment } = arrange();
    merchants.script('close', () => {
      throw new Error('down');
    });
    await expect(close()).rejects.toThrow('down');
    expect(store.stored(order)).toMatchObject({ order, payments: [payment] });
  });

  it('finds no order for whom it is denied to, and asks nobody', async () => {
    const { ports, order, merchants, store } = arrange();
    const asked: Order[] = [];
    const deny = (one: Order) => asked.push(one) === 0;
    expect(await closeOrderOnRequest(ports, { order_no: order.order_no, by: 'user-2' }, deny)).toEqual({
      outcome: 'not_found',
    });
    expect(asked).toEqual([order]);
    expect([merchants.calls, store.changes]).toEqual([[], []]);
  });

  it('replies with the order as it is stored then, twice the same', async () => {
    const { close, order, store, payment } = arrange({ state: 'failed' }, { status: 'failed' });
    const result = await close();
    if (result.outcome !== 'closed') throw new Error(result.outcome);
    const stored = store.stored(order);
    expect(orderState(result.snapshot)).toEqual(orderState(stored));
    expect(orderState(result.snapshot)).toMatchObject({ status: 'closed', provider: payment.provider });
    expect(await close()).toEqual({ outcome: 'closed', snapshot: stored });
  });

  it('settles what has been paid meanwhile, once', async () => {
    const { close, merchants, store, order, payment } = arrange();
    merchants.pay(payment);
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(merchants.calls.map((call) => call.split(' ')[0])).toEqual(['close', 'query']);
    expect(store.stored(order)).toMatchObject({
      order: { status: 'paid', paid_by: 1 },
      payments: [{ state: 'paid', transaction_id: 'T1' }],
    });
    expect(await close()).toEqual({ outcome: 'not_closed' });
    expect(merchants.calls).toHaveLength(2);
  });

  it('knows no order that there is not', async () => {
    const { ports } = arrange();
    const asked = { order_no: 'mall-123456', by: 'admin-1' };
    expect(await closeOrderOnRequest(ports, asked, () => true)).toEqual({ outcome: 'not_found' });
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
