import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { exceptionId, exceptionOnce } from '../../../lib/orders/exception.ts';
import type { Resolution } from '../../../lib/orders/kinds.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { sweepChecks } from '../../../lib/orders/sweep.ts';
import {
  merchantNames,
  NOW,
  paymentOf,
  shopOrder,
  successOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld } from './world.ts';

/** Whatever people say of an exception, what its provider may still take is looked after until its provider takes none. */

const HOUR_MS = 3_600_000;
const later = isoTime(NOW + 12 * HOUR_MS);

/** An order with a payment that its provider holds, and is asked about now. */
async function begun(changes: Partial<Payment> = {}) {
  const base = shopOrder({ expires_at: later });
  const payment = paymentOf(base, { n: 1, expires_at: later, ...changes });
  const order = { ...base, payment: 1, payments: 1 };
  const world = createWorld({ order, payments: [payment] });
  const { order_no } = order;
  await world.store.write({
    order_no,
    writes: [{ update: 'payment', of: 1, set: {}, owes: { kind: 'check', due: NOW }, expects: {} }],
  });
  world.merchants.held.set(payment.payment_no, 'open');
  return {
    ...world,
    order,
    payment,
    stored: () => world.store.stored(order),
    end: async (resolution: Resolution) => {
      for (const one of world.store.stored(order).exceptions.filter(({ state }) => state === 'open')) {
        const end = { resolution, reason: '核对过', by: 'admin-1' };
        await resolveException(world.ports, { order_no, id: exceptionId(one), ...end });
      }
    },
    sweepFor: async (hours: number) => {
      for (let hour = 0; hour <= hours; hour += 1) {
        await sweepChecks(world.ports);
        world.clock.now += HOUR_MS;
      }
    },
    pay: async () => {
      const merchant = await world.merchants.current('wechat', null);
      return payShopOrder(world.ports, order_no, order.user_id ?? '', merchant);
    },
  };
}

describe('a mismatch that people have ended', () => {
  /** A relay says that one more was paid than was asked for. */
  const misstated = async () => {
    const world = await begun();
    const { amount } = world.payment;
    await settle(world.ports, successOf(world.payment, { amount: amount + 1, transaction_id: null }));
    return world;
  };
  /** The provider itself says so, whenever it is asked. */
  const paidOtherwise = async () => {
    const world = await begun();
    const said = successOf(world.payment, { amount: 1 });
    world.merchants.held.set(world.payment.payment_no, said);
    world.merchants.script('close', () => 'not_closed');
    await settle(world.ports, said);
    return world;
  };

  it.each(['dismissed', 'written_off'] as const)(
    'leaves a payment that its provider still holds, to be paid or closed there: %s',
    async (resolution) => {
      const { end, pay, sweepFor, stored, merchants, payment } = await misstated();
      await end(resolution);
      expect(await pay()).toMatchObject({ outcome: 'issued', payment: { payment_no: payment.payment_no } });
      await sweepFor(14);
      expect(merchants.held.get(payment.payment_no)).toBe('closed');
      expect(stored()).toMatchObject({ order: { status: 'closed' }, payments: [{ state: 'closed' }] });
    },
  );

  it('leaves a payment that is paid meanwhile to be found', async () => {
    const { end, sweepFor, stored, merchants, payment } = await misstated();
    merchants.pay(payment);
    await end('dismissed');
    await sweepFor(0);
    expect(stored()).toMatchObject({ order: { status: 'paid' }, payments: [{ state: 'paid' }] });
  });

  it('ends a payment that its provider says was paid otherwise, and the next takes a number of its own', async () => {
    const { end, pay, sweepFor, stored, payment } = await paidOtherwise();
    await sweepFor(0);
    expect(stored().payments).toMatchObject([{ state: 'open' }]);
    await end('returned');
    await sweepFor(0);
    expect(stored()).toMatchObject({ order: { status: 'pending' }, payments: [{ state: 'closed' }] });
    const paid = await pay();
    expect(paid).toMatchObject({ outcome: 'issued' });
    expect(stored().payments).toMatchObject([{ payment_no: payment.payment_no }, { n: 2, state: 'open' }]);
  });

  it('ends it with its order, once that is over', async () => {
    const { end, sweepFor, stored } = await paidOtherwise();
    await sweepFor(14);
    expect(stored()).toMatchObject({ order: { status: 'pending' }, exceptions: [{ state: 'open' }] });
    await end('written_off');
    await sweepFor(0);
    expect(stored()).toMatchObject({ order: { status: 'closed' }, payments: [{ state: 'closed' }] });
  });

  describe('of a relay that told of less than was paid', () => {
    const transaction_id = '4200000001';
    /** A person has what the relay told of given back, before the provider says what was paid. */
    const givenBack = async (changes: Partial<Payment> = {}) => {
      const world = await begun(changes);
      const amount = world.payment.amount - 1;
      await settle(world.ports, successOf(world.payment, { amount, transaction_id }));
      await world.end('returned');
      return { ...world, amount, genuine: successOf(world.payment, { transaction_id }) };
    };

    it('books it once, however the provider’s own word comes, and closes its number once people have seen that', async () => {
      const { ports, genuine, sweepFor, stored, merchants, payment, amount, end } = await givenBack();
      merchants.held.set(payment.payment_no, genuine);
      merchants.script('close', () => 'not_closed');
      for (const _ of [1, 2]) {
        expect(await settle(ports, genuine)).toMatchObject({
          ...{ outcome: 'mismatch', fields: ['transaction_id'], isSeenTo: false },
        });
      }
      await sweepFor(0);
      expect(stored()).toMatchObject({
        order: { status: 'pending' },
        payments: [{ state: 'open', booking: null }],
        suspense: [{ transaction_id, amount }],
      });
      const open = stored().exceptions.filter(({ kind, state }) => kind === 'mismatch' && state === 'open');
      expect(open).toMatchObject([{ transaction_id, amount: payment.amount, fields: ['transaction_id'] }]);
      await end('dismissed');
      await sweepFor(0);
      expect(stored()).toMatchObject({
        order: { status: 'pending' },
        payments: [{ state: 'closed', booking: null }],
        suspense: [{ transaction_id, amount }],
      });
    });

    it.each(['open', 'failed'] as const)('takes no unnamed success for other money: %s', async (state) => {
      const { ports, payment, stored } = await givenBack({ state });
      const unnamed = successOf(payment, { transaction_id: null });
      expect(await settle(ports, unnamed)).toMatchObject({ outcome: 'mismatch', fields: ['transaction_id'] });
      expect(stored()).toMatchObject({ order: { status: 'pending' }, payments: [{ booking: null }] });
    });

    it('takes no unnamed success of another payment for other money, as the relay may have named the wrong one', async () => {
      const base = shopOrder({ payment: 2, payments: 2 });
      const superseded = paymentOf(base, { n: 1, superseded: true, state: 'closed' });
      const current = paymentOf(base, { n: 2 });
      const { ports, store } = createWorld({ order: base, payments: [superseded, current] });
      const amount = superseded.amount - 1;
      await settle(ports, successOf(superseded, { amount, transaction_id }));
      const id = store.stored(base).exceptions.map(exceptionId).join();
      const end = { resolution: 'returned', reason: '核对过', by: 'admin-1' } as const;
      await resolveException(ports, { order_no: base.order_no, id, ...end });
      const unnamed = successOf(current, { transaction_id: null });
      expect(await settle(ports, unnamed)).toMatchObject({ outcome: 'mismatch', fields: ['transaction_id'] });
      expect(store.stored(base)).toMatchObject({
        order: { status: 'pending' },
        payments: [{ booking: null }, { booking: null }],
        suspense: [{ n: 1, transaction_id, amount }],
      });
      const own = successOf(current, { transaction_id: '4200000002' });
      expect(await settle(ports, own)).toMatchObject({ outcome: 'settled' });
    });

    it.each([
      ['a mismatch that was dismissed', 'mismatch', 'dismissed'],
      ['a mismatch that is open', 'mismatch', null],
      ['money that was paid twice and given back', 'paid_twice', 'returned'],
    ] as const)('takes an unnamed success of another payment beside %s', async (_, kind, resolution) => {
      const base = shopOrder({ payment: 2, payments: 2, has_suspense: true });
      const superseded = paymentOf(base, { n: 1, superseded: true, state: 'closed' });
      const current = paymentOf(base, { n: 2 });
      const { payment_no, provider, merchant } = superseded;
      const subject = { kind, payment_no, provider, merchant, transaction_id };
      const [told] = exceptionOnce({ order: base, exceptions: [] }, subject, NOW);
      if (!told) throw new Error('nothing is told');
      const end = { reason: '核对过', by: 'admin-1', at: later, entries: [], refund_no: null };
      const known = {
        ...told.record,
        ...(resolution && { state: 'resolved' as const, resolved: { ...end, resolution } }),
      } as const;
      const suspense = kind === 'paid_twice' ? [suspenseOf(superseded)] : [];
      const { ports } = createWorld({
        ...{ order: base, payments: [superseded, current], suspense, exceptions: [known] },
      });
      const unnamed = successOf(current, { transaction_id: null });
      expect(await settle(ports, unnamed)).toMatchObject({ outcome: 'settled' });
    });

    it('knows an unnamed repeat of what has paid the order meanwhile', async () => {
      const { ports, payment, stored } = await givenBack();
      await settle(ports, successOf(payment, { transaction_id: '4200000002' }));
      expect(await settle(ports, successOf(payment, { transaction_id: null }))).toMatchObject({
        outcome: 'already_settled',
      });
      expect(stored().exceptions.filter(({ kind }) => kind === 'mismatch')).toHaveLength(1);
    });

    it('books what an unnamed success says to have gone back of what has paid the order meanwhile', async () => {
      const { ports, payment, stored } = await givenBack();
      await settle(ports, successOf(payment, { transaction_id: '4200000002' }));
      await settle(ports, successOf(payment, { transaction_id: null, returned: 300 }));
      expect(stored().payments).toMatchObject([{ transaction_id: '4200000002', returned: 300 }]);
    });

    it('lets another transaction pay the order', async () => {
      const { ports, payment, stored } = await givenBack();
      const other = successOf(payment, { transaction_id: '4200000002' });
      expect(await settle(ports, other)).toMatchObject({ outcome: 'settled' });
      expect(stored()).toMatchObject({ order: { status: 'paid' }, payments: [{ state: 'paid' }] });
    });

    it('gives nothing back of a payment whose own transaction is not known yet', async () => {
      const { ports, payment, stored, end, order } = await begun();
      const amount = payment.amount - 1;
      await settle(ports, successOf(payment, { amount, transaction_id }));
      await settle(ports, successOf(payment, { transaction_id: null }));
      const [mismatch] = stored().exceptions;
      if (!mismatch) throw new Error('no mismatch');
      const wanted = { resolution: 'returned', reason: '核对过', by: 'admin-1' } as const;
      const request = { order_no: order.order_no, id: exceptionId(mismatch), ...wanted };
      expect(await resolveException(ports, request)).toEqual({ outcome: 'transaction_unknown' });
      expect(stored()).toMatchObject({ suspense: [], refunds: [], exceptions: [{ state: 'open' }] });
      await settle(ports, successOf(payment, { transaction_id: '4200000002' }));
      await end('returned');
      expect(stored()).toMatchObject({
        order: { status: 'paid', order_no: order.order_no },
        suspense: [{ transaction_id, amount }],
      });
    });
  });

  it('gives nothing back that may be what another payment of the order was paid with', async () => {
    const base = shopOrder({ payment: 2, payments: 2 });
    const superseded = paymentOf(base, { n: 1, superseded: true, state: 'closed' });
    const current = paymentOf(base, { n: 2 });
    const { ports, store } = createWorld({ order: base, payments: [superseded, current] });
    const transaction_id = '4200000009';
    await settle(ports, successOf(current, { transaction_id: null }));
    await settle(ports, successOf(superseded, { amount: superseded.amount - 1, transaction_id }));
    const [mismatch] = store.stored(base).exceptions;
    if (!mismatch) throw new Error('no mismatch');
    const wanted = { resolution: 'returned', reason: '核对过', by: 'admin-1' } as const;
    const request = { order_no: base.order_no, id: exceptionId(mismatch), ...wanted };
    expect(await resolveException(ports, request)).toEqual({ outcome: 'transaction_unknown' });
    expect(store.stored(base)).toMatchObject({ suspense: [], refunds: [], exceptions: [{ state: 'open' }] });
    await settle(ports, successOf(current, { transaction_id }));
    expect(await resolveException(ports, request)).toEqual({ outcome: 'already_booked' });
  });

  it('gives back what another payment of the order, at another provider, was not paid with', async () => {
    const base = tenantOrder({ payment: 2, payments: 2 });
    const superseded = paymentOf(base, { n: 1, superseded: true, state: 'closed' });
    const { wechat: merchant } = merchantNames;
    const current = paymentOf(base, { n: 2, provider: 'wechat', merchant });
    const { ports, store } = createWorld({ order: base, payments: [superseded, current] });
    await settle(ports, successOf(current, { transaction_id: null }));
    await settle(ports, successOf(superseded, { amount: 1, transaction_id: 'pi_9' }));
    const [mismatch] = store.stored(base).exceptions;
    if (!mismatch) throw new Error('no mismatch');
    const wanted = { resolution: 'returned', reason: '核对过', by: 'admin-1' } as const;
    const request = { order_no: base.order_no, id: exceptionId(mismatch), ...wanted };
    expect(await resolveException(ports, request)).toMatchObject({ outcome: 'resolved' });
  });

  it('ends nothing where its provider now says otherwise than people have seen', async () => {
    const { end, sweepFor, stored, merchants, payment } = await misstated();
    await end('dismissed');
    merchants.held.set(payment.payment_no, successOf(payment, { amount: 1 }));
    await sweepFor(0);
    expect(stored().payments).toMatchObject([{ state: 'open' }]);
    expect(stored().exceptions.map(({ state }) => state)).toEqual(['resolved', 'open']);
  });
});

describe('a merchant that is missing', () => {
  it('is for people to see for as long as a payment waits for it, however often they end that', async () => {
    const { end, sweepFor, stored, payment } = await begun({ merchant: '1999999999' });
    await sweepFor(0);
    const { payment_no, provider, merchant, amount, currency } = payment;
    const told = { kind: 'merchant_missing', payment_no, provider, merchant, amount, currency };
    await sweepFor(2);
    expect(stored().exceptions).toMatchObject([{ ...told, state: 'open', version: 1 }]);
    await end('dismissed');
    await sweepFor(48);
    expect(stored().exceptions).toMatchObject([{ ...told, state: 'open', resolved: null }]);
  });
});
