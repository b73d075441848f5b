import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { ProviderGateway } from '../../../lib/orders/provider-gateway.ts';
import { type SweepPorts, sweepChecks } from '../../../lib/orders/sweep.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import {
  disputeOf,
  merchantNames,
  NOW,
  paidPayment,
  paymentOf,
  refundOf,
  shippingOf,
  shopOrder,
  tenantOrder,
} from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What is stored owes a check since a time. */
async function owe(
  world: World,
  { order_no }: Pick<Order, 'order_no'>,
  what: 'order' | 'payment' | 'refund' | 'shipping' | 'dispute',
  due = NOW,
) {
  const owes = { kind: 'check', due } as const;
  const of = { order: null, shipping: null, payment: 1, refund: 1, dispute: { dispute_id: 'du_1' } }[what];
  const write = { update: what, of, set: {}, owes, expects: {} } as never;
  await world.store.write({ order_no, writes: [write] });
}

async function begun(world: World, make: () => Order = shopOrder, due = NOW) {
  const order = make();
  const payment = paymentOf(order);
  world.store.seed({ order, payments: [payment] });
  await owe(world, order, 'payment', due);
  return { order, payment };
}

async function refunding(world: World) {
  const order = shopOrder({ amount: 1000, status: 'refunding', paid_by: 1, refunds: 1 });
  const payment = paidPayment(order, { reserved: 400 });
  const refund = refundOf(payment);
  world.store.seed({ order, payments: [payment], refunds: [refund] });
  await owe(world, order, 'refund');
  return { order, payment, refund };
}

const sweep = (world: World, changes: Partial<SweepPorts> = {}) =>
  sweepChecks({ ...world.ports, ...changes });
const outcomes = ({ reports }: World) => reports.map(([{ order_no }, { outcome }]) => [order_no, outcome]);

describe('the sweep', () => {
  it('asks about each payment that is due, and settles what it learns', async () => {
    const world = createWorld();
    const [paid, open, early] = [
      await begun(world),
      await begun(world),
      await begun(world, shopOrder, NOW + 1),
    ];
    world.merchants.pay(paid.payment);
    world.merchants.held.set(open.payment.payment_no, 'open');
    expect(await sweep(world)).toMatchObject({ checked: 2, failed: 0, left: 0, overdue: 2 });
    expect(Object.fromEntries(outcomes(world))).toEqual({
      [paid.order.order_no]: 'settled',
      [open.order.order_no]: 'open',
    });
    expect(world.store.stored(paid.order).order.status).toBe('paid');
    expect(world.store.debts(open.order)).toEqual({ 'payment 1': `check ${isoTime(NOW + MINUTE_MS)}` });
    expect(world.merchants.calls.some((call) => call.includes(early.payment.payment_no))).toBe(false);
  });

  it('closes orders whose deadline has passed, with a payment or without', async () => {
    const world = createWorld();
    const expires_at = isoTime(NOW - 1_000);
    const alone = shopOrder({ payment: null, payments: 0, expires_at });
    world.store.seed({ order: alone });
    await owe(world, alone, 'order');
    const { order, payment } = await begun(world, () => shopOrder({ expires_at }));
    world.merchants.held.set(payment.payment_no, 'open');
    await sweep(world);
    for (const one of [alone, order]) {
      expect(world.store.stored(one).order.status).toBe('closed');
      expect(world.store.debts(one)).toEqual({});
    }
  });

  it('asks what became of an open refund, and asks for it when its provider knows none', async () => {
    const world = createWorld();
    const { order, refund } = await refunding(world);
    await sweep(world);
    const number = `${refund.refund_no} of ${merchantNames.wechat}`;
    expect(world.merchants.calls).toEqual([`queryRefund ${number}`, `refund ${number}`]);
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'paid' },
      refunds: [{ status: 'succeeded' }],
    });
    expect(world.store.debts(order)).toEqual({});
  });

  it('goes on asking about a refund that is not decided, less and less often', async () => {
    const world = createWorld();
    const { order } = await refunding(world);
    world.merchants.script('queryRefund', () => ({ state: 'open' }));
    await sweep(world);
    expect(outcomes(world)).toEqual([[order.order_no, 'open']]);
    expect(world.store.debts(order)).toEqual({ 'refund 1': `check ${isoTime(NOW + MINUTE_MS)}` });
    world.clock.now = NOW + 10 * HOUR_MS;
    world.merchants.script('queryRefund', () => ({ state: 'abnormal', refund_id: 'R' }));
    await sweep(world);
    expect(outcomes(world)[1]).toEqual([order.order_no, 'refund_abnormal']);
    const later = NOW + 10 * HOUR_MS + (10 * HOUR_MS + 30_000) / 2;
    expect(world.store.debts(order)).toMatchObject({ 'refund 1': `check ${isoTime(later)}` });
  });

  it('records a merchant that is missing, for payments and refunds, and asks no other', async () => {
    const world = createWorld();
    world.merchants.configured.splice(0, 1, world.merchants.merchantOf('wechat', { name: '1900000002' }));
    const { order } = await begun(world);
    const returned = await refunding(world);
    for (const at of [NOW, NOW + HOUR_MS]) {
      world.clock.now = at;
      await sweep(world);
    }
    expect(outcomes(world).map(([, outcome]) => outcome)).toEqual(Array(4).fill('merchant_missing'));
    for (const one of [order, returned.order]) {
      const { exceptions } = world.store.stored(one);
      expect(exceptions).toMatchObject([{ kind: 'merchant_missing', merchant: merchantNames.wechat }]);
      expect(Object.values(world.store.debts(one)).some((debt) => debt.startsWith('check'))).toBe(true);
    }
    expect(world.store.stored(returned.order).exceptions).toMatchObject([{ amount: 400 }]);
    expect(world.merchants.calls).toEqual([]);
    expect(world.failures).toEqual([]);
  });

  it('looks after a closed payment for its order’s deadline, however long ago it was begun', async () => {
    const world = createWorld();
    const begun_at = isoTime(NOW - 2 * HOUR_MS);
    const next = async (state: 'open' | 'closed') => {
      const order = shopOrder({ expires_at: isoTime(NOW + 12 * HOUR_MS) });
      const payment = paymentOf(order, { begun_at, state });
      world.store.seed({ order, payments: [payment] });
      world.merchants.held.set(payment.payment_no, 'open');
      await owe(world, order, 'payment');
      await sweep(world);
      return world.store.debts(order);
    };
    expect(await next('closed')).toEqual({ 'payment 1': `check ${isoTime(NOW + MINUTE_MS)}` });
    expect(await next('open')).toEqual({ 'payment 1': `check ${isoTime(NOW + HOUR_MS)}` });
  });

  it('asks nothing about what is decided, and takes it out of work', async () => {
    const world = createWorld();
    const closed = shopOrder({ status: 'closed' });
    world.store.seed({ order: closed, payments: [paymentOf(closed, { state: 'closed' })] });
    await owe(world, closed, 'payment');
    const { order, refund } = await refunding(world);
    world.store.seed({ refunds: [{ ...refund, status: 'failed' }] });
    await owe(world, order, 'refund');
    await sweep(world);
    expect(outcomes(world).map(([, outcome]) => outcome)).toEqual(['cleared', 'cleared']);
    expect([world.store.debts(closed), world.store.debts(order)]).toEqual([{}, {}]);
    expect(world.merchants.calls).toEqual([]);
  });

  it('does not take out of work what owes another check by then', async () => {
    const world = createWorld();
    const order = shopOrder({ payment: null, payments: 0, expires_at: null });
    world.store.seed({ order });
    await owe(world, order, 'order');
    const { work } = world.ports;
    const clear: typeof work.clear = async (check) => {
      await owe(world, order, 'order', NOW + HOUR_MS);
      await work.clear(check);
    };
    await sweep(world, { work: { ...work, clear } });
    expect(outcomes(world)).toEqual([[order.order_no, 'cleared']]);
    expect(world.store.debts(order)).toEqual({ order: `check ${isoTime(NOW + HOUR_MS)}` });
  });
});

describe('a check that fails', () => {
  it('is put off before it is made, reported, and stops no other', async () => {
    const world = createWorld();
    const [broken, paid] = [await begun(world), await begun(world)];
    world.merchants.pay(paid.payment);
    const down = new Error('down');
    world.merchants.script('query', () => {
      throw down;
    });
    expect(await sweep(world)).toMatchObject({ checked: 1, failed: 1 });
    expect(world.failures).toEqual([down]);
    expect(world.store.debts(broken.order)).toEqual({ 'payment 1': `check ${isoTime(NOW + MINUTE_MS)}` });
    expect(world.store.stored(paid.order).order.status).toBe('paid');
  });

  it('at an order’s deadline is put off by half of how long that has been over', async () => {
    const world = createWorld();
    const expires_at = isoTime(NOW - 2 * HOUR_MS);
    const order = shopOrder({ payment: null, payments: 0, expires_at });
    world.store.seed({ order });
    await owe(world, order, 'order', NOW - 2 * HOUR_MS);
    world.store.before('read', () => {
      throw new Error('down');
    });
    expect(await sweep(world)).toMatchObject({ failed: 1 });
    expect(world.store.debts(order)).toEqual({ order: `check ${isoTime(NOW + HOUR_MS)}` });
  });

  /** A hundred payments of WeChat Pay, the first so many of whose queries fail with this error, and one of another provider. */
  async function sweepFailing(error: Error, times = Number.POSITIVE_INFINITY) {
    const world = createWorld();
    for (let count = 0; count < 100; count++) await begun(world);
    const other = await begun(world, tenantOrder);
    world.merchants.pay(other.payment);
    const { calls } = world.merchants;
    let asked = 0;
    const answer = async () => {
      asked += 1;
      const isFailing = asked <= times;
      await Promise.resolve();
      if (isFailing) throw error;
      return { state: 'open' } as const;
    };
    const find: World['merchants']['find'] = async (provider, name) => {
      const merchant = await world.merchants.find(provider, name);
      if (provider !== 'wechat' || !merchant) return merchant;
      return { ...merchant, gateway: { ...merchant.gateway, query: answer } };
    };
    return { world, other, calls, counts: await sweep(world, { merchants: { find } }) };
  }

  it('too often leaves its provider alone for the rest of the run, and no other', async () => {
    const down = new ProviderCallError('wechat', 503, 'down');
    const { world, other, calls, counts } = await sweepFailing(down);
    expect(counts.failed).toBeLessThanOrEqual(20);
    expect(counts.failed).toBeGreaterThanOrEqual(5);
    expect(counts).toMatchObject({ checked: 1, overdue: 101, left: 100 - counts.failed });
    expect(calls).toHaveLength(1);
    expect(world.store.stored(other.order).order.status).toBe('paid');
  });

  it.each([
    [4, true],
    [5, false],
  ])('%i times, and the others are still asked: %s', async (times, areAsked) => {
    const { counts } = await sweepFailing(new ProviderCallError('wechat', 503, 'down'), times);
    expect(counts.failed).toBe(times);
    expect(counts.left === 0).toBe(areAsked);
  });

  /** The merchants of WeChat Pay, of which it refuses some, whatever they ask. */
  const refusing = (
    world: World,
    isRefused: (name: string) => boolean,
  ): Pick<World['merchants'], 'find'> => ({
    async find(provider, name) {
      const merchant = await world.merchants.find(provider, merchantNames.wechat);
      if (!merchant || !isRefused(name)) return merchant;
      const query = async () => {
        throw new ProviderCallError('wechat', 401, 'SIGN_ERROR');
      };
      return { ...merchant, name, gateway: { ...merchant.gateway, query } };
    },
  });

  it.each([1, 2, 3, 7])(
    'too often of %i merchants leaves the others of their provider asked',
    async (broken) => {
      const world = createWorld();
      const merchants = Array.from({ length: broken }, (_, index) => `190000010${index}`);
      for (const merchant of merchants) {
        for (let count = 0; count < 20; count++) {
          const order = tenantOrder({ currency: 'CNY' });
          const payment = paymentOf(order, { provider: 'wechat', merchant });
          world.store.seed({ order, payments: [payment] });
          await owe(world, order, 'payment');
        }
      }
      const { order, payment } = await begun(world);
      world.merchants.pay(payment);
      const counts = await sweep(world, { merchants: refusing(world, (name) => merchants.includes(name)) });
      expect(world.store.stored(order).order.status).toBe('paid');
      expect(counts.failed).toBeLessThanOrEqual(20 * broken);
    },
  );

  it('of many merchants, and of none too often, leaves nobody alone', async () => {
    const world = createWorld();
    for (let count = 0; count < 20; count++) {
      const order = shopOrder();
      world.store.seed({ order, payments: [paymentOf(order, { merchant: `19000001${10 + (count % 10)}` })] });
      await owe(world, order, 'payment');
    }
    const { order, payment } = await begun(world);
    world.merchants.pay(payment);
    const merchants = refusing(world, (name) => name !== merchantNames.wechat);
    expect(await sweep(world, { merchants })).toMatchObject({ failed: 20, left: 0, checked: 1 });
    expect(world.store.stored(order).order.status).toBe('paid');
  });

  it('too often of a merchant leaves its refunds alone as well, and nobody else’s', async () => {
    const world = createWorld();
    const broken = '1900000100';
    for (let count = 0; count < 20; count++) {
      const order = shopOrder();
      world.store.seed({ order, payments: [paymentOf(order, { merchant: broken })] });
      await owe(world, order, 'payment');
    }
    const refundOfMerchant = async (merchant: string) => {
      const order = shopOrder({ amount: 1000, status: 'refunding', paid_by: 1, refunds: 1 });
      const payment = paidPayment(order, { reserved: 400, merchant });
      world.store.seed({ order, payments: [payment], refunds: [refundOf(payment)] });
      await owe(world, order, 'refund');
      return order;
    };
    const [theirs, ours] = [await refundOfMerchant(broken), await refundOfMerchant(merchantNames.wechat)];
    const merchants = refusing(world, (name) => name === broken);
    expect(await sweep(world, { merchants })).toMatchObject({ checked: 1 });
    expect(world.store.stored(theirs).refunds).toMatchObject([{ status: 'open' }]);
    expect(world.store.stored(ours).refunds).toMatchObject([{ status: 'succeeded' }]);
  });

  it('as it tells what was sent leaves that alone, at its provider, and no payments', async () => {
    const world = createWorld();
    const down = new ProviderCallError('wechat', null, 'down');
    for (let count = 0; count < 100; count++) {
      const meal = shopOrder({ kind: 'meal', status: 'paid', paid_by: 1 });
      world.store.seed({ order: meal, payments: [paidPayment(meal)] });
      await owe(world, meal, 'payment');
    }
    const sent = async (order: Order) => {
      const payment = paidPayment(order);
      world.store.seed({ order, payments: [payment], shipping: shippingOf(payment) });
      await owe(world, order, 'shipping');
      return order;
    };
    const alike = await sent(shopOrder({ status: 'paid', paid_by: 1 }));
    const elsewhere = await sent(tenantOrder({ status: 'paid', paid_by: 1 }));
    const { order, payment } = await begun(world);
    world.merchants.pay(payment);
    const told: string[] = [];
    const find: World['merchants']['find'] = async (provider, name) => {
      const merchant = await world.merchants.find(provider, name);
      if (provider !== 'wechat' || !merchant) return merchant;
      const reportShipping: ProviderGateway['reportShipping'] = async ({ payment_no }) => {
        told.push(payment_no);
        throw down;
      };
      return { ...merchant, gateway: { ...merchant.gateway, reportShipping } };
    };
    const shipping = { withinHours: 48, mealPickup: true };
    const counts = await sweep(world, { merchants: { find }, shipping });
    expect(told.length).toBeLessThanOrEqual(20);
    expect(told).not.toContain(alike.order_no);
    expect(counts).toMatchObject({ checked: 2, left: 101 - counts.failed });
    expect(Object.fromEntries(outcomes(world))).toEqual({
      [elsewhere.order_no]: 'told',
      [order.order_no]: 'settled',
    });
  });

  it('at a refund is not taken for a merchant that is missing', async () => {
    const world = createWorld();
    const { order } = await refunding(world);
    const down = new ProviderCallError('wechat', 503, 'down');
    world.merchants.script('queryRefund', () => {
      throw down;
    });
    expect(await sweep(world)).toMatchObject({ checked: 0, failed: 1 });
    expect(world.failures).toEqual([down]);
    expect(world.store.stored(order).exceptions).toEqual([]);
  });

  it('for a reason that is not the provider’s does not keep the others from being made', async () => {
    const { counts } = await sweepFailing(new Error('its item is not understood'));
    expect(counts).toMatchObject({ checked: 1, failed: 100, left: 0 });
  });

  it('because its item is not understood is put off, and what the item says is left to newer code', async () => {
    const world = createWorld();
    const { order } = await begun(world);
    const error = new Error('newer');
    const item = { pk: 'ORDER#mall-77', sk: 'PAYMENT#1', work: 'check#1' };
    const unreadable = {
      ...({ type: 'unreadable', work_due: isoTime(NOW), item } as const),
      ...{ order_no: 'mall-77', error },
    };
    const { work } = world.ports;
    const putOff: string[] = [];
    const sweepWith = (isOurs: boolean) =>
      sweep(world, {
        work: {
          ...work,
          listDueChecks: async (now) => [unreadable, ...(await work.listDueChecks(now))],
          postpone: async (check, work_due) => {
            if (check.type !== 'unreadable') return work.postpone(check, work_due);
            putOff.push(work_due);
            return isOurs;
          },
        },
      });
    expect(await sweepWith(true)).toMatchObject({ checked: 1, failed: 1, unreadable: 1 });
    expect(putOff).toEqual([isoTime(NOW + 15 * MINUTE_MS)]);
    expect(world.failures).toEqual([error]);
    expect(outcomes(world)).toEqual([[order.order_no, 'open']]);
    // Another sweep has told of it.
    expect(await sweepWith(false)).toMatchObject({ failed: 0, unreadable: 0 });
    expect(world.failures).toEqual([error]);
  });
});

describe('a run', () => {
  it('makes each check once, also when several run at the same time', async () => {
    const world = createWorld();
    for (let count = 0; count < 30; count++) {
      const { payment } = await begun(world);
      world.merchants.held.set(payment.payment_no, 'open');
    }
    const counts = await Promise.all([sweep(world), sweep(world), sweep(world)]);
    expect(counts.reduce((sum, { checked }) => sum + checked, 0)).toBe(30);
    expect(new Set(world.merchants.calls).size).toBe(30);
    expect(world.merchants.calls).toHaveLength(30);
  });

  it('leaves what it does not come to within 40 s, without putting it off', async () => {
    const world = createWorld();
    const orders: Order[] = [];
    for (let count = 0; count < 20; count++) orders.push((await begun(world)).order);
    world.merchants.script('query', () => {
      world.clock.now += 40_000;
      return { state: 'open' };
    });
    const counts = await sweep(world);
    expect(counts.left).toBeGreaterThan(0);
    expect(counts.checked + counts.left).toBe(20);
    const due = orders.filter((one) => world.store.debts(one)['payment 1'] === `check ${isoTime(NOW)}`);
    expect(due).toHaveLength(counts.left);
  });

  it('counts how long what was due has been', async () => {
    const world = createWorld();
    await begun(world, shopOrder, NOW - 3 * MINUTE_MS);
    await begun(world, shopOrder, NOW - MINUTE_MS);
    await refunding(world);
    expect(await sweep(world)).toMatchObject({
      overdue: 3,
      oldest_check_ms: 3 * MINUTE_MS,
      oldest_refund_ms: 30_000,
    });
    expect(await sweep(createWorld())).toEqual({
      checked: 0,
      failed: 0,
      left: 0,
      unreadable: 0,
      closed_late: 0,
      overdue: 0,
      oldest_check_ms: 0,
      oldest_refund_ms: 0,
    });
  });

  it('counts the orders that it closes more than two minutes after their time', async () => {
    const world = createWorld();
    const over = (ago_ms: number) => shopOrder({ expires_at: isoTime(NOW - ago_ms) });
    const [early, late] = [120_000, 120_001];
    await begun(world, () => over(late), NOW - late);
    await begun(world, () => over(early), NOW - early);
    const alone = shopOrder({ payment: null, payments: 0, expires_at: isoTime(NOW - late) });
    world.store.seed({ order: alone });
    await owe(world, alone, 'order', NOW - late);
    // A payment that closes ends no order that has time left.
    const { payment } = await begun(world, shopOrder, NOW - late);
    world.merchants.held.set(payment.payment_no, 'closed');
    // Nor does one that was paid after its order was closed.
    const closed = await begun(world, () => shopOrder({ status: 'closed' }), NOW - late);
    world.merchants.pay(closed.payment);
    expect(await sweep(world)).toMatchObject({ checked: 5, closed_late: 2 });
    expect(world.reports.filter(([, { outcome }]) => outcome === 'closed')).toHaveLength(4);
    expect(outcomes(world)).toContainEqual([closed.order.order_no, 'paid_after_close']);
  });

  it('names what it checked, and how long that took', async () => {
    const world = createWorld();
    const { order, payment } = await begun(world);
    const { refund } = await refunding(world);
    world.merchants.script('query', () => {
      world.clock.now += 25;
      return { state: 'open' };
    });
    await sweep(world);
    const { order_no } = order;
    const { payment_no, provider } = payment;
    expect(world.reports.map(([checked]) => checked)).toContainEqual({
      order_no,
      payment_no,
      provider,
      latency_ms: 25,
    });
    expect(world.reports.map(([{ refund_no }]) => refund_no)).toContain(refund.refund_no);
    const disputed = tenantOrder({ status: 'paid', paid_by: 1 });
    const taken = paidPayment(disputed);
    world.store.seed({ order: disputed, payments: [taken], disputes: [disputeOf(taken)] });
    await owe(world, disputed, 'dispute');
    await sweep(world);
    expect(world.reports.at(-1)).toEqual([
      { order_no: disputed.order_no, payment_no: taken.payment_no, provider: 'stripe', latency_ms: 0 },
      { outcome: 'dispute_reminded' },
    ]);
  });
});

describe('what was sent', () => {
  const settings = { withinHours: 48, mealPickup: false };

  async function sent(world: World, changes: Parameters<typeof shippingOf>[1] = {}) {
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    const payment = paidPayment(order);
    world.store.seed({ order, payments: [payment], shipping: shippingOf(payment, changes) });
    await owe(world, order, 'shipping');
    return { order, payment };
  }

  it('is told again until its provider takes it, less and less often', async () => {
    const world = createWorld();
    const { order } = await sent(world);
    const down = () => {
      throw new ProviderCallError('wechat', null, 'down');
    };
    const due: string[] = [];
    world.merchants.script('reportShipping', down, down, down);
    for (let times = 0; times < 3; times++) {
      expect(await sweep(world, { shipping: settings })).toMatchObject({ failed: 1 });
      const next = world.store.debts(order)['shipping']?.replace('check ', '') ?? '';
      due.push(next);
      world.clock.now = Date.parse(next) + HOUR_MS;
    }
    const waits = due.map(
      (next, n) => Date.parse(next) - (n === 0 ? NOW : Date.parse(due[n - 1] ?? '') + HOUR_MS),
    );
    expect([...new Set(waits)].toSorted((one, other) => one - other)).toEqual(waits);
    expect(await sweep(world, { shipping: settings })).toMatchObject({ checked: 1, failed: 0 });
    expect(outcomes(world)).toEqual([[order.order_no, 'told']]);
    expect(world.store.stored(order).shipping).toMatchObject({ state: 'told', told: 1 });
    expect(world.store.debts(order)).toEqual({});
    expect(world.failures).toHaveLength(3);
  });

  it('is told as it was corrected meanwhile', async () => {
    const world = createWorld();
    const { order, payment } = await sent(world);
    const requested_at = isoTime(NOW);
    world.store.before('read', () => {
      world.store.seed({ shipping: shippingOf(payment, { items: '梨', version: 7, requested_at }) });
    });
    await sweep(world);
    expect(world.merchants.shipments).toMatchObject([{ items: '梨', requested_at }]);
    expect(world.store.stored(order).shipping).toMatchObject({ items: '梨', state: 'told' });
  });

  it('is still to be told where it was corrected while it was told', async () => {
    const world = createWorld();
    const { order, payment } = await sent(world);
    world.merchants.script('reportShipping', () => {
      world.store.seed({ shipping: shippingOf(payment, { items: '梨', requested_at: isoTime(NOW) }) });
      return { state: 'refused', code: '10060031' };
    });
    await sweep(world);
    expect(outcomes(world)).toEqual([[order.order_no, 'open']]);
    expect(world.store.stored(order).shipping).toMatchObject({ items: '梨', state: 'open' });
  });

  it.each([
    [{ state: 'refused', code: '10060031' }, 'not_shipped'],
    [{ state: 'unsupported' }, 'not_shipped'],
  ] as const)('that is answered by %j is for people to see', async (answer, outcome) => {
    const world = createWorld();
    const { order } = await sent(world);
    world.merchants.script('reportShipping', () => answer);
    await sweep(world);
    expect(outcomes(world)).toEqual([[order.order_no, outcome]]);
    expect(world.store.stored(order).exceptions).toMatchObject([{ kind: 'not_shipped' }]);
    expect(Object.keys(world.store.debts(order))).toEqual([expect.stringMatching(/^exception/)]);
  });

  it.each(['told', 'refused'] as const)('that is %s already is let alone', async (state) => {
    const world = createWorld();
    const { order } = await sent(world, { state });
    await sweep(world);
    expect(outcomes(world)).toEqual([[order.order_no, 'cleared']]);
    expect([world.store.debts(order), world.merchants.calls]).toEqual([{}, []]);
  });

  it('or not is seen to when its time is over: a meal is told of, of the rest people hear', async () => {
    const world = createWorld();
    const paid_at = isoTime(NOW - 48 * HOUR_MS);
    const paid = async (order: Order) => {
      world.store.seed({ order, payments: [paidPayment(order, { paid_at })] });
      await owe(world, order, 'payment');
      return order;
    };
    const common = { status: 'paid', paid_by: 1, paid_at } as const;
    const meal = await paid(shopOrder({ ...common, kind: 'meal' }));
    const goods = await paid(shopOrder(common));
    const counts = await sweep(world, { shipping: { ...settings, mealPickup: true } });
    expect(counts).toMatchObject({ checked: 2, failed: 0 });
    expect(Object.fromEntries(outcomes(world))).toEqual({
      ...{ [meal.order_no]: 'open', [goods.order_no]: 'not_shipped' },
    });
    expect(world.merchants.shipments).toMatchObject([{ order_no: meal.order_no, logistics_type: 'pickup' }]);
    expect(world.store.stored(goods).exceptions).toMatchObject([{ kind: 'not_shipped' }]);
    expect(world.store.debts(goods)).not.toHaveProperty('payment 1');
    world.clock.now += 6 * HOUR_MS;
    await sweep(world, { shipping: { ...settings, mealPickup: true } });
    expect(world.store.debts(meal)).toEqual({});
    expect(world.merchants.shipments).toHaveLength(1);
  });

  it('or not is nobody’s concern in a stage that tells nobody, which owes no more', async () => {
    const world = createWorld();
    const order = shopOrder({ status: 'paid', paid_by: 1 });
    world.store.seed({ order, payments: [paidPayment(order)] });
    await owe(world, order, 'payment');
    await sweep(world, { shipping: null });
    expect(outcomes(world)).toEqual([[order.order_no, 'cleared']]);
    expect([world.store.debts(order), world.merchants.calls]).toEqual([{}, []]);
  });
});
