import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { allowedResolutions } from '../../../lib/orders/allowed-resolutions.ts';
import { type ExceptionRecord, type ExceptionSubject, exceptionId } from '../../../lib/orders/exception.ts';
import {
  type ExceptionKind,
  exceptionKinds,
  type Resolution,
  resolutions,
} from '../../../lib/orders/kinds.ts';
import { ownerAccount, strangerMerchant } from '../../../lib/orders/ledger.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import {
  type MerchantExceptionStore,
  resolveException,
  resolveMerchantException,
} from '../../../lib/orders/resolve-exception.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import {
  disputeOf,
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  returnOf,
  shopOrder,
  successOf,
  suspenseOf,
  tenantOrder,
} from '../../support/orders.ts';
import type { Seed } from './memory-store.ts';
import { createWorld } from './world.ts';

const now = isoTime(NOW);
const merchant = merchantNames.wechat;
const provider = `provider:wechat.${merchant}`;
const suspense = `suspense:wechat.${merchant}`;

/** An open exception about a payment of an order. */
function exceptionOf(order: Order, payment: Payment, subject: ExceptionSubject): ExceptionRecord {
  const { payment_no, merchant, amount, currency } = payment;
  return {
    ...{ order_no: order.order_no, owner: ownerAccount(order) },
    ...{ payment_no, provider: payment.provider, merchant, amount, currency },
    ...{ transaction_id: null, refund_no: null, fields: [], reason: null, due_by: null, resolved: null },
    ...{ state: 'open', version: 1, recorded_at: isoTime(NOW - 60_000) },
    ...subject,
  };
}

/** An order in a state, with its exception; `resolve` ends that. */
function exceptional(order: Order, payment: Payment, subject: ExceptionSubject, seed: Seed = {}) {
  const exception = exceptionOf(order, payment, subject);
  const world = createWorld({ order, payments: [payment], ...seed, exceptions: [exception] });
  return {
    ...world,
    order,
    payment,
    exception,
    resolve: (resolution: Resolution, by = 'admin-1') =>
      resolveException(world.ports, {
        ...{ order_no: order.order_no, id: exceptionId(exception) },
        ...{ resolution, reason: '核对过', by },
      }),
    stored: () => world.store.stored(order),
    entries: () => world.store.entries(order),
  };
}

/** An order that was closed before it was paid. */
function paidAfterClose(changes: Partial<Payment> = {}, status: Order['status'] = 'closed') {
  const order = shopOrder({ status });
  const payment = paidPayment(order, { isSuspense: true, ...changes });
  return exceptional(order, payment, { kind: 'paid_after_close', transaction_id: 'T1' });
}

/** A paid order, and another transaction under its payment. */
function paidTwice(changes: Parameters<typeof suspenseOf>[1] = {}) {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const payment = paidPayment(order);
  const subject = { kind: 'paid_twice', transaction_id: 'T2' } as const;
  return exceptional(order, payment, subject, { suspense: [suspenseOf(payment, changes)] });
}

/** A payment whose message disagreed with it. */
function mismatched(
  changes: Partial<ExceptionSubject> = {},
  orderChanges: object = {},
  paymentChanges: object = {},
) {
  const order = shopOrder(orderChanges);
  const payment = paymentOf(order, paymentChanges);
  return exceptional(order, payment, {
    ...{ kind: 'mismatch', fields: ['amount'], transaction_id: 'T1', amount: 1000 },
    ...changes,
  });
}

const reserved = async (result: ReturnType<ReturnType<typeof paidTwice>['resolve']>) => {
  const resolved = await result;
  return resolved.outcome === 'resolved' ? resolved.refund : resolved;
};

describe('an exception that ends', () => {
  it('keeps how, why, by whom and when, and owes nothing more', async () => {
    const { resolve, stored, exception, store, order } = paidAfterClose();
    const { order_no } = order;
    await store.write({
      order_no,
      writes: [
        { update: 'exception', of: exception, set: {}, owes: { kind: 'alert', due: NOW }, expects: {} },
      ],
    });
    const resolved = { resolution: 'dismissed', reason: '核对过', by: 'admin-1', at: now };
    const end = { ...resolved, entries: [], refund_no: null };
    const ended = { ...exception, state: 'resolved', resolved: end, version: 3 };
    expect(await resolve('dismissed')).toEqual({
      outcome: 'resolved',
      exception: { ...ended, version: 2 },
      refund: null,
      status: 'closed',
    });
    expect(stored().exceptions).toEqual([ended]);
    expect(store.debts(order)).toEqual({});
  });

  it('ends once: the same end again is the same reply, another is none', async () => {
    const { resolve, stored, store, clock, entries } = paidTwice();
    const first = await resolve('attributed');
    clock.now += 60_000;
    expect(await resolve('attributed', 'admin-2')).toEqual({
      ...first,
      exception: stored().exceptions[0],
    });
    expect(await resolve('dismissed')).toEqual({ outcome: 'already_resolved' });
    expect(stored().exceptions).toMatchObject([{ resolved: { by: 'admin-1', at: now } }]);
    expect(entries()).toHaveLength(1);
    expect(store.changes).toHaveLength(1);
  });

  it('is one that there is', async () => {
    const { ports, order, store, failures } = paidTwice();
    const wanted = { resolution: 'dismissed', reason: '核对过', by: 'admin-1' } as const;
    for (const order_no of ['mall-404', order.order_no]) {
      expect(await resolveException(ports, { ...wanted, order_no, id: 'x' })).toEqual({
        outcome: 'not_found',
      });
    }
    expect([store.changes, failures]).toEqual([[], []]);
  });

  it('books nothing when somebody else has ended it meanwhile', async () => {
    const { resolve, store, entries, stored } = paidTwice();
    store.before('write', async () => void (await resolve('dismissed')));
    expect(await resolve('attributed')).toEqual({ outcome: 'already_resolved' });
    expect(entries()).toEqual([]);
    expect(stored().suspense).toMatchObject([{ attributed_at: null, version: 1 }]);
  });
});

describe.each(exceptionKinds)('%s', (kind: ExceptionKind) => {
  const order = shopOrder({ status: 'paid', paid_by: 1 });
  const about = (subject: ExceptionSubject) => exceptional(order, paidPayment(order), subject);
  const refused = resolutions.filter((one) => !allowedResolutions[kind].includes(one));

  it.each(['written_off', 'dismissed'] as const)('that is %s books nothing', async (resolution) => {
    const { resolve, store, entries, failures } = about({ kind });
    const result = await resolve(resolution);
    expect(failures).toEqual([]);
    if (!allowedResolutions[kind].includes(resolution)) return expect(result.outcome).toBe('not_allowed');
    expect(result).toMatchObject({ outcome: 'resolved', refund: null, status: 'paid' });
    expect(entries()).toEqual([]);
    expect(store.changes[0]?.writes).toHaveLength(1);
  });

  it.each(refused)('does not end as %s', async (resolution) => {
    const { resolve, store } = about({ kind });
    const allowed = allowedResolutions[kind];
    expect(await resolve(resolution)).toEqual({ outcome: 'not_allowed', allowed });
    expect(store.changes).toEqual([]);
  });
});

describe('money that is attributed', () => {
  it('pays its closed order, which is announced', async () => {
    const { resolve, stored, entries, store, order, exception } = paidAfterClose();
    const accounts = { debit: suspense, credit: 'shop:mall', amount: 1234, currency: 'CNY' };
    expect(await resolve('attributed')).toMatchObject({
      outcome: 'resolved',
      exception: { resolved: { entries: [{ kind: 'attribution', ...accounts }] } },
      status: 'paid',
    });
    expect(stored()).toMatchObject({
      order: { status: 'paid', paid_by: 1, paid_at: now, updated_at: now, version: 2 },
      payments: [{ attributed_at: now, version: 2 }],
    });
    expect(entries()).toEqual([
      {
        ...accounts,
        order_no: order.order_no,
        ...{ kind: 'attribution', reference: exceptionId(exception), refund: null },
        ...{ provider: 'wechat', merchant, transaction_id: 'T1', booked_at: now },
      },
    ]);
    expect(store.debts(order)).toMatchObject({ 'payment 1': expect.stringContaining('notify') });
  });

  it('comes from its owner when it is returned later', async () => {
    const { resolve, ports, order, entries } = paidAfterClose();
    await resolve('attributed');
    const refund = { order_no: order.order_no, amountOf: () => 400, amountText: '4', reason: '退款' };
    const caller = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
    expect(await requestRefund(ports, { ...refund, transaction_id: null }, caller)).toMatchObject({
      outcome: 'accepted',
      refund: { status: 'succeeded' },
    });
    expect(entries()).toMatchObject([
      { kind: 'attribution' },
      { kind: 'refund', debit: 'shop:mall', credit: provider, amount: 400 },
    ]);
  });

  it('of a second transaction changes nothing of its paid order, and comes from its owner later', async () => {
    const { resolve, ports, order, entries, stored, store } = paidTwice();
    expect(await resolve('attributed')).toMatchObject({ outcome: 'resolved', status: 'paid' });
    expect(stored()).toMatchObject({ order: { version: 1 }, suspense: [{ attributed_at: now }] });
    expect(store.debts(order)).toEqual({});
    const refund = { order_no: order.order_no, amountOf: () => null, amountText: null, reason: '退款' };
    const caller = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
    await requestRefund(ports, { ...refund, transaction_id: 'T2' }, caller);
    expect(entries()).toMatchObject([
      { kind: 'attribution', debit: suspense, credit: 'shop:mall', amount: 1234 },
      { kind: 'refund', debit: 'shop:mall', credit: provider, amount: 1234 },
    ]);
  });

  it('is what is left of it', async () => {
    const { resolve, entries } = paidTwice({ refunded: 200, returned: 34 });
    await resolve('attributed');
    expect(entries()).toMatchObject([{ amount: 1000 }]);
  });

  it.each([
    ['all of it is returned', { refunded: 1000, returned: 234 }],
    ['some of it is on its way back', { reserved: 1 }],
    ['it is attributed', { attributed_at: now }],
  ])('is not there when %s', async (_, changes) => {
    const { resolve, store } = paidTwice(changes);
    expect(await resolve('attributed')).toEqual({ outcome: 'nothing_left' });
    expect(store.changes).toEqual([]);
  });

  it('pays no order that takes payments still', async () => {
    for (const status of ['pending', 'failed'] as const) {
      expect(await paidAfterClose({}, status).resolve('attributed')).toEqual({ outcome: 'order_open' });
    }
  });

  it.each([
    ['another amount', { amount: 1233 }],
    ['a part', { refunded: 1 }],
    ['what is left of a larger amount', { amount: 1334, refunded: 100 }],
    ['another currency', { currency: 'USD' }],
  ])('pays no closed order with %s', async (_, changes) => {
    const { resolve, store } = paidAfterClose(changes);
    expect(await resolve('attributed')).toEqual({ outcome: 'other_amount' });
    expect(store.changes).toEqual([]);
  });

  it('pays no closed order with a further transaction', async () => {
    const order = shopOrder({ status: 'closed' });
    const payment = paidPayment(order, { isSuspense: true });
    const subject = { kind: 'paid_twice', transaction_id: 'T2' } as const;
    const { resolve } = exceptional(order, payment, subject, { suspense: [suspenseOf(payment)] });
    expect(await resolve('attributed')).toEqual({ outcome: 'other_amount' });
  });

  it('is none that was never in suspense', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const subject = { kind: 'paid_superseded', transaction_id: 'T1' } as const;
    const { resolve } = exceptional(order, paidPayment(order), subject);
    expect(await resolve('attributed')).toEqual({ outcome: 'nothing_left' });
    expect(await resolve('returned')).toEqual({ outcome: 'nothing_left' });
  });

  it.each([null, 'mall-404'])('is none of a payment that is not the order’s: %s', async (payment_no) => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const subject = { kind: 'paid_twice', transaction_id: 'T1', payment_no } as const;
    const { resolve } = exceptional(order, paidPayment(order, { isSuspense: true }), subject);
    expect(await resolve('attributed')).toEqual({ outcome: 'nothing_left' });
    expect(await resolve('returned')).toEqual({ outcome: 'nothing_left' });
  });
});

describe('money that is returned', () => {
  it('goes back in whole by a refund like any other', async () => {
    const { resolve, stored, entries, merchants, order } = paidTwice();
    const refund_no = `${order.order_no}-r1`;
    expect(await resolve('returned')).toMatchObject({
      outcome: 'resolved',
      exception: { resolved: { entries: [], refund_no } },
      refund: { refund_no, suspense: 'T2', amount: 1234, reason: 'paid_twice', status: 'succeeded' },
      status: 'paid',
    });
    expect(merchants.requests.refund).toMatchObject([{ refund_no, transaction_id: 'T2', amount: 1234 }]);
    expect(stored()).toMatchObject({
      order: { status: 'paid', refunds: 1 },
      suspense: [{ reserved: 0, refunded: 1234 }],
    });
    expect(entries()).toMatchObject([{ kind: 'refund', debit: suspense, credit: provider, amount: 1234 }]);
  });

  it('is asked for once where its provider has decided: the same end again is the same reply', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1, refunds: 1 });
    const payment = paidPayment(order);
    const seed = { suspense: [suspenseOf(payment)], refunds: [refundOf(payment)] };
    const subject = { kind: 'paid_twice', transaction_id: 'T2' } as const;
    const { resolve, merchants } = exceptional(order, payment, subject, seed);
    const refund_no = `${order.order_no}-r2`;
    expect(await reserved(resolve('returned'))).toMatchObject({ refund_no, status: 'succeeded' });
    expect(await reserved(resolve('returned'))).toMatchObject({ refund_no, status: 'succeeded' });
    expect(merchants.requests.refund).toHaveLength(1);
  });

  it('is asked for again while the provider has not taken it', async () => {
    const { resolve, merchants, failures, order, store, stored } = paidTwice();
    merchants.script('refund', () => {
      throw new Error('down');
    });
    expect(await reserved(resolve('returned'))).toMatchObject({ status: 'open' });
    expect(failures).toHaveLength(1);
    expect(store.debts(order)).toMatchObject({ 'refund 1': expect.stringContaining('check') });
    expect(await reserved(resolve('returned'))).toMatchObject({ status: 'succeeded' });
    expect(stored().refunds).toHaveLength(1);
  });

  it('is what is left of it', async () => {
    expect(await reserved(paidTwice({ refunded: 200, returned: 34 }).resolve('returned'))).toMatchObject({
      amount: 1000,
    });
  });

  it('needs no refund when it has gone back, or is on its way', async () => {
    for (const changes of [{ returned: 1234 }, { reserved: 1234 }]) {
      const { resolve, stored } = paidTwice(changes);
      expect(await reserved(resolve('returned'))).toBe(null);
      expect(stored().refunds).toEqual([]);
    }
  });

  it('is not its owner’s, nor disputed', async () => {
    expect(await paidTwice({ attributed_at: now }).resolve('returned')).toEqual({ outcome: 'nothing_left' });
    const order = shopOrder({ status: 'closed' });
    const late = paidPayment(order, { isSuspense: true });
    const subject = { kind: 'paid_after_close', transaction_id: 'T1' } as const;
    const disputed = exceptional(order, late, subject, { disputes: [disputeOf(late)] });
    expect(await disputed.resolve('returned')).toEqual({ outcome: 'disputed' });
    expect(disputed.store.changes).toEqual([]);
  });

  it.each([
    ['another payment is disputed', { payment: 2 }],
    ['the dispute was won', { state: 'won' }],
  ] as const)('goes back though %s', async (_, changes) => {
    const order = shopOrder({ status: 'closed', payments: 2 });
    const late = paidPayment(order, { isSuspense: true });
    const subject = { kind: 'paid_after_close', transaction_id: 'T1' } as const;
    const { resolve } = exceptional(order, late, subject, { disputes: [disputeOf(late, changes)] });
    expect(await reserved(resolve('returned'))).toMatchObject({ amount: 1234, status: 'succeeded' });
  });
});

describe('money that went back without our asking', () => {
  const paidOrder = () => shopOrder({ status: 'paid', paid_by: 1 });
  const returned = (changes: Partial<ExceptionSubject> = {}, paymentChanges: object = {}) => {
    const order = paidOrder();
    const payment = paidPayment(order, { returned: 300, ...paymentChanges });
    const subject = { kind: 'unknown_refund', refund_no: 're_1', amount: 300, transaction_id: 'T1' } as const;
    return exceptional(order, payment, { ...subject, ...changes }, { returns: [returnOf(payment)] });
  };

  it.each(['re_1', 'total-300'])('is borne by its order’s owner: %s', async (refund_no) => {
    const { resolve, entries, stored } = returned({ refund_no });
    expect(await resolve('attributed')).toMatchObject({
      exception: { resolved: { entries: [{ debit: 'shop:mall', credit: suspense, amount: 300 }] } },
      status: 'paid',
    });
    expect(entries()).toMatchObject([
      { kind: 'attribution', debit: 'shop:mall', credit: suspense, amount: 300, transaction_id: 'T1' },
    ]);
    expect(stored().payments).toMatchObject([{ version: 2 }]);
  });

  it('is borne by nobody where nobody knows how much, or it was not booked, or it has come again', async () => {
    for (const unknown of [{ refund_no: null }, { amount: null }]) {
      expect(await returned(unknown).resolve('attributed')).toEqual({ outcome: 'amount_unknown' });
    }
    expect(await returned({ refund_no: 'mall-1-r1' }).resolve('attributed')).toEqual({
      outcome: 'not_booked',
    });
    const order = paidOrder();
    const again = [returnOf(paidPayment(order), { status: 'failed' })];
    const payment = paidPayment(order);
    const subject = { kind: 'unknown_refund', refund_no: 're_1', amount: 300, transaction_id: 'T1' } as const;
    const { resolve, entries } = exceptional(order, payment, subject, { returns: again });
    expect(await resolve('attributed')).toEqual({ outcome: 'nothing_left' });
    expect(entries()).toEqual([]);
  });

  it('was not booked where its payment is not there, or is not paid', async () => {
    const order = shopOrder();
    const unpaid = paymentOf(order, { returned: 300 });
    for (const refund_no of ['re_1', 'total-300']) {
      const unknown = returned({ refund_no, payment_no: null });
      expect(await unknown.resolve('attributed')).toEqual({ outcome: 'not_booked' });
      const subject = { kind: 'unknown_refund', refund_no, amount: 300 } as const;
      const { resolve } = exceptional(order, unpaid, subject, { returns: [returnOf(unpaid)] });
      expect(await resolve('attributed')).toEqual({ outcome: 'not_booked' });
    }
  });

  it('is told apart from what went back of other money under the same name', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1, payments: 2 });
    const payment = paidPayment(order);
    const other = paidPayment(order, { n: 2, payment_no: 'mall-1-2', transaction_id: 'T3' });
    const subject = { kind: 'unknown_refund', refund_no: 're_1', amount: 300, transaction_id: 'T1' } as const;
    const further = { suspense: [suspenseOf(payment, { returned: 300 })] };
    for (const elsewhere of [returnOf(other), returnOf(payment, { suspense: 'T2' })]) {
      const { resolve, entries } = exceptional(order, payment, subject, { ...further, returns: [elsewhere] });
      expect(await resolve('attributed')).toEqual({ outcome: 'not_booked' });
      expect(entries()).toEqual([]);
    }
  });

  it('is nobody’s loss where it was of a further transaction in suspense', async () => {
    const order = paidOrder();
    const payment = paidPayment(order);
    const subject = { kind: 'unknown_refund', refund_no: 're_1', amount: 300, transaction_id: 'T2' } as const;
    const { resolve } = exceptional(order, payment, subject, {
      suspense: [suspenseOf(payment, { returned: 300 })],
      returns: [returnOf(payment, { suspense: 'T2' })],
    });
    expect(await resolve('attributed')).toEqual({ outcome: 'never_owned' });
  });

  it.each([
    ['paid_twice', 'T2', { n: 1 }],
    ['paid_superseded', 'T3', { n: 2 }],
  ] as const)(
    'was nobody’s loss before the rest was attributed, and is after: %s',
    async (kind, id, { n }) => {
      const order = shopOrder({ status: 'paid', paid_by: 1, payments: 2 });
      const payment = paidPayment(order);
      const no = { n: 2, payment_no: `${order.order_no}-2`, transaction_id: 'T3' };
      const other = paidPayment(order, { ...no, isSuspense: true, superseded: true });
      const { payment_no } = n === 1 ? payment : other;
      const further = { payments: [payment, other], suspense: [suspenseOf(payment)] };
      const world = createWorld({
        ...{ order, ...further },
        exceptions: [exceptionOf(order, n === 1 ? payment : other, { kind, transaction_id: id })],
      });
      const { order_no } = order;
      const end = { order_no, resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
      const resolve = async (named: string) => {
        world.clock.now += 1_000;
        const { exceptions } = world.store.stored(order);
        const one = exceptions.find(({ refund_no, kind: known }) => (refund_no ?? known) === named);
        return (await resolveException(world.ports, { ...end, id: one ? exceptionId(one) : '' })).outcome;
      };
      const tell = (refund_id: string, amount: number) =>
        settleRefund(world.ports, {
          ...{ type: 'refund_succeeded', payment_no, provider: payment.provider, merchant: payment.merchant },
          ...{ refund_no: null, refund_id, amount, transaction_id: id },
        });
      await tell('re_before', 300);
      expect(await resolve(kind)).toBe('resolved');
      await tell('re_after', 200);
      expect(await resolve('re_before')).toBe('never_owned');
      expect(await resolve('re_after')).toBe('resolved');
      expect(
        world.store.entries(order).flatMap((entry) => (entry.kind === 'attribution' ? [entry.amount] : [])),
      ).toEqual([1234 - 300, 200]);
    },
  );

  it('known only as a sum is borne as far as it has not come again, and once', async () => {
    const order = paidOrder();
    const payment = paidPayment(order);
    const world = createWorld({ order, payments: [payment] });
    const { payment_no, provider, merchant } = payment;
    const tell = (said: object) =>
      settleRefund(world.ports, {
        ...{ type: 'refund_succeeded', payment_no, provider, merchant, transaction_id: 'T1' },
        ...{ refund_no: null, refund_id: null, ...said },
      });
    const { order_no } = order;
    const end = { order_no, resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
    const resolve = async (named: string) => {
      const one = world.store.stored(order).exceptions.find(({ refund_no }) => refund_no === named);
      return (await resolveException(world.ports, { ...end, id: one ? exceptionId(one) : '' })).outcome;
    };
    await tell({ total: 300 });
    await tell({ refund_id: 're_1', amount: 100 });
    await tell({ type: 'refund_failed', refund_id: 're_1', amount: 100 });
    await tell({ total: 500 });
    expect(world.store.stored(order).payments).toMatchObject([{ returned: 400 }]);
    expect(await resolve('total-300')).toBe('resolved');
    expect(await resolve('total-500')).toBe('resolved');
    const borne = world.store.entries(order).filter(({ kind }) => kind === 'attribution');
    expect(borne.map(({ amount }) => amount)).toEqual([300, 100]);
    await tell({ total: 600 });
    await tell({ type: 'refund_failed', refund_id: 're_2', amount: 100 });
    expect(await resolve('total-600')).toBe('nothing_left');
  });

  describe('and comes again', () => {
    const suspended = (order: Order) => ({
      payments: [paidPayment(order)],
      suspense: [suspenseOf(paidPayment(order))],
      exceptions: [exceptionOf(order, paidPayment(order), { kind: 'paid_twice', transaction_id: 'T2' })],
    });
    const told = (isSuspended = false, transaction_id = isSuspended ? 'T2' : 'T1') => {
      const order = paidOrder();
      const world = createWorld({
        order,
        ...(isSuspended ? suspended(order) : { payments: [paidPayment(order)] }),
      });
      const { payment_no, provider, merchant } = paidPayment(order);
      const { order_no } = order;
      const end = { order_no, resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
      return {
        pay: () => settle(world.ports, successOf(paidPayment(order), { transaction_id })),
        tell: (type: 'refund_succeeded' | 'refund_failed', refund_id: string, amount = 300) =>
          settleRefund(world.ports, {
            ...{ type, payment_no, provider, merchant, transaction_id, refund_no: null, refund_id, amount },
          }),
        attribute: async (named: ExceptionKind, refund_id: string | null = null) => {
          world.clock.now += 1_000;
          const one = world.store
            .stored(order)
            .exceptions.find(({ kind, refund_no }) => kind === named && refund_no === refund_id);
          return (await resolveException(world.ports, { ...end, id: one ? exceptionId(one) : '' })).outcome;
        },
        attributions: () =>
          world.store
            .entries(order)
            .filter(({ kind }) => kind === 'attribution')
            .map(({ debit, credit, amount }) => [debit, credit, amount]),
      };
    };

    it('is its order’s owner’s again, who bore it', async () => {
      const { tell, attribute, attributions } = told();
      await tell('refund_succeeded', 're_1');
      expect(await attribute('unknown_refund', 're_1')).toBe('resolved');
      await tell('refund_failed', 're_1');
      expect(await attribute('refund_failed', 're_1')).toBe('resolved');
      expect(attributions()).toEqual([
        ['shop:mall', suspense, 300],
        [suspense, 'shop:mall', 300],
      ]);
    });

    it('is its order’s owner’s, whatever else waits to be borne', async () => {
      const { tell, attribute, attributions } = told();
      await tell('refund_succeeded', 're_1');
      expect(await attribute('unknown_refund', 're_1')).toBe('resolved');
      await tell('refund_succeeded', 're_2', 200);
      await tell('refund_failed', 're_1');
      expect(await attribute('refund_failed', 're_1')).toBe('resolved');
      expect(await attribute('unknown_refund', 're_2')).toBe('resolved');
      expect(attributions()).toEqual([
        ['shop:mall', suspense, 300],
        [suspense, 'shop:mall', 300],
        ['shop:mall', suspense, 200],
      ]);
    });

    it('is borne where it was told of first, and booked once its owner had the rest', async () => {
      const { tell, attribute, attributions, pay } = told(false, 'T2');
      await tell('refund_succeeded', 're_1');
      await pay();
      expect(await attribute('paid_twice')).toBe('resolved');
      await tell('refund_succeeded', 're_1');
      expect(await attribute('unknown_refund', 're_1')).toBe('resolved');
      expect(attributions()).toEqual([
        [suspense, 'shop:mall', 1234],
        ['shop:mall', suspense, 300],
      ]);
    });

    it('is not borne, though something else went back since', async () => {
      const { tell, attribute, attributions } = told();
      await tell('refund_succeeded', 're_1');
      await tell('refund_failed', 're_1');
      await tell('refund_succeeded', 're_2', 200);
      expect(await attribute('unknown_refund', 're_1')).toBe('nothing_left');
      expect(await attribute('unknown_refund', 're_2')).toBe('resolved');
      expect(attributions()).toEqual([['shop:mall', suspense, 200]]);
    });

    it('is nobody’s to have back who did not bear it', async () => {
      const { tell, attribute, attributions } = told();
      await tell('refund_succeeded', 're_1');
      await tell('refund_failed', 're_1');
      expect(await attribute('refund_failed', 're_1')).toBe('nothing_left');
      expect(await attribute('unknown_refund', 're_1')).toBe('nothing_left');
      expect(attributions()).toEqual([]);
    });

    it('is the owner’s who got the rest of it meanwhile', async () => {
      const { tell, attribute, attributions } = told(true);
      await tell('refund_succeeded', 're_1');
      expect(await attribute('paid_twice')).toBe('resolved');
      await tell('refund_failed', 're_1');
      expect(await attribute('refund_failed', 're_1')).toBe('resolved');
      expect(attributions()).toEqual([
        [suspense, 'shop:mall', 934],
        [suspense, 'shop:mall', 300],
      ]);
    });
  });

  it('was nobody’s loss while it was in suspense, and is once it was attributed', async () => {
    expect(await returned({}, { isSuspense: true }).resolve('attributed')).toEqual({
      outcome: 'never_owned',
    });
    const attributed = returned({}, { isSuspense: true, attributed_at: now });
    expect(await attributed.resolve('attributed')).toMatchObject({ outcome: 'resolved' });
  });
});

it.each(['attributed', 'returned'] as const)('money that was never booked is not %s', async (resolution) => {
  const order = shopOrder({ status: 'closed' });
  const { resolve, store } = exceptional(order, paymentOf(order), { kind: 'paid_after_close' });
  expect(await resolve(resolution)).toEqual({ outcome: 'nothing_left' });
  expect(store.changes).toEqual([]);
});

describe('a refund of ours that failed', () => {
  const failed = (order: Order, payment: Payment, suspense_id: string | null, others: object) => {
    const refund = refundOf(payment, { status: 'failed', suspense: suspense_id });
    const { refund_no, amount } = refund;
    const transaction_id = suspense_id ?? payment.transaction_id;
    const subject = { kind: 'refund_failed', refund_no, amount, transaction_id } as const;
    return exceptional(order, payment, subject, { refunds: [refund], ...others });
  };

  it('leaves its money in suspense, which is its order’s owner’s by a person’s word', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const { resolve, entries, stored } = failed(order, payment, 'T2', { suspense: [suspenseOf(payment)] });
    expect(await resolve('attributed')).toMatchObject({ outcome: 'resolved', status: 'paid' });
    expect(entries()).toMatchObject([
      { debit: suspense, credit: 'shop:mall', amount: 1234, transaction_id: 'T2' },
    ]);
    expect(stored().suspense).toMatchObject([{ attributed_at: now }]);
  });

  it('leaves a closed order’s money in suspense, by which it is paid after all', async () => {
    const order = shopOrder({ status: 'closed' });
    const payment = paidPayment(order, { isSuspense: true });
    const { resolve } = failed(order, payment, null, {});
    expect(await resolve('attributed')).toMatchObject({ outcome: 'resolved', status: 'paid' });
  });

  it('has nothing in suspense where its money is its order’s owner’s', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order, { returned: 100 });
    const returns = [returnOf(payment, { status: 'failed' })];
    const { resolve, entries } = failed(order, payment, null, { returns });
    expect(await resolve('attributed')).toEqual({ outcome: 'nothing_left' });
    expect(entries()).toEqual([]);
  });
});

describe('a dispute', () => {
  const disputed = (changes: object, paymentChanges: object = {}) => {
    const order = tenantOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order, paymentChanges);
    const subject = { kind: 'disputed', refund_no: 'du_1', transaction_id: 'T1' } as const;
    return exceptional(order, payment, subject, { disputes: [disputeOf(payment, changes)] });
  };

  it('that is lost is borne by its order’s owner', async () => {
    const { resolve, entries } = disputed({ state: 'lost', withdrawn: 1500 });
    expect(await resolve('attributed')).toMatchObject({ outcome: 'resolved', status: 'paid' });
    expect(entries()).toMatchObject([
      { debit: 'tenant:7', credit: `suspense:stripe.${merchantNames.stripe}`, amount: 1500, currency: 'USD' },
    ]);
  });

  it('that is won costs nothing', async () => {
    const { resolve, entries } = disputed({ state: 'won', withdrawn: 0 });
    expect(await resolve('attributed')).toMatchObject({ exception: { resolved: { entries: [] } } });
    expect(entries()).toEqual([]);
  });

  it('is of no money where its exception names no payment', async () => {
    const order = tenantOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const disputes = [disputeOf(payment, { state: 'lost' })];
    const subject = { kind: 'disputed', refund_no: 'du_1', payment_no: null } as const;
    const { resolve } = exceptional(order, payment, subject, { disputes });
    expect(await resolve('attributed')).toEqual({ outcome: 'not_booked' });
  });

  it('alone opens again, and no message that disagreed about it, once an owner has its money', async () => {
    const order = tenantOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const further = suspenseOf(payment);
    const resolved = {
      ...{ resolution: 'dismissed', reason: '核对过', by: 'admin-1', at: now, entries: [], refund_no: null },
    } as const;
    const ended = (kind: 'disputed' | 'mismatch') => ({
      ...exceptionOf(order, payment, { kind, refund_no: 'du_1', transaction_id: 'T2' }),
      ...{ state: 'resolved', resolved },
    });
    const open = exceptionOf(order, payment, { kind: 'paid_twice', transaction_id: 'T2' });
    const world = createWorld({
      ...{ order, payments: [payment], suspense: [further] },
      disputes: [disputeOf(payment, { state: 'lost', withdrawn: 500, transaction_id: 'T2' })],
      exceptions: [open, ended('disputed'), ended('mismatch')] as ExceptionRecord[],
    });
    const end = { resolution: 'attributed', reason: '核对过', by: 'admin-1' } as const;
    const request = { order_no: order.order_no, id: exceptionId(open), ...end };
    expect(await resolveException(world.ports, request)).toMatchObject({ outcome: 'resolved' });
    expect(world.store.stored(order).exceptions).toMatchObject([
      { kind: 'paid_twice', state: 'resolved' },
      { kind: 'disputed', state: 'open' },
      { kind: 'mismatch', state: 'resolved' },
    ]);
  });

  it('is not attributed before it is decided, nor for money that nobody owned', async () => {
    expect(await disputed({}).resolve('attributed')).toEqual({ outcome: 'dispute_open' });
    for (const state of ['open', 'lost'] as const) {
      const another = disputed({ dispute_id: 'du_2', state });
      expect(await another.resolve('attributed')).toEqual({ outcome: 'dispute_open' });
    }
    expect(await disputed({ state: 'lost' }, { isSuspense: true }).resolve('attributed')).toEqual({
      outcome: 'never_owned',
    });
  });
});

describe('a mismatch', () => {
  it.each(['written_off', 'dismissed'] as const)(
    'that is %s has its provider asked about the payment, at once',
    async (resolution) => {
      const { resolve, stored, store, order, entries } = mismatched();
      expect(await resolve(resolution)).toMatchObject({ outcome: 'resolved', status: 'pending' });
      expect(stored()).toMatchObject({ order: { version: 1 }, payments: [{ state: 'open', version: 2 }] });
      expect(store.debts(order)).toEqual({ 'payment 1': `check ${now}` });
      expect(entries()).toEqual([]);
    },
  );

  it('of a payment that failed has its provider asked, and of one that is closed nobody', async () => {
    const failed = mismatched({}, {}, { state: 'failed' });
    await failed.resolve('dismissed');
    expect(failed.store.debts(failed.order)).toEqual({ 'payment 1': `check ${now}` });
    const closed = mismatched({}, {}, { state: 'closed' });
    await closed.resolve('dismissed');
    expect(closed.stored().payments).toMatchObject([{ state: 'closed', version: 1 }]);
  });

  it('of a message that named another merchant than its key was of books nothing', async () => {
    const subject = {
      merchant: strangerMerchant(merchant, '1900000002'),
      fields: ['merchant'],
      amount: 1234,
    } as const;
    for (const resolution of ['attributed', 'returned'] as const) {
      const { resolve, store } = mismatched(subject, { status: 'closed' });
      expect(await resolve(resolution)).toEqual({
        outcome: 'not_allowed',
        allowed: ['written_off', 'dismissed'],
      });
      expect(store.changes).toEqual([]);
    }
    for (const resolution of ['written_off', 'dismissed'] as const) {
      const others = [{ merchant: '1900000002' }, { merchant, provider: 'alipay' }] as const;
      for (const said of [subject, ...others.map((other) => ({ ...subject, ...other }))]) {
        const { resolve, entries, stored } = mismatched(said);
        expect(await resolve(resolution)).toMatchObject({ outcome: 'resolved' });
        expect(entries()).toEqual([]);
        // It said nothing of the payment, which others may be about to make.
        expect(stored().payments).toMatchObject([{ state: 'open' }]);
      }
    }
  });

  it('is not given back beside the payment that it turns out to be, told of at the same time', async () => {
    const { resolve, store, stored, entries, merchants, ports, payment } = mismatched(
      {},
      { status: 'closed' },
      { state: 'closed' },
    );
    // A relay was wrong about the amount, and the provider’s own message comes just before people’s word is written.
    store.before('write', () => settle(ports, successOf(payment)));
    expect(await resolve('returned')).toEqual({ outcome: 'already_booked' });
    expect(stored()).toMatchObject({
      payments: [{ state: 'paid', transaction_id: 'T1', booking: { credit: suspense } }],
      ...{ suspense: [], refunds: [] },
    });
    expect(entries()).toEqual([]);
    expect(merchants.requests.refund).toEqual([]);
  });

  it('leaves a payment that is paid', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const subject = { kind: 'mismatch', fields: ['amount'], transaction_id: 'T9', amount: 1000 } as const;
    const { resolve, stored } = exceptional(order, paidPayment(order), subject);
    await resolve('dismissed');
    expect(stored().payments).toMatchObject([{ state: 'paid', version: 1 }]);
  });

  it('goes back through suspense', async () => {
    const { resolve, stored, entries, merchants, exception } = mismatched();
    const booked = { kind: 'suspense', debit: provider, credit: suspense, amount: 1000, currency: 'CNY' };
    expect(await resolve('returned')).toMatchObject({
      outcome: 'resolved',
      exception: { resolved: { entries: [booked] } },
      refund: { suspense: 'T1', amount: 1000, paid_amount: 1000, status: 'succeeded' },
      status: 'pending',
    });
    expect(stored()).toMatchObject({
      order: { status: 'pending', refunds: 1 },
      payments: [{ state: 'open' }],
      suspense: [
        {
          ...{ n: 1, transaction_id: 'T1', amount: 1000, reserved: 0, refunded: 1000, attributed_at: null },
          ...{
            paid_at: exception.recorded_at,
            booking: { debit: provider, credit: suspense, booked_at: now },
          },
        },
      ],
    });
    expect(merchants.requests.refund).toMatchObject([{ transaction_id: 'T1', amount: 1000 }]);
    expect(entries()).toMatchObject([{ kind: 'refund', debit: suspense, credit: provider, amount: 1000 }]);
  });

  it('pays a closed order with what fits it but for its app', async () => {
    const { resolve, stored, store, order, exception } = mismatched(
      { fields: ['appid'], amount: 1234 },
      { status: 'closed' },
    );
    const paid_at = exception.recorded_at;
    expect(await resolve('attributed')).toMatchObject({
      exception: {
        resolved: { entries: [{ kind: 'payment', debit: provider, credit: 'shop:mall', amount: 1234 }] },
      },
      status: 'paid',
    });
    expect(stored()).toMatchObject({
      order: { status: 'paid', paid_by: 1, paid_at, updated_at: now },
      payments: [
        {
          state: 'paid',
          transaction_id: 'T1',
          paid_at,
          booking: { debit: provider, credit: 'shop:mall', booked_at: now },
        },
      ],
    });
    expect(store.debts(order)).toMatchObject({ 'payment 1': expect.stringContaining('notify') });
  });

  it.each<[string, Partial<ExceptionSubject>, object, object]>([
    ['amount', {}, {}, {}],
    ['currency', { amount: 1234, currency: 'USD' }, {}, {}],
    ['merchant', { amount: 1234, merchant: '1900000999' }, {}, {}],
    ['provider', { amount: 1234, provider: 'alipay' }, {}, {}],
    ['amount of its payment', { amount: 1234 }, {}, { amount: 1000 }],
    ['order, which is paid', { amount: 1234 }, { status: 'paid' }, {}],
  ])('pays no order with another %s', async (_, changes, orderChanges, paymentChanges) => {
    const { resolve, store } = mismatched(changes, { status: 'closed', ...orderChanges }, paymentChanges);
    expect(await resolve('attributed')).toEqual({ outcome: 'other_amount' });
    expect(store.changes).toEqual([]);
  });

  it('pays no order that takes payments still', async () => {
    expect(await mismatched({ amount: 1234 }).resolve('attributed')).toEqual({ outcome: 'order_open' });
  });

  it.each(['transaction_id', 'amount', 'currency', 'merchant', 'provider'] as const)(
    'is no money that can be booked without its %s',
    async (field) => {
      for (const resolution of ['attributed', 'returned'] as const) {
        const { resolve, store } = mismatched({ [field]: null });
        expect(await resolve(resolution)).toEqual({ outcome: 'amount_unknown' });
        expect(store.changes).toEqual([]);
      }
    },
  );

  it('is no money besides when its transaction is in the books', async () => {
    for (const transaction_id of ['T1', 'T2']) {
      const order = shopOrder({ status: 'paid', paid_by: 1 });
      const payment = paidPayment(order);
      const subject = { kind: 'mismatch', fields: ['amount'], transaction_id, amount: 1000 } as const;
      const { resolve } = exceptional(order, payment, subject, { suspense: [suspenseOf(payment)] });
      expect(await resolve('returned')).toEqual({ outcome: 'already_booked' });
    }
  });

  it('of a refund or a dispute is no money that came in, and closes no payment', async () => {
    const { resolve, stored, store } = mismatched({ refund_no: 'mall-1-r1' });
    for (const resolution of ['attributed', 'returned'] as const) {
      expect(await resolve(resolution)).toEqual({
        outcome: 'not_allowed',
        allowed: ['written_off', 'dismissed'],
      });
    }
    expect(store.changes).toEqual([]);
    expect(await resolve('dismissed')).toMatchObject({ outcome: 'resolved' });
    expect(stored().payments).toMatchObject([{ state: 'open', version: 1 }]);
  });

  it('pays no closed order by a payment that is paid', async () => {
    const order = shopOrder({ status: 'closed' });
    const payment = paidPayment(order, { isSuspense: true, transaction_id: 'T5' });
    const subject = { kind: 'mismatch', fields: ['appid'], transaction_id: 'T1' } as const;
    const { resolve, store } = exceptional(order, payment, subject);
    expect(await resolve('attributed')).toEqual({ outcome: 'other_amount' });
    expect(store.changes).toEqual([]);
  });

  it('is not returned while its payment is disputed', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const subject = { kind: 'mismatch', fields: ['amount'], transaction_id: 'T9', amount: 1000 } as const;
    const { resolve } = exceptional(order, payment, subject, { disputes: [disputeOf(payment)] });
    expect(await resolve('returned')).toEqual({ outcome: 'disputed' });
  });

  it.each([
    ['another payment is', { payment: 2 }],
    ['it was, and is no more', { state: 'lost' }],
  ] as const)('is returned where %s disputed', async (_, changes) => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const subject = { kind: 'mismatch', fields: ['amount'], transaction_id: 'T9', amount: 1000 } as const;
    const { resolve } = exceptional(order, payment, subject, { disputes: [disputeOf(payment, changes)] });
    expect(await resolve('returned')).toMatchObject({ outcome: 'resolved' });
  });

  it.each([
    ['amount', { amount: 1000 }],
    ['merchant', { amount: 1234, merchant: '1900000002' }],
  ] as const)(
    'and was given back by a %s that its provider does not confirm is for people to see once more',
    async (_, said) => {
      const { resolve, stored, ports, payment, order } = mismatched(said);
      expect(await resolve('returned')).toMatchObject({ outcome: 'resolved' });
      for (const _again of [1, 2]) {
        expect(await settle(ports, successOf(payment))).toMatchObject({
          ...{ outcome: 'mismatch', fields: ['transaction_id'], isSeenTo: false },
        });
      }
      const told = stored().exceptions.filter(({ kind, state }) => kind === 'mismatch' && state === 'open');
      expect(told).toMatchObject([{ transaction_id: 'T1', amount: 1234, fields: ['transaction_id'] }]);
      const id = told.map(exceptionId).join();
      const end = { order_no: order.order_no, id, reason: '核对过', by: 'admin-1' } as const;
      expect(await resolveException(ports, { ...end, resolution: 'returned' })).toEqual({
        outcome: 'already_booked',
      });
      expect(await resolveException(ports, { ...end, resolution: 'dismissed' })).toMatchObject({
        outcome: 'resolved',
      });
      expect(await settle(ports, successOf(payment))).toMatchObject({ isSeenTo: true });
    },
  );
});

describe('an exception that belongs to no order', () => {
  const name = { provider: 'wechat', merchant } as const;
  const order = shopOrder();
  const known: ExceptionRecord = {
    ...exceptionOf(order, paymentOf(order), { kind: 'unknown_row', refund_no: 'row-1' }),
    ...{ order_no: null, payment_no: null, owner: provider },
  };
  const id = exceptionId(known);

  function open(stored: ExceptionRecord | null = known) {
    let record = stored;
    const store: MerchantExceptionStore = {
      async endMerchantException(merchantName, wanted, end) {
        expect(merchantName).toEqual(name);
        if (!record || wanted !== exceptionId(record)) return null;
        if (record.resolved) return { ended: false, record };
        record = { ...record, state: 'resolved', resolved: end, version: record.version + 1 };
        return { ended: true, record };
      },
    };
    const io = createWorld().ports.io;
    return (resolution: Resolution, wanted = id) =>
      resolveMerchantException(
        { io, store },
        { ...name, id: wanted, resolution, reason: '核对过', by: 'admin-1' },
      );
  }

  it('ends once, and books nothing', async () => {
    const resolve = open();
    const resolved = { resolution: 'written_off', reason: '核对过', by: 'admin-1', at: now };
    const reply = {
      outcome: 'resolved',
      exception: {
        ...known,
        ...{ state: 'resolved', version: 2, resolved: { ...resolved, entries: [], refund_no: null } },
      },
      refund: null,
      status: null,
    };
    expect(await resolve('written_off')).toEqual(reply);
    expect(await resolve('written_off')).toEqual(reply);
    expect(await resolve('dismissed')).toEqual({ outcome: 'already_resolved' });
  });

  it('has nobody to be attributed or returned to', async () => {
    const allowed = ['written_off', 'dismissed'];
    for (const resolution of ['attributed', 'returned'] as const) {
      expect(await open()(resolution)).toEqual({ outcome: 'not_allowed', allowed });
    }
    expect(await open()('written_off', id.replace('unknown_row', 'merchant_missing'))).toEqual({
      outcome: 'not_allowed',
      allowed: ['dismissed'],
    });
  });

  it('is one that there is', async () => {
    expect(await open(null)('dismissed')).toEqual({ outcome: 'not_found' });
    expect(await open()('dismissed', 'constructor#-')).toEqual({ outcome: 'not_found' });
  });
});
