import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { type Change, type ItemWrite, orderUpdate, paymentUpdate } from '../../../lib/orders/change.ts';
import { closeOrderOnRequest } from '../../../lib/orders/close-order.ts';
import { eraseUser } from '../../../lib/orders/erase-user.ts';
import type { DisputeEvent, PaymentEvent, RefundEvent } from '../../../lib/orders/event.ts';
import { markEvents } from '../../../lib/orders/event-marks.ts';
import {
  type ExceptionEnd,
  type ExceptionRecord,
  type ExceptionSubject,
  exceptionId,
  exceptionOnce,
} from '../../../lib/orders/exception.ts';
import { handOver } from '../../../lib/orders/hand-over.ts';
import type { Resolution } from '../../../lib/orders/kinds.ts';
import { ownerAccount } from '../../../lib/orders/ledger.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import { payShopOrder } from '../../../lib/orders/pay-shop-order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { repairRefund } from '../../../lib/orders/repair-refund.ts';
import { requestRefund } from '../../../lib/orders/request-refund.ts';
import { resolveException } from '../../../lib/orders/resolve-exception.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { remindOfDispute, settleDispute } from '../../../lib/orders/settle-dispute.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { snapshotOf } from '../../../lib/orders/snapshot.ts';
import {
  disputeOf,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shopOrder,
  successOf,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const HOUR_MS = 3_600_000;

/** What is told by these writes: each item that is marked, with its marks. */
const marksOf = (writes: readonly ItemWrite[]) =>
  writes.flatMap((write) =>
    'marks' in write ? [['put' in write ? write.put : write.update, ...(write.marks?.events ?? [])]] : [],
  );

/** What was told by all that was written so far. */
const told = ({ store }: Pick<World, 'store'>) => store.changes.flatMap(({ writes }) => marksOf(writes));

/** A payment as it is told of. */
const named = ({ n, provider, merchant, transaction_id }: Payment, changes: Partial<Payment> = {}) => ({
  ...{ n, provider, merchant, transaction_id },
  ...changes,
});

const paidOrder = (changes: Partial<ShopOrder> = {}) =>
  shopOrder({ status: 'paid', paid_by: 1, paid_at: now, ...changes });

function exceptionOf(order: Order, { payment_no, provider, merchant }: Payment, subject: ExceptionSubject) {
  const about = { payment_no, provider, merchant, ...subject };
  const [put] = exceptionOnce({ order, exceptions: [] }, about, NOW - 60_000);
  if (!put) throw new Error('no exception');
  return put.record;
}

const resolve = (world: World, exception: ExceptionRecord, resolution: Resolution) =>
  resolveException(world.ports, {
    ...{ order_no: exception.order_no ?? '', id: exceptionId(exception) },
    ...{ resolution, reason: '核对过', by: 'admin-1' },
  });

const erase = (world: World, order: ShopOrder) =>
  eraseUser(
    {
      ...world.ports,
      async *findOrders() {
        yield { orders: [order], read: 1 };
      },
      onOrder: () => undefined,
      onProgress: () => undefined,
    },
    'user-1',
  );

describe('an order', () => {
  const paying = (ofOrder: Partial<ShopOrder> = {}, ofPayment: Partial<Payment> = {}) => {
    const order = shopOrder(ofOrder);
    const payment = paymentOf(order, ofPayment);
    const world = createWorld({ order, payments: [payment] });
    world.merchants.held.set(payment.payment_no, 'open');
    const hear = (said: Partial<PaymentEvent> = {}) => settle(world.ports, successOf(payment, said));
    return { ...world, world, order, payment, hear };
  };

  it.each([
    ['without anything being read', {}],
    ['though some of it went back before', { returned: 300 }],
  ])('that is paid is told of once, with its payment: %s', async (_, changes) => {
    const { world, payment, hear } = paying({}, changes);
    await hear();
    const paid = ['order', { type: 'order.paid', payment: named(payment, { transaction_id: 'T1' }) }];
    expect(told(world)).toEqual([paid]);
    await hear();
    await hear({ type: 'failed', transaction_id: null });
    expect(told(world)).toEqual([paid]);
  });

  it('that costs nothing is paid with no payment', async () => {
    const order = shopOrder({ amount: 0, payment: null, payments: 0 });
    const world = createWorld({ order });
    await payShopOrder(world.ports, order.order_no, 'user-1', null);
    expect(told(world)).toEqual([['order', { type: 'order.paid', payment: null }]]);
  });

  it('that is closed and paid after all is told of with the payment that came too late', async () => {
    const order = shopOrder({ status: 'closed', payment: 2, payments: 2 });
    const first = paymentOf(order, { n: 1, state: 'closed', superseded: true });
    const late = paidPayment(order, { n: 2, transaction_id: 'T9', isSuspense: true });
    const subject = { kind: 'paid_after_close', transaction_id: 'T9' } as const;
    const exception = exceptionOf(order, late, subject);
    const world = createWorld({ order, payments: [first, late], exceptions: [exception] });
    await resolve(world, exception, 'attributed');
    expect(told(world)).toEqual([
      ['exception', { type: 'exception.resolved', owner: 'shop:mall' }],
      ['order', { type: 'order.paid', payment: named(late) }],
    ]);
  });

  it('that is closed and paid by what disagreed is told of with the transaction that this names', async () => {
    const order = shopOrder({ status: 'closed' });
    const payment = paymentOf(order);
    const { amount, currency } = order;
    const subject = { kind: 'mismatch', fields: ['appid'], transaction_id: 'T5', amount, currency } as const;
    const exception = exceptionOf(order, payment, subject);
    const world = createWorld({ order, payments: [payment], exceptions: [exception] });
    await resolve(world, exception, 'attributed');
    expect(told(world)).toEqual([
      ['exception', { type: 'exception.resolved', owner: 'shop:mall' }],
      ['order', { type: 'order.paid', payment: named(payment, { transaction_id: 'T5' }) }],
    ]);
  });

  it('that fails is told of with the payment that failed, and not when it can be paid again', async () => {
    const { world, payment, merchants, order, hear } = paying();
    await hear({ type: 'failed', transaction_id: null });
    const failed = ['order', { type: 'payment.failed', payment: named(payment) }];
    expect(told(world)).toEqual([failed]);
    await hear({ type: 'failed', transaction_id: null });
    const merchant = await merchants.current('wechat', null);
    merchants.held.set(payment.payment_no, 'closed');
    await payShopOrder(world.ports, order.order_no, 'user-1', merchant);
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'pending', payment: 2 } });
    expect(told(world)).toEqual([failed]);
  });

  it('that is closed on request is told of with its current payment, or with none', async () => {
    const { world, order, payment, ports } = paying();
    const close = (at: World['ports'], { order_no }: Order) =>
      closeOrderOnRequest(at, { order_no, by: 'admin-1' }, () => true);
    await close(ports, order);
    await close(ports, order);
    expect(told(world)).toEqual([['order', { type: 'order.closed', payment: named(payment) }]]);

    const alone = shopOrder({ payment: null, payments: 0 });
    const another = createWorld({ order: alone });
    await close(another.ports, alone);
    expect(told(another)).toEqual([['order', { type: 'order.closed', payment: null }]]);
  });

  it('that is over is told of, and not one whose payment alone is', async () => {
    const over = paying({ expires_at: now });
    const lasting = paying({ expires_at: isoTime(NOW + HOUR_MS) });
    for (const { hear } of [over, lasting]) await hear({ type: 'closed', transaction_id: null });
    expect(told(over.world)).toEqual([['order', { type: 'order.closed', payment: named(over.payment) }]]);
    expect(lasting.store.stored(lasting.order).payments).toMatchObject([{ state: 'closed' }]);
    expect(told(lasting.world)).toEqual([]);
  });

  it('that is closed for its user is told of, and not one that was closed before', async () => {
    const [open, closed] = [shopOrder({ payment: null, payments: 0 }), shopOrder({ status: 'closed' })];
    for (const [order, expected] of [
      [open, [['order', { type: 'order.closed', payment: null }]]],
      [closed, []],
    ] as const) {
      const world = createWorld({ order });
      await erase(world, order);
      expect(world.store.stored(order).order).toMatchObject({ status: 'closed', user_id: null });
      expect(told(world)).toEqual(expected);
    }
  });

  it('that is made, and changed before it is paid, is not told of', async () => {
    const world = createWorld();
    const { kind, id, openid, appid, expires_at, order_no } = shopOrder();
    const request = { kind, id, user_id: 'user-1', openid, appid, expires_at, description: '午餐' };
    await handOver(world.ports, { ...request, amount: 1234, points: 0 });
    const merchant = await world.merchants.current('wechat', null);
    await payShopOrder(world.ports, order_no, 'user-1', merchant);
    await handOver(world.ports, { ...request, amount: 1000, points: 0 });
    expect(world.store.stored({ order_no }).order).toMatchObject({ amount: 1000, paid_at: null });
    expect(told(world)).toEqual([]);
  });

  it('that has failed and is handed over with other points has not failed once more', async () => {
    const world = createWorld();
    const { kind, id, openid, appid, expires_at, order_no } = shopOrder();
    const request = { kind, id, user_id: 'user-1', openid, appid, expires_at, description: '午餐' };
    await handOver(world.ports, { ...request, amount: 1234, points: 0 });
    const { order } = world.store.stored({ order_no });
    world.store.seed({ order: { ...order, status: 'failed' } });
    await handOver(world.ports, { ...request, amount: 1234, points: 5 });
    expect(world.store.stored({ order_no }).order).toMatchObject({ status: 'failed', version: 2 });
    expect(told(world)).toEqual([]);
  });

  it.each(['exception', 'dispute'] as const)('that is made has nothing told of its %s either', (kind) => {
    const order = paidOrder();
    const payment = paidPayment(order);
    const besides = {
      exception: { put: 'exception', record: exceptionOf(order, payment, { kind: 'paid_twice' }) },
      dispute: { put: 'dispute', record: disputeOf(payment) },
    } as const;
    const change: Change = {
      order_no: order.order_no,
      writes: [{ put: 'order', record: order }, besides[kind]],
    };
    expect(markEvents(change, null, NOW)).toEqual(change);
  });
});

describe('what is told of the payment of a paid order', () => {
  const order = shopOrder({ status: 'closed', payment: 2, payments: 2 });
  const first = paymentOf(order, { n: 1 });
  const second = paymentOf(order, { n: 2 });
  const payments = [first, second];
  const pays = (paid_by: number) =>
    orderUpdate(order, { status: 'paid', paid_by, paid_at: now, updated_at: now });
  const other = 'another merchant';

  it.each<[string, ItemWrite]>([
    ['another payment', paymentUpdate(second, { transaction_id: 'T2' })],
    ['a refund of its number', { update: 'refund', of: 1, set: { merchant: other }, expects: {} }],
    ['a check of it', { check: 'payment', of: 1, expects: {} }],
  ])('is not what is written of %s', (_, write) => {
    const { order_no } = order;
    const paid = paymentUpdate(first, { transaction_id: 'T1' });
    const change = markEvents({ order_no, writes: [write, paid, pays(1)] }, snapshotOf(order, payments), NOW);
    expect(marksOf(change.writes)).toEqual([
      ['order', { type: 'order.paid', payment: named(first, { transaction_id: 'T1' }) }],
    ]);
  });

  it('is nothing where there is no such payment', () => {
    const change: Change = { order_no: order.order_no, writes: [pays(3)] };
    expect(marksOf(markEvents(change, snapshotOf(order, payments), NOW).writes)).toEqual([
      ['order', { type: 'order.paid', payment: null }],
    ]);
  });

  it('is what its settlement says itself', () => {
    const events = [{ type: 'order.paid', payment: named(first, { transaction_id: 'T7' }) }] as const;
    const change: Change = {
      order_no: order.order_no,
      writes: [{ ...pays(2), marks: { at: isoTime(NOW - 1), events } }],
    };
    expect(markEvents(change, snapshotOf(order, payments), NOW)).toEqual(change);
  });
});

describe('a refund', () => {
  const refunding = (order: Order) => {
    const payment = paidPayment(order, { reserved: 400 });
    const refund = refundOf(payment);
    const world = createWorld({ order, payments: [payment], refunds: [refund] });
    const { payment_no, provider, merchant, refund_no } = refund;
    const event = { payment_no, provider, merchant, refund_no, refund_id: 'R1' };
    const hear = (type: RefundEvent['type']) => settleRefund(world.ports, { type, ...event });
    return { world, payment, refund, hear };
  };

  it('is told of when it is done, when that turns out untrue, and not when it is asked for', async () => {
    const order = tenantOrder({ status: 'paid', paid_by: 1, paid_at: now });
    const world = createWorld({ order, payments: [paidPayment(order)] });
    const request = { order_no: order.order_no, amountOf: () => null, amountText: null, reason: '退款' };
    const caller = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
    await requestRefund(world.ports, { ...request, transaction_id: null }, caller);
    const succeeded = ['refund', { type: 'refund.succeeded', owner: 'tenant:7' }];
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'refunded' } });
    expect(told(world)).toEqual([succeeded]);

    const [refund] = world.store.stored(order).refunds;
    if (!refund) throw new Error('no refund');
    const { payment_no, provider, merchant, refund_no, refund_id } = refund;
    const back = { type: 'refund_failed', payment_no, provider, merchant, refund_no, refund_id } as const;
    await settleRefund(world.ports, back);
    // It is paid again, and not told to be: that it is paid is told of once.
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'paid' } });
    expect(told(world)).toEqual([
      succeeded,
      ['refund', { type: 'refund.failed', owner: 'tenant:7' }],
      ['exception', { type: 'exception.raised', owner: 'tenant:7' }],
    ]);
  });

  it.each([
    ['refund_succeeded', []],
    ['refund_failed', [['exception', { type: 'exception.raised', owner: 'shop:mall' }]]],
  ] as const)('that its provider decides about is told of: %s', async (type, besides) => {
    const { world, hear } = refunding(paidOrder({ status: 'refunding', refunds: 1 }));
    await hear(type);
    await hear(type);
    const event = { type: type.replace('_', '.'), owner: 'shop:mall' };
    expect(told(world)).toEqual([['refund', event], ...besides]);
  });

  it('that is refused by a bank is an exception, which ends with its repair and comes again', async () => {
    const order = paidOrder({ status: 'refunding', refunds: 1 });
    const { world, refund, hear } = refunding(order);
    const { refund_no } = refund;
    await hear('refund_abnormal');
    world.merchants.refunds.set(refund_no, { ...refund, transaction_id: 'T1', state: 'abnormal' });
    const repair = { order_no: order.order_no, refund_no, by: 'admin-1' };
    expect(await repairRefund(world.ports, repair)).toMatchObject({ outcome: 'repaired' });
    const raised = ['exception', { type: 'exception.raised', owner: 'shop:mall' }];
    const resolved = ['exception', { type: 'exception.resolved', owner: 'shop:mall' }];
    expect(told(world)).toEqual([raised, resolved]);

    world.clock.now += 30 * 24 * HOUR_MS;
    await hear('refund_abnormal');
    expect(told(world)).toEqual([raised, resolved, raised]);
  });
});

describe('an exception', () => {
  it.each([shopOrder({ kind: 'meal' }), tenantOrder({ tenant_id: 12 })])(
    'is told to its order’s owner when it is raised and when it ends',
    async (of) => {
      const order = { ...of, status: 'paid', paid_by: 1, paid_at: now } as Order;
      const owner = ownerAccount(order);
      const payment = paidPayment(order);
      const world = createWorld({ order, payments: [payment] });
      await settle(world.ports, successOf(payment, { transaction_id: 'T2' }));
      expect(told(world)).toEqual([['exception', { type: 'exception.raised', owner }]]);

      const [exception] = world.store.stored(order).exceptions;
      if (!exception) throw new Error('no exception');
      await resolve(world, exception, 'dismissed');
      await resolve(world, exception, 'dismissed');
      expect(told(world).slice(1)).toEqual([['exception', { type: 'exception.resolved', owner }]]);
    },
  );

  it('is not told of when what people wrote is taken out of it, nor is a refund', async () => {
    const order = paidOrder();
    const payment = paidPayment(order);
    const resolved: ExceptionEnd = {
      ...{ resolution: 'dismissed', reason: '张三说的', by: 'admin-1', at: now },
      ...{ entries: [], refund_no: null },
    };
    const exceptions: ExceptionRecord[] = [
      { ...exceptionOf(order, payment, { kind: 'paid_twice' }), state: 'resolved', resolved },
    ];
    const refunds = [refundOf(payment, { status: 'succeeded', reason: '张三退货' })];
    const world = createWorld({ order, payments: [payment], exceptions, refunds });
    await erase(world, order);
    expect(world.store.stored(order)).toMatchObject({
      exceptions: [{ version: 2, resolved: { reason: '' } }],
      refunds: [{ version: 2, reason: '' }],
    });
    expect(told(world)).toEqual([]);
  });
});

describe('a dispute', () => {
  const owner = 'tenant:7';
  const opened = { type: 'dispute.opened', owner };
  const closed = { type: 'dispute.closed', owner };
  const raised = ['exception', { type: 'exception.raised', owner }];
  const due_by = isoTime(NOW + 7 * 24 * HOUR_MS);

  const disputed = () => {
    const order = tenantOrder({ status: 'paid', paid_by: 1, paid_at: now });
    const payment = paidPayment(order);
    const world = createWorld({ order, payments: [payment] });
    const { payment_no, provider, merchant, amount, currency } = payment;
    const hear = (said: Partial<DisputeEvent> = {}) =>
      settleDispute(world.ports, {
        ...{ type: 'dispute', payment_no, provider, merchant, dispute_id: 'du_1', transaction_id: 'T1' },
        ...{
          amount,
          currency,
          reason: 'fraudulent',
          refundable: false,
          state: 'open',
          due_by,
          movements: [],
        },
        ...said,
      });
    return { world, order, hear };
  };
  const movement = (id: string) => ({ id, amount: -100, fee: 0, fee_currency: 'USD' });

  it('is told of when it is opened and when it is decided, and not in between', async () => {
    const { world, order, hear } = disputed();
    await hear();
    const before = [['dispute', opened], raised];
    expect(told(world)).toEqual(before);

    await hear({ due_by: isoTime(NOW + 8 * 24 * HOUR_MS) });
    await hear({ movements: [movement('txn_1')] });
    const [dispute] = world.store.stored(order).disputes;
    if (!dispute) throw new Error('no dispute');
    expect(await remindOfDispute(world.ports, dispute)).toEqual({ outcome: 'dispute_reminded' });
    expect(world.store.changes).toHaveLength(4);
    expect(told(world)).toEqual(before);

    await hear({ state: 'lost' });
    await hear({ state: 'lost', movements: [movement('txn_2')] });
    await hear({ state: 'open', movements: [movement('txn_3')] });
    expect(told(world)).toEqual([...before, ['dispute', closed]]);

    await hear({ state: 'won' });
    expect(told(world)).toEqual([...before, ['dispute', closed], ['dispute', closed]]);
  });

  it.each(['won', 'lost'] as const)(
    'that is %s before anybody told of it is opened and closed',
    async (state) => {
      const { world, hear } = disputed();
      await hear({ state });
      expect(told(world)).toEqual([['dispute', opened, closed], raised]);
    },
  );

  it('is told apart from the others of its order', async () => {
    const { world, hear } = disputed();
    await hear({ state: 'lost' });
    await hear({ dispute_id: 'du_2' });
    await hear({ dispute_id: 'du_2', state: 'lost' });
    await hear({ dispute_id: 'du_1', state: 'lost', movements: [movement('txn_1')] });
    expect(told(world)).toEqual([
      ['dispute', opened, closed],
      raised,
      ['dispute', opened],
      raised,
      ['dispute', closed],
    ]);
  });
});
