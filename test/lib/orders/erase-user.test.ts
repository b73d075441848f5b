import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { type ErasureResult, eraseUser } from '../../../lib/orders/erase-user.ts';
import { type ExceptionEnd, type ExceptionRecord, exceptionOnce } from '../../../lib/orders/exception.ts';
import type { OrderStatus, PaymentState } from '../../../lib/orders/kinds.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import {
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shippingOf,
  shopOrder,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const later = isoTime(NOW);

function erase(world: World, orders: readonly ShopOrder[]) {
  const told: [string, ErasureResult][] = [];
  const progress: number[] = [];
  async function* findOrders() {
    yield { orders: [], read: 10 };
    yield { orders, read: 5 };
  }
  const ports = {
    ...world.ports,
    findOrders,
    onOrder: ({ order_no }: ShopOrder, result: ErasureResult) => void told.push([order_no, result]),
    onProgress: (read: number) => void progress.push(read),
  };
  return { told, progress, counts: () => eraseUser(ports, 'user-1') };
}

describe('erasing a user', () => {
  it.each<[OrderStatus, readonly PaymentState[], ErasureResult]>([
    ['pending', [], 'erased_and_closed'],
    ['failed', [], 'erased_and_closed'],
    ['pending', ['closed'], 'erased_and_closed'],
    ['pending', ['closed', 'closed'], 'erased_and_closed'],
    ['pending', ['open'], 'left_payable'],
    ['failed', ['failed'], 'left_payable'],
    ['pending', ['closed', 'open'], 'left_payable'],
    ['pending', ['open', 'closed'], 'left_payable'],
    ['paid', ['paid'], 'erased'],
    ['refunding', ['paid'], 'erased'],
    ['refunded', ['paid'], 'erased'],
    ['closed', ['open'], 'erased'],
  ])('from an order that is %s with payments %j: %s', async (status, states, result) => {
    const order = shopOrder({ status, openid_digest: 'digest', payment: states.length || null });
    const payments = states.map((state, index) =>
      state === 'paid' ? paidPayment(order, { n: index + 1 }) : paymentOf(order, { n: index + 1, state }),
    );
    const world = createWorld({ order, payments });
    const { told, progress, counts } = erase(world, [order]);
    const none = {
      ...{ erased: 0, erased_and_closed: 0, left_payable: 0 },
      ...{ left_refunding: 0, left_shipping: 0, left_changing: 0 },
    };
    expect(await counts()).toEqual({ ...none, [result]: 1 });
    expect(told).toEqual([[order.order_no, result]]);
    expect(progress).toEqual([10, 15]);
    const gone = { user_id: null, openid: null, openid_digest: null, updated_at: later, version: 2 };
    const closed = result === 'erased_and_closed' ? { status: 'closed' } : {};
    const wordless = payments.map((payment) => ({ ...payment, description: '', version: 2 }));
    expect(world.store.stored(order)).toMatchObject(
      result === 'left_payable'
        ? { order, payments }
        : { order: { ...order, ...gone, ...closed, description: '' }, payments: wordless },
    );
  });

  const resolved: ExceptionEnd = {
    ...{ resolution: 'dismissed', reason: '张三说的', by: 'admin-1', at: later },
    ...{ entries: [], refund_no: null },
  };
  const exceptionOf = (order: Order, changes: Partial<ExceptionRecord>): ExceptionRecord => {
    const [put] = exceptionOnce({ order, exceptions: [] }, { kind: 'paid_twice', provider: 'wechat' }, NOW);
    if (!put) throw new Error('no exception');
    return { ...put.record, ...changes };
  };

  it('takes out what people wrote, and leaves what was booked and decided', async () => {
    const order = shopOrder({ status: 'refunded', description: '张三的蛋糕', paid_by: 1 });
    const payment = paidPayment(order);
    const refunds = [refundOf(payment, { status: 'succeeded', reason: '张三退货' })];
    const [ended, open] = [
      exceptionOf(order, { transaction_id: 'T2', state: 'resolved', resolved }),
      exceptionOf(order, { transaction_id: 'T3' }),
    ];
    const world = createWorld({ order, payments: [payment], refunds, exceptions: [ended, open] });
    expect(await erase(world, [order]).counts()).toMatchObject({ erased: 1 });
    const stored = world.store.stored(order);
    expect(JSON.stringify(stored)).not.toContain('张三');
    const { amount, booking, transaction_id } = payment;
    expect(stored).toMatchObject({
      order: { description: '' },
      payments: [{ description: '', amount, booking, transaction_id, version: 2 }],
      refunds: [{ ...refunds[0], reason: '', version: (refunds[0]?.version ?? 0) + 1 }],
      exceptions: [{ ...ended, resolved: { ...resolved, reason: '' }, version: 2 }, open],
    });
    // Done again, it has nothing to take out.
    await erase(world, [order]).counts();
    expect(world.store.changes.at(-1)?.writes).toMatchObject([{ update: 'order' }]);
  });

  it('takes out that the user asked, and leaves that others did', async () => {
    const order = shopOrder({ status: 'closed', closed_by: 'user-1', paid_by: 1 });
    const payment = paidPayment(order);
    const refunds = ['user-1', 'admin-1', null].map((requested_by, index) =>
      refundOf(payment, { n: index + 1, status: 'succeeded', reason: '', requested_by }),
    );
    const byAdmin = shopOrder({ status: 'closed', closed_by: 'admin-1', payment: null });
    const world = createWorld({ order, payments: [payment], refunds }, { order: byAdmin });
    expect(await erase(world, [order, byAdmin]).counts()).toMatchObject({ erased: 2 });
    const stored = world.store.stored(order);
    expect(stored.order.closed_by).toBeNull();
    expect(stored.refunds.map(({ requested_by }) => requested_by)).toEqual([null, 'admin-1', null]);
    expect(JSON.stringify(stored)).not.toContain('user-1');
    expect(world.store.stored(byAdmin).order.closed_by).toBe('admin-1');
    // Nothing is written that has nothing of the user's.
    expect(world.store.changes[0]?.writes).toHaveLength(3);
    await erase(world, [order]).counts();
    expect(world.store.changes.at(-1)?.writes).toMatchObject([{ update: 'order' }]);
  });

  it.each([
    [120, [50, 50, 22]],
    [49, [51]],
  ])('takes the user out last where an order has more than one change can hold: %i', async (count, sizes) => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const refunds = Array.from({ length: count }, (_, index) =>
      refundOf(payment, { n: index + 1, amount: 1, status: 'succeeded', reason: '退一件' }),
    );
    const world = createWorld({ order, payments: [payment], refunds });
    const { counts, told } = erase(world, [order]);
    expect(await counts()).toMatchObject({ erased: 1 });
    expect(told).toEqual([[order.order_no, 'erased']]);
    expect(world.store.changes.map(({ writes }) => writes.length)).toEqual(sizes);
    const isOrderWritten = world.store.changes.map(({ writes }) =>
      writes.some((write) => 'update' in write && write.update === 'order'),
    );
    expect(isOrderWritten).toEqual(sizes.map((_, index) => index === sizes.length - 1));
    expect(JSON.stringify(world.store.stored(order))).not.toContain('退一件');
  });

  it('leaves an order of which too much is to be taken out at once, and finishes it when done again', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const refunds = Array.from({ length: 5_049 }, (_, index) =>
      refundOf(payment, { n: index + 1, amount: 1, status: 'succeeded', reason: '退一件' }),
    );
    const world = createWorld({ order, payments: [payment], refunds });
    expect(await erase(world, [order]).counts()).toMatchObject({ erased: 0, left_changing: 1 });
    expect(world.store.changes).toHaveLength(100);
    expect(world.store.stored(order).order).toEqual(order);
    expect(await erase(world, [order]).counts()).toMatchObject({ erased: 1, left_changing: 0 });
    expect(JSON.stringify(world.store.stored(order))).not.toContain('退一件');
  });

  const parcels = [
    { express_company: 'SF', tracking_no: 'SF1', contact: '138****1234' },
    { express_company: 'ZTO', tracking_no: 'ZTO1', contact: null },
  ];

  it.each(['told', 'refused'] as const)(
    'takes out what was sent and to whom, once that is %s, and leaves by what',
    async (state) => {
      const order = shopOrder({ status: 'paid', paid_by: 1 });
      const payment = paidPayment(order);
      const shipping = shippingOf(payment, {
        state,
        logistics_type: 'courier',
        items: '张三的蛋糕',
        parcels,
      });
      const world = createWorld({ order, payments: [payment], shipping });
      expect(await erase(world, [order]).counts()).toMatchObject({ erased: 1 });
      const bare = parcels.map((parcel) => ({ ...parcel, contact: null }));
      expect(world.store.stored(order).shipping).toEqual({
        ...{ ...shipping, items: '', parcels: bare, version: 2 },
      });
      expect(JSON.stringify(world.store.stored(order))).not.toMatch(/张三|1234"/);
      expect(await erase(world, [order]).counts()).toMatchObject({ erased: 1 });
      expect(world.store.stored(order).shipping?.version).toBe(2);
    },
  );

  it('leaves an order that was sent until its provider knows', async () => {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    const shipping = shippingOf(payment, { logistics_type: 'courier', parcels });
    const world = createWorld({ order, payments: [payment], shipping });
    expect(await erase(world, [order]).counts()).toMatchObject({ erased: 0, left_shipping: 1 });
    expect(world.store.stored(order)).toMatchObject({ order, payments: [payment], shipping });
    expect(world.store.changes).toEqual([]);
  });

  it('leaves an order of which a refund is not decided', async () => {
    const order = shopOrder({ status: 'refunding', paid_by: 1 });
    const payment = paidPayment(order);
    const refund = refundOf(payment, { status: 'open', reason: '退一件' });
    const world = createWorld({ order, payments: [payment], refunds: [refund] });
    expect(await erase(world, [order]).counts()).toMatchObject({ erased: 0, left_refunding: 1 });
    expect(world.store.stored(order)).toMatchObject({ order, payments: [payment], refunds: [refund] });
  });

  it('takes an order that it closes out of work, and leaves the debts of others', async () => {
    const [unbegun, free] = [
      shopOrder({ payment: null, payments: 0 }),
      shopOrder({ status: 'paid', amount: 0 }),
    ];
    const world = createWorld({ order: unbegun }, { order: free });
    for (const [{ order_no }, kind] of [
      [unbegun, 'check'],
      [free, 'notify'],
    ] as const) {
      const owes = { kind, due: NOW };
      await world.store.write({
        order_no,
        writes: [{ update: 'order', of: null, set: {}, owes, expects: {} }],
      });
    }
    await erase(world, [unbegun, free]).counts();
    expect(world.store.debts(unbegun)).toEqual({});
    expect(Object.keys(world.store.debts(free))).toEqual(['order']);
  });

  it('goes by the order as it is when it is written, not as it was found', async () => {
    const order = shopOrder({ payment: null, payments: 0 });
    const world = createWorld({ order });
    world.store.before('write', () => {
      const begun: Order = { ...order, payment: 1, payments: 1, version: 2 };
      world.store.seed({ order: begun, payments: [paymentOf(begun)] });
    });
    const { told, counts } = erase(world, [order]);
    await counts();
    expect(told).toEqual([[order.order_no, 'left_payable']]);
  });

  it('leaves an order that never stands still, and goes on with the others', async () => {
    const [busy, quiet] = [shopOrder({ status: 'paid' }), shopOrder({ status: 'paid' })];
    const world = createWorld({ order: busy }, { order: quiet });
    let version = 1;
    const move = () => world.store.seed({ order: { ...busy, version: ++version } });
    world.store.before('write', ...Array.from({ length: 12 }, () => move));
    const { told, counts } = erase(world, [busy, quiet]);
    expect(await counts()).toMatchObject({ left_changing: 1, erased: 1 });
    expect(told).toEqual([
      [busy.order_no, 'left_changing'],
      [quiet.order_no, 'erased'],
    ]);
  });

  it('lets what the store throws pass', async () => {
    const order = shopOrder();
    const world = createWorld({ order });
    world.store.before('read', () => {
      throw new Error('no store');
    });
    await expect(erase(world, [order]).counts()).rejects.toThrow('no store');
  });

  it('finds no user in what is no shop order: a mistake', async () => {
    const order = tenantOrder();
    const world = createWorld({ order });
    const found = shopOrder({ order_no: order.order_no });
    for (const one of [found, shopOrder()]) {
      await expect(erase(world, [one]).counts()).rejects.toThrow('no shop order');
    }
  });
});
