import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { checkDeadline, checkPayment, closeAtProvider } from '../../../lib/orders/check-payment.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { merchantNames, NOW, paidPayment, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createWorld } from './world.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const inAnHour = isoTime(NOW + HOUR_MS);
const over = NOW + HOUR_MS;
/** Past this a payment that the provider does not hold cannot arrive there any more. */
const surelyOver = over + 5 * MINUTE_MS + 12 * SECOND_MS;

function arrange({
  payment: changes = {},
  order: ofOrder = {},
  held = 'open',
}: {
  readonly payment?: Partial<Payment>;
  readonly order?: Partial<ShopOrder>;
  readonly held?: 'open' | 'closed' | 'absent';
} = {}) {
  const order = shopOrder({ expires_at: inAnHour, ...ofOrder });
  const payment = paymentOf(order, { n: 1, expires_at: inAnHour, ...changes });
  const world = createWorld({ order, payments: [payment] });
  if (held !== 'absent') world.merchants.held.set(payment.payment_no, held);
  const owes = { kind: 'check', due: NOW } as const;
  const prepare = world.store.write({
    order_no: order.order_no,
    writes: [{ update: 'payment', of: 1, set: {}, owes, expects: {} }],
  });
  const kinds = () => world.merchants.calls.map((call) => call.split(' ')[0]);
  return {
    ...world,
    order,
    payment,
    kinds,
    /** The check of the payment as it is stored, at a time. */
    check: async (at: number) => {
      await prepare;
      world.clock.now = at;
      const [stored = payment] = world.store.stored(order).payments;
      return checkPayment(world.ports, stored);
    },
    state: () => {
      const { order: now, payments } = world.store.stored(order);
      return [now.status, payments[0]?.state, 'payment 1' in world.store.debts(order)];
    },
  };
}

describe('checking a payment', () => {
  it('settles what was paid without a callback', async () => {
    const { check, merchants, payment, state } = arrange();
    merchants.pay(payment);
    expect(await check(NOW)).toMatchObject({ outcome: 'settled', status: 'paid' });
    expect(state()).toEqual(['paid', 'paid', true]);
  });

  it('leaves an open payment alone until its time is over, then closes it there first', async () => {
    const { check, state, kinds } = arrange();
    expect(await check(over - 1)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['pending', 'open', true]);
    expect(await check(over)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'closed', false]);
    expect(kinds()).toEqual(['query', 'query', 'close']);
  });

  it('of which an answer from before its time was over came after it, is left for the next check', async () => {
    const { check, merchants, clock, state, kinds } = arrange();
    merchants.script('query', () => {
      clock.now = over + MINUTE_MS;
      return { state: 'open' };
    });
    expect(await check(over - 1)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['pending', 'open', true]);
    expect(kinds()).toEqual(['query']);
  });

  it('settles instead when closing comes too late', async () => {
    const { check, merchants, payment, state } = arrange();
    merchants.script('close', () => {
      merchants.pay(payment);
      return 'not_closed';
    });
    expect(await check(over)).toEqual({ outcome: 'cleared' });
    expect(state()).toEqual(['paid', 'paid', true]);
  });

  it('waits while it is being paid, however late it is', async () => {
    const { check, merchants, state } = arrange();
    merchants.script('close', () => 'not_closed');
    expect(await check(surelyOver + HOUR_MS)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['pending', 'open', true]);
  });

  it('takes its provider’s word that it is closed, and looks after the order’s deadline from then on', async () => {
    const { check, state, kinds } = arrange({ held: 'closed' });
    expect(await check(NOW)).toMatchObject({ outcome: 'closed', status: 'pending' });
    expect(state()).toEqual(['pending', 'closed', true]);
    expect(await check(over - 1)).toEqual({ outcome: 'open' });
    expect(await check(over)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'closed', false]);
    expect(kinds()).toEqual(['query']);
  });

  it('asks nothing more of a closed payment until the deadline, however far that is', async () => {
    const inTwentyDays = NOW + 20 * 24 * HOUR_MS;
    const { check, store, order } = arrange({ held: 'closed', order: { expires_at: isoTime(inTwentyDays) } });
    await check(NOW);
    expect(store.debts(order)).toEqual({ 'payment 1': `check ${isoTime(inTwentyDays + SECOND_MS)}` });
  });

  it('without a deadline lets a closed payment go', async () => {
    const { check, state } = arrange({ held: 'closed', order: { expires_at: null } });
    expect(await check(NOW)).toMatchObject({ outcome: 'closed', status: 'pending' });
    expect(state()).toEqual(['pending', 'closed', false]);
    expect(await check(NOW)).toEqual({ outcome: 'cleared' });
  });

  it('has nothing to do for one that is paid', async () => {
    const { order, ports } = arrange();
    expect(await checkPayment(ports, paidPayment(order, { order_no: 'mall-99999' }))).toEqual({
      outcome: 'cleared',
    });
  });
});

describe('a payment that its provider does not hold', () => {
  it.each([
    [NOW, 'open', ['pending', 'open', true]],
    [over - 1, 'open', ['pending', 'open', true]],
    [over, 'closed', ['closed', 'open', true]],
    [surelyOver, 'closed', ['closed', 'open', true]],
    [surelyOver + 1, 'closed', ['closed', 'closed', false]],
  ])(
    'is not closed before it cannot arrive any more; its order may be: at %i %s',
    async (at, outcome, then) => {
      const { check, state, kinds } = arrange({ held: 'absent' });
      expect(await check(at)).toMatchObject({ outcome });
      expect(state()).toEqual(then);
      expect(kinds()).toEqual(['query']);
    },
  );

  it('is judged by when it was asked about, not by when the answer came', async () => {
    const { check, merchants, clock, state } = arrange({ held: 'absent' });
    merchants.script('query', () => {
      clock.now = surelyOver + MINUTE_MS;
      return { state: 'absent' };
    });
    expect(await check(over - 1)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['pending', 'open', true]);
  });

  it('that arrives after its order was closed is closed at its provider', async () => {
    const { check, merchants, payment, state, kinds } = arrange({ held: 'absent' });
    await check(over);
    merchants.held.set(payment.payment_no, 'open');
    expect(await check(over + MINUTE_MS)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'closed', false]);
    expect(kinds()).toEqual(['query', 'query', 'close']);
  });

  it('that arrives and is paid after its order was closed is in suspense, and told', async () => {
    const { check, merchants, payment, order, store } = arrange({ held: 'absent' });
    await check(over);
    merchants.pay(payment);
    expect(await check(surelyOver)).toMatchObject({ outcome: 'paid_after_close', status: 'closed' });
    expect(store.stored(order)).toMatchObject({
      payments: [{ booking: { credit: `suspense:wechat.${merchantNames.wechat}` } }],
      exceptions: [{ kind: 'paid_after_close' }],
    });
  });

  it.each([over - 1, over, surelyOver + 1])(
    'is not taken for absent when something was handed out since it was asked about: at %i',
    async (at) => {
      const { check, merchants, store, payment, order, kinds } = arrange({ held: 'absent' });
      merchants.script('query', async () => {
        const handed_out = { page: 'p', id: null, good_until: inAnHour };
        store.seed({ payments: [{ ...payment, handed_out, version: 9 }] });
        merchants.held.set(payment.payment_no, 'open');
        return { state: 'absent' };
      });
      const outcome = at < over ? 'open' : 'closed';
      expect(await check(at)).toMatchObject({ outcome });
      expect(kinds()).toEqual(at < over ? ['query'] : ['query', 'close']);
      const status = at < over ? 'pending' : 'closed';
      const state = at < over ? 'open' : 'closed';
      expect(store.stored(order)).toMatchObject({ order: { status }, payments: [{ state }] });
    },
  );

  it('given up, is closed once it cannot arrive any more', async () => {
    const { check, state } = arrange({
      held: 'absent',
      payment: { superseded: true },
      order: { payment: null, expires_at: null },
    });
    expect(await check(surelyOver)).toEqual({ outcome: 'open' });
    expect(await check(surelyOver + 1)).toMatchObject({ outcome: 'closed', status: 'pending' });
    expect(state()).toEqual(['pending', 'closed', false]);
  });
});

describe('what is open at its provider and is not what a payable order is to be paid with', () => {
  it.each<[string, Partial<Payment>, Partial<ShopOrder>]>([
    ['given up', { superseded: true }, { payment: null }],
    ['of an order that another payment is current of', { superseded: true }, { payment: 2 }],
    ['of a closed order', {}, { status: 'closed' }],
    ['of an order that is paid otherwise', {}, { status: 'paid' }],
  ])('%s is closed there at once', async (_, changes, ofOrder) => {
    const { check, state, kinds, merchants, payment } = arrange({ payment: changes, order: ofOrder });
    const { status = 'pending' } = ofOrder;
    expect(await check(NOW)).toMatchObject({ outcome: 'closed', status });
    expect(state()).toEqual([status, 'closed', false]);
    expect(kinds()).toEqual(['query', 'close']);
    expect(merchants.held.get(payment.payment_no)).toBe('closed');
  });

  it('stays in work when it cannot be closed', async () => {
    const { check, state, merchants } = arrange({ order: { status: 'closed' } });
    merchants.script('close', () => 'not_closed');
    expect(await check(NOW)).toEqual({ outcome: 'open' });
    merchants.script('close', () => 'absent');
    expect(await check(NOW)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['closed', 'open', true]);
  });

  it('and is not there when it is closed may still arrive: its order ends, and it when that has passed', async () => {
    const { check, state, merchants } = arrange();
    merchants.script('close', () => 'absent');
    expect(await check(over)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'open', true]);
    merchants.script('close', () => 'absent');
    expect(await check(surelyOver + 1)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'closed', false]);
  });

  it('and is closed already looks after no deadline that another payment does', async () => {
    for (const [changes, ofOrder] of [
      [{ superseded: true }, { payment: 2 }],
      [{}, { status: 'paid' }],
    ] as const) {
      const { check } = arrange({ payment: { state: 'closed', ...changes }, order: ofOrder });
      expect(await check(NOW)).toEqual({ outcome: 'cleared' });
    }
  });

  it('found by asking when its callback was lost: in suspense, and told', async () => {
    const { check, merchants, payment, store, order } = arrange({
      payment: { superseded: true },
      order: { payment: null },
    });
    merchants.pay(payment);
    expect(await check(NOW)).toMatchObject({ outcome: 'paid_superseded' });
    expect(store.stored(order).exceptions).toMatchObject([{ kind: 'paid_superseded', amount: 1234 }]);
  });
});

describe('a payment that failed', () => {
  const failure = (payment: Payment) => successOf(payment, { type: 'failed', transaction_id: null });

  it('is over at its time, where its provider closes what failed: no question for ever', async () => {
    const { check, merchants, payment, state } = arrange();
    merchants.held.set(payment.payment_no, failure(payment));
    expect(await check(NOW)).toMatchObject({ outcome: 'failed', status: 'failed' });
    expect(await check(NOW + MINUTE_MS)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['failed', 'failed', true]);
    merchants.script('close', () => 'closed');
    expect(await check(over)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(state()).toEqual(['closed', 'closed', false]);
  });

  it('may yet be paid', async () => {
    const { check, merchants, payment, state } = arrange({
      payment: { state: 'failed' },
      order: { status: 'failed' },
    });
    merchants.pay(payment);
    expect(await check(NOW)).toMatchObject({ outcome: 'settled' });
    expect(state()).toEqual(['paid', 'paid', true]);
  });
});

describe('a payment of a merchant that is not configured any more', () => {
  it('is asked about under no other: an open exception, and it waits', async () => {
    const { check, merchants, state, store, order } = arrange();
    merchants.configured.splice(0, 1, merchants.merchantOf('wechat', { name: '1900000002' }));
    for (const at of [NOW, over, surelyOver + 1]) {
      expect(await check(at)).toEqual({ outcome: 'merchant_missing' });
      expect(state()).toEqual(['pending', 'open', true]);
    }
    expect(merchants.calls).toEqual([]);
    expect(store.stored(order).exceptions).toMatchObject([
      { kind: 'merchant_missing', merchant: merchantNames.wechat, amount: 1234, state: 'open' },
    ]);
  });

  it('waits as well when that goes while it is asked', async () => {
    const { check, merchants, state, kinds } = arrange();
    merchants.script('query', () => {
      merchants.configured.length = 0;
      return undefined;
    });
    expect(await check(surelyOver + 1)).toEqual({ outcome: 'open' });
    expect(state()).toEqual(['pending', 'open', true]);
    expect(kinds()).toEqual(['query']);
  });

  it('is asked through its own documents while they are there', async () => {
    const { check, merchants, payment, state } = arrange();
    const [old] = merchants.configured;
    if (!old) throw new Error('no merchant');
    merchants.configured.splice(0, 1, merchants.merchantOf('wechat', { name: '1900000002' }), old);
    merchants.pay(payment);
    expect(await check(NOW)).toMatchObject({ outcome: 'settled' });
    expect(merchants.calls).toEqual([`query ${payment.payment_no} of ${merchantNames.wechat}`]);
    expect(state()).toEqual(['paid', 'paid', true]);
  });
});

describe('closing at the provider', () => {
  it.each([
    ['closed', 'closed'],
    ['absent', 'absent'],
  ] as const)('says that it is %s', async (answer, closing) => {
    const { merchants, ports, payment, kinds } = arrange();
    merchants.script('close', () => answer);
    expect(await closeAtProvider(ports, payment)).toBe(closing);
    expect(kinds()).toEqual(['close']);
  });

  it.each<[string, Parameters<typeof successOf>[1] | 'open', string]>([
    ['it is still open', 'open', 'being_paid'],
    ['it was paid', {}, 'changed'],
    ['it failed', { type: 'failed' }, 'changed'],
    ['it was closed', { type: 'closed' }, 'changed'],
    ['it was paid otherwise than agreed', { amount: 1 }, 'being_paid'],
    ['it was paid long before', { paid_at: '2020-01-01T00:00:00.000Z' }, 'changed'],
    ['another was paid, of an order that there is not', { payment_no: 'mall-123456' }, 'being_paid'],
  ])('that came too late asks what happened: %s', async (_, said, closing) => {
    const { merchants, ports, payment } = arrange();
    const state = said === 'open' ? 'open' : successOf(payment, said);
    merchants.held.set(payment.payment_no, state);
    merchants.script('close', () => 'not_closed');
    expect(await closeAtProvider(ports, payment)).toBe(closing);
  });

  it('is not known where nobody can be asked', async () => {
    const { merchants, ports, payment } = arrange();
    merchants.configured.length = 0;
    expect(await closeAtProvider(ports, payment)).toBe('unknown');
  });

  it('that fails already is no change, however often it is asked', async () => {
    const { merchants, ports, payment } = arrange({ payment: { state: 'failed' } });
    merchants.held.set(payment.payment_no, successOf(payment, { type: 'failed' }));
    expect(await closeAtProvider(ports, payment)).toBe('being_paid');
  });
});

describe('the deadline of an order without a payment', () => {
  const alone = (changes: Partial<ShopOrder> = {}) =>
    shopOrder({ payment: null, payments: 0, expires_at: inAnHour, ...changes });

  it('closes it when it has passed, and not before', async () => {
    for (const status of ['pending', 'failed'] as const) {
      const order = alone({ status });
      const { ports, clock, store } = createWorld({ order });
      clock.now = over - 1;
      expect(await checkDeadline(ports, order.order_no)).toEqual({ outcome: 'open' });
      clock.now = over;
      expect(await checkDeadline(ports, order.order_no)).toMatchObject({
        outcome: 'closed',
        status: 'closed',
      });
      expect(store.stored(order).order).toMatchObject({ status: 'closed', openid: null, version: 2 });
    }
  });

  it.each<[string, Partial<ShopOrder>]>([
    ['has a payment', { payment: 1 }],
    ['is paid', { status: 'paid' }],
    ['is closed', { status: 'closed' }],
    ['has no deadline any more', { expires_at: null }],
  ])('is nothing to be looked after once it %s', async (_, changes) => {
    const order = alone(changes);
    const { ports, clock, store } = createWorld({ order });
    clock.now = over;
    expect(await checkDeadline(ports, order.order_no)).toEqual({ outcome: 'cleared' });
    expect(await checkDeadline(ports, 'mall-123456')).toEqual({ outcome: 'cleared' });
    expect(store.changes).toEqual([]);
  });

  it('that was moved meanwhile is looked at anew', async () => {
    const order = alone({ openid: null, amount: 0, description: 'x' });
    const { ports, clock, store } = createWorld({ order });
    clock.now = over;
    store.before('write', async () => {
      const { kind, id, points, user_id, openid, amount, description } = order;
      await handOver(ports, {
        ...{ kind, id, points, user_id: user_id ?? '', openid, amount, description, appid: null },
        expires_at: isoTime(over + HOUR_MS),
      });
    });
    expect(await checkDeadline(ports, order.order_no)).toEqual({ outcome: 'open' });
  });
});

describe('one item owes the deadline', () => {
  it('through beginning, closing, changing and beginning again', async () => {
    const { check, store, order, state, ports, clock, payment } = arrange();
    await settle(ports, successOf(payment, { type: 'closed', transaction_id: null }));
    expect(state()).toEqual(['pending', 'closed', true]);
    expect(store.debts(order)).toEqual({ 'payment 1': `check ${isoTime(over + SECOND_MS)}` });
    clock.now = over;
    expect(await check(over)).toMatchObject({ outcome: 'closed', status: 'closed' });
    expect(store.debts(order)).toEqual({});
  });
});
