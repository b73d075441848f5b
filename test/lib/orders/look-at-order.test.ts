import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { OrderStatus, PaymentState } from '../../../lib/orders/kinds.ts';
import { lookAtOrder } from '../../../lib/orders/look-at-order.ts';
import { NOW, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createWorld } from './world.ts';

function arrange({
  begun = 10_000,
  state = 'open',
  status = 'pending',
  current = true,
}: {
  readonly begun?: number;
  readonly state?: PaymentState;
  readonly status?: OrderStatus;
  readonly current?: boolean;
} = {}) {
  const order = shopOrder({ status, payment: current ? 1 : null });
  const payment = paymentOf(order, { n: 1, state, begun_at: isoTime(NOW - begun) });
  const world = createWorld({ order, payments: [payment] });
  world.merchants.held.set(payment.payment_no, 'open');
  return { ...world, order, payment, look: () => lookAtOrder(world.ports, world.store.stored(order)) };
}

describe('looking at an order', () => {
  it('asks the provider and shows what it says', async () => {
    const { look, merchants, payment } = arrange();
    merchants.pay(payment);
    expect(await look()).toMatchObject({ order: { status: 'paid' }, payments: [{ transaction_id: 'T1' }] });
    expect(merchants.calls).toHaveLength(1);
    expect(await look()).toMatchObject({ order: { status: 'paid' } });
    expect(merchants.calls).toHaveLength(1);
  });

  it('shows what a closed payment leaves: an order that can be paid', async () => {
    const { look, merchants, payment } = arrange();
    merchants.held.set(payment.payment_no, 'closed');
    expect(await look()).toMatchObject({ order: { status: 'pending' }, payments: [{ state: 'closed' }] });
  });

  it('asks about nothing that was begun a moment ago', async () => {
    const { look, merchants, clock } = arrange({ begun: 9_999 });
    await look();
    expect(merchants.calls).toEqual([]);
    clock.now += 1;
    await look();
    expect(merchants.calls).toHaveLength(1);
  });

  it('asks every five seconds at most, however many look', async () => {
    const { look, merchants, clock } = arrange();
    await Promise.all(Array.from({ length: 10 }, look));
    clock.now += 4_999;
    await look();
    expect(merchants.calls).toHaveLength(1);
    clock.now += 1;
    await look();
    expect(merchants.calls).toHaveLength(2);
  });

  it.each([
    ['is paid', { status: 'paid' }],
    ['has failed', { status: 'failed', state: 'failed' }],
    ['is closed', { status: 'closed' }],
    ['has no payment', { current: false }],
    ['has a closed payment', { state: 'closed' }],
  ] as const)('asks about nothing when it %s', async (_, changes) => {
    const { look, merchants, order } = arrange(changes);
    expect(await look()).toMatchObject({ order });
    expect(merchants.calls).toEqual([]);
  });

  it('closes nothing, whatever the provider does not know', async () => {
    const { look, merchants, payment, store } = arrange();
    merchants.held.delete(payment.payment_no);
    const before = store.stored(payment);
    expect(await look()).toEqual(before);
    expect(store.changes).toEqual([]);
  });

  it('shows it as it is stored when the provider fails, and says so', async () => {
    const { look, merchants, order, failures } = arrange();
    const down = new Error('down');
    merchants.script('query', () => {
      throw down;
    });
    expect(await look()).toMatchObject({ order });
    expect(failures).toEqual([down]);
  });

  it('asks nobody else for a merchant that is not configured', async () => {
    const { look, merchants, order } = arrange();
    merchants.configured.splice(0, 1, merchants.merchantOf('wechat', { name: '1900000002' }));
    expect(await look()).toMatchObject({ order });
    expect(merchants.calls).toEqual([]);
  });

  it('reads nothing again while the payment is open', async () => {
    const { look, merchants, store } = arrange();
    await look();
    expect(merchants.calls).toHaveLength(1);
    expect(store.calls).toEqual(['claim']);
  });

  it('records what does not fit as a callback would', async () => {
    const { look, merchants, payment } = arrange();
    merchants.held.set(payment.payment_no, successOf(payment, { amount: 1 }));
    expect(await look()).toMatchObject({ order: { status: 'pending' }, exceptions: [{ kind: 'mismatch' }] });
  });
});
