import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { type BeginResult, decideBeginning, issuePayment } from '../../../lib/orders/begin-payment.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import type { Order } from '../../../lib/orders/order.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import type { CreatedPayment } from '../../../lib/orders/provider-gateway.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { APPID, merchantNames, NOW, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const now = isoTime(NOW);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const inAnHour = isoTime(NOW + HOUR_MS);
const wechat = merchantNames.wechat;

/** An order for which nothing was begun. */
const fresh = (changes: Partial<Order> = {}): Order =>
  shopOrder({ payment: null, payments: 0, expires_at: inAnHour, ...(changes as object) });

async function issue(world: World, { order_no }: Order, limits = {}) {
  const configured = await world.merchants.current('wechat', null);
  if (!configured) throw new Error('nobody is paid');
  const merchant = { ...configured, limits: { ...configured.limits, ...limits } };
  const payee = { merchant, appid: APPID, scene: 'jsapi', return_url: null, payer_client_ip: null } as const;
  return issuePayment<BeginResult>(world.ports, order_no, (snapshot, closed) => {
    if (!snapshot) throw new Error('there is no order');
    return decideBeginning(snapshot, payee, closed, world.ports.io.now());
  });
}

/** An order with a payment in this state, as its provider has it too. */
function begun(changes: Partial<Payment> = {}, ofOrder: Partial<Order> = {}) {
  const order = shopOrder({ expires_at: inAnHour, ...(ofOrder as object) });
  const payment = paymentOf(order, changes);
  const world = createWorld({ order, payments: [payment] });
  if (payment.state === 'open') world.merchants.held.set(payment.payment_no, 'open');
  return { world, order, payment };
}

const created = (page: string | null, id: string | null = null): CreatedPayment => ({
  outcome: 'created',
  page: page ?? 'a long page',
  handed_out: { page, id, good_until: inAnHour },
});

describe('beginning a payment', () => {
  it('is stored before its provider is asked, and owes a check from then on, for the order', async () => {
    const order = fresh({ points: 5 } as Partial<Order>);
    const world = createWorld({ order });
    world.merchants.script('createPayment', () => {
      const stored = world.store.stored(order);
      expect(stored.order).toMatchObject({ payment: 1, payments: 1, version: 2, updated_at: now });
      expect(stored.payments).toEqual([
        {
          order_no: order.order_no,
          n: 1,
          payment_no: order.order_no,
          provider: 'wechat',
          merchant: wechat,
          appid: APPID,
          scene: 'jsapi',
          return_url: null,
          amount: 1234,
          currency: 'CNY',
          description: '苹果',
          points: 5,
          state: 'open',
          version: 1,
          superseded: false,
          begun_at: now,
          expires_at: inAnHour,
          handed_out: null,
          attempt: 1,
          payee: 'shop:mall',
          transaction_id: null,
          paid_at: null,
          booking: null,
          attributed_at: null,
          reserved: 0,
          refunded: 0,
          returned: 0,
          reported: 0,
          discount: null,
        },
      ]);
      expect(world.store.debts(order)).toEqual({ 'payment 1': `check ${isoTime(NOW + MINUTE_MS)}` });
      return undefined;
    });
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(world.store.stored(order).payments).toMatchObject([
      { version: 2, handed_out: { page: 'page-1' } },
    ]);
    expect(world.merchants.requests.createPayment).toMatchObject([
      { payment_no: order.order_no, openid: 'openid-1', description: '苹果', expires_at: inAnHour },
    ]);
  });

  it('moves the deadline from the order to the payment', async () => {
    const order = fresh();
    const world = createWorld({ order });
    const check = { kind: 'check', due: NOW } as const;
    const { order_no } = order;
    await world.store.write({
      order_no,
      writes: [{ update: 'order', of: null, set: {}, owes: check, expects: {} }],
    });
    await issue(world, order);
    expect(Object.keys(world.store.debts(order))).toEqual(['payment 1']);
  });

  it('gives what was handed out while a payer has time to use it, without asking', async () => {
    const good_until = isoTime(NOW + 5 * MINUTE_MS + 1);
    const { world, order } = begun({ handed_out: { page: 'kept', id: null, good_until } });
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'kept' });
    expect(world.merchants.calls).toEqual([]);
    world.clock.now += 1;
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(world.store.changes).toHaveLength(1);
  });

  it('asks again for a page that is too long to be kept, and hands it out on the same conditions', async () => {
    const { world, order, payment } = begun({ handed_out: { page: null, id: 'cs_1', good_until: inAnHour } });
    world.merchants.script('createPayment', () => created(null, 'cs_1'));
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'a long page' });
    expect(world.store.stored(order).payments).toMatchObject([{ handed_out: { id: 'cs_1' }, version: 2 }]);
    world.merchants.script('createPayment', () => {
      world.store.seed({
        order: { ...order, status: 'closed', version: 2 },
        payments: [{ ...payment, version: 3 }],
      });
      return created(null, 'cs_1');
    });
    expect(await issue(world, order)).toEqual({ outcome: 'not_payable' });
    expect(world.merchants.held.get(payment.payment_no)).toBe('closed');
  });

  it('keeps the raised attempt of a creation that the provider failed, for the next to use', async () => {
    const order = fresh();
    const world = createWorld({ order });
    world.merchants.script('createPayment', () => ({ outcome: 'not_created', attempt: 2 }));
    expect(await issue(world, order)).toEqual({ outcome: 'not_created', attempt: 2 });
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued' });
    expect(world.merchants.requests.createPayment.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('leaves everything to be finished when the provider is down', async () => {
    const order = fresh();
    const world = createWorld({ order });
    world.merchants.script('createPayment', () => {
      throw new Error('down');
    });
    await expect(issue(world, order)).rejects.toThrow('down');
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', payment: { n: 1 } });
    const [first, second] = world.merchants.requests.createPayment;
    expect({ ...second, version: 1 }).toEqual({ ...first, version: 1 });
  });
});

describe('a payment that cannot be used', () => {
  const handed_out = { page: 'old', id: null, good_until: inAnHour };

  it.each<[string, Partial<Payment>]>([
    ['failed', { state: 'failed' }],
    ['is of a page of a computer', { scene: 'desktop' }],
    ['is of a page of a phone', { scene: 'mobile' }],
    ['leads back elsewhere', { return_url: 'https://shop.example.com/' }],
    ['is in another app', { appid: 'wxother' }],
    ['is over', { expires_at: now }],
  ])('since it %s is closed and given up; the next has a number of its own', async (_, changes) => {
    const { world, order, payment } = begun({ handed_out, ...changes });
    world.merchants.held.set(payment.payment_no, 'open');
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(world.merchants.calls).toEqual([
      `close ${order.order_no} of ${wechat}`,
      `createPayment ${order.order_no}-2 of ${wechat}`,
    ]);
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'pending', payment: 2, payments: 2 },
      payments: [
        { state: 'closed', superseded: true },
        { n: 2, state: 'open', payment_no: `${order.order_no}-2`, handed_out: { page: 'page-1' } },
      ],
    });
  });

  it('since it is of another provider is closed there, also when a merchant of that has the same name', async () => {
    const { world, order, payment } = begun({
      handed_out,
      provider: 'alipay',
      merchant: wechat,
      appid: APPID,
    });
    const { configured, merchantOf } = world.merchants;
    configured.push(merchantOf('alipay', { name: wechat }));
    const next = { n: 2, provider: 'wechat' };
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1', payment: next });
    expect(world.merchants.held.get(payment.payment_no)).toBe('closed');
  });

  it.each([false, true])(
    'since it is closed is given up without asking, whether a failed one could be paid or not: %s',
    async (failedCanBePaid) => {
      const { world, order } = begun({ state: 'closed', handed_out });
      const result = await issue(world, order, { failedCanBePaid });
      expect(result).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
      expect(world.merchants.calls).toEqual([`createPayment ${order.order_no}-2 of ${wechat}`]);
    },
  );

  it('after an asynchronous failure is not handed out again: not the dead page', async () => {
    const { world, order, payment } = begun({ handed_out });
    await settle(world.ports, successOf(payment, { type: 'failed', transaction_id: null }));
    world.merchants.held.set(payment.payment_no, 'closed');
    expect(world.store.stored(order).order.status).toBe('failed');
    const result = await issue(world, order);
    expect(result).toMatchObject({ outcome: 'issued', page: 'page-1', payment: { n: 2 } });
    expect(world.store.stored(order).order.status).toBe('pending');
  });

  it('failed, where its provider lets it be paid all the same, is opened again with what was handed out', async () => {
    const { world, order } = begun({ state: 'failed', handed_out }, { status: 'failed' });
    const result = await issue(world, order, { failedCanBePaid: true });
    const payment = { n: 1, state: 'open', version: 2 };
    expect(result).toMatchObject({ outcome: 'issued', page: 'old', payment });
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'pending', version: 2 },
      payments: [{ state: 'open', version: 2 }],
    });
    expect(world.merchants.calls).toEqual([]);
  });

  it('is not begun anew while it is being paid', async () => {
    const { world, order, payment } = begun({ scene: 'desktop' });
    world.merchants.script('close', () => 'not_closed');
    expect(await issue(world, order)).toEqual({ outcome: 'being_paid' });
    expect(world.store.stored(order)).toMatchObject({ order, payments: [payment] });
  });

  it('is found to have been paid, and settled', async () => {
    const { world, order, payment } = begun({ scene: 'desktop' });
    world.merchants.pay(payment);
    expect(await issue(world, order)).toEqual({ outcome: 'already_paid' });
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'paid', paid_by: 1 } });
  });

  it('that its provider does not hold stays in work when the next is begun', async () => {
    const { world, order, payment } = begun({ scene: 'desktop' });
    world.merchants.held.delete(payment.payment_no);
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
    expect(world.store.stored(order).payments).toMatchObject([{ state: 'open', superseded: true }, { n: 2 }]);
  });

  it('whose number was spent by an earlier transaction is followed by the next number', async () => {
    const { world, order, payment } = begun({ begun_at: now });
    world.merchants.held.set(payment.payment_no, successOf(payment, { paid_at: '2020-01-01T00:00:00.000Z' }));
    const result = await issue(world, order);
    expect(result).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
    const stored = world.store.stored(order);
    expect(stored).toMatchObject({ order: { status: 'pending' }, exceptions: [{ kind: 'number_spent' }] });
    expect(stored.payments[0]).toMatchObject({ state: 'closed', superseded: true, booking: null });
  });
});

describe('a merchant that was replaced', () => {
  const other = '1900000002';
  function replaced(isStillConfigured: boolean) {
    const it = begun();
    const { configured, merchantOf } = it.world.merchants;
    const [old] = configured;
    configured.splice(
      0,
      1,
      merchantOf('wechat', { name: other }),
      ...(isStillConfigured && old ? [old] : []),
    );
    return it;
  }

  it('closes its own payment while its documents are there; the next is the new one’s', async () => {
    const { world, order } = replaced(true);
    expect(await issue(world, order)).toMatchObject({
      outcome: 'issued',
      payment: { n: 2, merchant: other },
    });
    expect(world.merchants.calls).toEqual([
      `close ${order.order_no} of ${wechat}`,
      `createPayment ${order.order_no}-2 of ${other}`,
    ]);
  });

  it('is never asked in the name of another: the payment waits on an exception', async () => {
    const { world, order, payment } = replaced(false);
    for (const _ of [1, 2]) expect(await issue(world, order)).toEqual({ outcome: 'being_paid' });
    expect(world.merchants.calls).toEqual([]);
    expect(world.store.stored(order)).toMatchObject({
      order,
      payments: [payment],
      exceptions: [
        { kind: 'merchant_missing', merchant: wechat, payment_no: payment.payment_no, amount: 1234 },
      ],
    });
  });
});

describe('an order', () => {
  it.each(['paid', 'closed', 'refunding', 'refunded'] as const)('that is %s is not paid', async (status) => {
    const { world, order } = begun({}, { status });
    expect(await issue(world, order)).toEqual({ outcome: 'not_payable' });
    expect(world.merchants.calls).toEqual([]);
  });

  it('whose time is over is not paid', async () => {
    const { world, order } = begun({}, { expires_at: now });
    expect(await issue(world, order)).toEqual({ outcome: 'not_payable' });
    world.clock.now -= 1;
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued' });
  });

  it('that leaves less time than its provider takes is too late, and stays as it is', async () => {
    const order = fresh({ expires_at: isoTime(NOW + MINUTE_MS - 1) });
    const world = createWorld({ order });
    expect(await issue(world, order)).toEqual({ outcome: 'too_late' });
    expect(world.store.stored(order)).toMatchObject({ order, payments: [] });
    const enough = fresh({ expires_at: isoTime(NOW + MINUTE_MS) });
    world.store.seed({ order: enough });
    expect(await issue(world, enough)).toMatchObject({ payment: { expires_at: enough.expires_at } });
  });

  it('without a deadline has payments as long as their provider takes them', async () => {
    const order = fresh({ expires_at: null });
    const world = createWorld({ order });
    expect(await issue(world, order)).toMatchObject({ payment: { expires_at: isoTime(NOW + 2 * HOUR_MS) } });
  });

  it('has at most 99 payments, and then an exception, once', async () => {
    const { world, order } = begun({ n: 98, state: 'closed' }, { payment: 98, payments: 98 });
    expect(await issue(world, order)).toMatchObject({
      payment: { n: 99, payment_no: `${order.order_no}-99` },
    });
    const last = world.store.stored(order);
    world.store.seed({ payments: last.payments.map((one) => ({ ...one, state: 'closed' as const })) });
    for (const _ of [1, 2]) expect(await issue(world, order)).toEqual({ outcome: 'numbers_exhausted' });
    const stored = world.store.stored(order);
    expect(stored.exceptions).toMatchObject([
      { kind: 'numbers_exhausted', payment_no: null, provider: null },
    ]);
    expect(stored.order).toEqual(last.order);
  });
});

describe('handing out', () => {
  const replacedBy = (order: Order, payment: Payment) => ({
    order: { ...order, amount: 1, payment: null, version: 2 } as Order,
    payments: [{ ...payment, superseded: true, version: 2 }],
  });

  it('is refused when the payment was given up meanwhile: that number is closed, and the next handed out', async () => {
    const { world, order, payment } = begun();
    world.merchants.script('createPayment', () => {
      world.store.seed(replacedBy(order, payment));
      return undefined;
    });
    const result = await issue(world, order);
    expect(result).toMatchObject({ outcome: 'issued', page: 'page-2', payment: { n: 2, amount: 1 } });
    expect(world.merchants.calls).toEqual([
      `createPayment ${order.order_no} of ${wechat}`,
      `close ${order.order_no} of ${wechat}`,
      `createPayment ${order.order_no}-2 of ${wechat}`,
    ]);
    expect(world.store.stored(order).payments).toMatchObject([
      { state: 'closed', superseded: true, handed_out: null },
      { n: 2, state: 'open', handed_out: { page: 'page-2' } },
    ]);
  });

  it('is refused when the order was closed meanwhile, with the payment or without: that number is closed', async () => {
    for (const state of ['open', 'closed'] as const) {
      const { world, order, payment } = begun();
      world.merchants.script('createPayment', () => {
        world.store.seed({
          order: { ...order, status: 'closed', version: 2 },
          payments: [{ ...payment, state, version: 2 }],
        });
        return undefined;
      });
      expect(await issue(world, order)).toEqual({ outcome: 'not_payable' });
      expect(world.merchants.held.get(payment.payment_no)).toBe('closed');
      expect(world.store.stored(order).payments).toMatchObject([{ state: 'closed', handed_out: null }]);
    }
  });

  it('is refused when the payment alone was closed meanwhile: that number is closed, and the next handed out', async () => {
    const { world, order, payment } = begun();
    world.merchants.script('createPayment', () => {
      world.store.seed({ payments: [{ ...payment, state: 'closed', version: 2 }] });
      return undefined;
    });
    const result = await issue(world, order);
    expect(result).toMatchObject({ outcome: 'issued', page: 'page-2', payment: { n: 2 } });
    expect(world.merchants.held.get(payment.payment_no)).toBe('closed');
  });

  it('leaves in work what cannot be closed at that moment', async () => {
    const { world, order, payment } = begun();
    const { order_no } = order;
    const owes = { kind: 'check', due: NOW } as const;
    await world.store.write({ order_no, writes: [{ update: 'payment', of: 1, set: {}, owes, expects: {} }] });
    world.merchants.script('createPayment', async () => {
      const { ports } = world;
      await ports.store.write({
        order_no,
        writes: [
          { update: 'order', of: null, set: { payment: null }, expects: {} },
          { update: 'payment', of: 1, set: { superseded: true }, expects: {} },
        ],
      });
      return undefined;
    });
    world.merchants.script('close', () => 'not_closed');
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
    expect(world.store.stored(order).payments[0]).toMatchObject({ state: 'open', superseded: true });
    expect(world.store.debts(order)).toMatchObject({ 'payment 1': `check ${now}` });
    expect(payment.payment_no).toBe(order_no);
  });

  it('raises the payment’s version, so that whoever asked the provider before asks again', async () => {
    const { world, order } = begun();
    await issue(world, order);
    expect(world.store.stored(order).payments).toMatchObject([{ version: 2 }]);
    expect(world.store.stored(order).order.version).toBe(1);
  });

  it('is of one page to all who ask at once', async () => {
    const { world, order } = begun();
    const results = await Promise.all(Array.from({ length: 5 }, () => issue(world, order)));
    expect(world.merchants.requests.createPayment).toHaveLength(5);
    expect(results).toMatchObject(Array(5).fill({ outcome: 'issued', page: 'page-1' }));
    expect(world.store.stored(order).payments).toMatchObject([
      { handed_out: { page: 'page-1' }, version: 6 },
    ]);
  });

  it('is of what was given for it where only something else of the payment has changed', async () => {
    const { world, order, payment } = begun();
    world.store.before('write', () =>
      world.store.seed({ payments: [{ ...payment, attempt: 2, version: 2 }] }),
    );
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(world.store.stored(order).payments).toMatchObject([
      { handed_out: { page: 'page-1' }, attempt: 2, version: 3 },
    ]);
  });

  it('gives up where the payment changes again and again', async () => {
    const { world, order, payment } = begun();
    let { version } = payment;
    const change = () => world.store.seed({ payments: [{ ...payment, version: ++version }] });
    world.store.before('write', ...Array.from({ length: 5 }, () => change));
    await expect(issue(world, order)).rejects.toThrow(ContentionError);
    expect(world.merchants.calls).toEqual([`createPayment ${order.order_no} of ${wechat}`]);
  });

  it('is of a page of their own to all who ask at once for the last minutes', async () => {
    const { world, order } = begun();
    const good_until = isoTime(NOW + 5 * MINUTE_MS);
    const pages = ['a', 'b', 'c', 'd', 'e', 'f'];
    const given = pages.map(
      (page) => () =>
        ({ outcome: 'created', page, handed_out: { page, id: null, good_until } }) satisfies CreatedPayment,
    );
    world.merchants.script('createPayment', ...given);
    const results = await Promise.all(pages.map(() => issue(world, order)));
    expect(results).toMatchObject(pages.map((page) => ({ outcome: 'issued', page })));
  });

  it('is of a page that is too long to be kept whatever else of the payment changes', async () => {
    const { world, order, payment } = begun();
    let { version } = payment;
    const change = () => world.store.seed({ payments: [{ ...payment, version: ++version }] });
    world.store.before('write', ...Array.from({ length: 5 }, () => change));
    world.merchants.script('createPayment', () => created(null, 'cs_1'));
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', page: 'a long page' });
    expect(version).toBe(2);
  });

  it('is of what was paid meanwhile refused, and the order found paid', async () => {
    const { world, order, payment } = begun();
    world.merchants.script('createPayment', async () => {
      await settle(world.ports, successOf(payment));
      return undefined;
    });
    expect(await issue(world, order)).toEqual({ outcome: 'already_paid' });
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'paid' } });
  });

  it('finds out what became of a number that takes no payment any more', async () => {
    const { world, order, payment } = begun();
    world.merchants.pay(payment);
    expect(await issue(world, order)).toEqual({ outcome: 'already_paid' });
    expect(world.store.stored(order)).toMatchObject({ order: { status: 'paid', paid_by: 1 } });

    const closed = begun();
    closed.world.merchants.held.set(closed.payment.payment_no, 'closed');
    const result = await issue(closed.world, closed.order);
    expect(result).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
  });

  it('goes on to the next number where this one was spent by an earlier transaction', async () => {
    const { world, order, payment } = begun();
    const old = successOf(payment, { paid_at: '2020-01-01T00:00:00.000Z' });
    world.merchants.held.set(payment.payment_no, old);
    expect(await issue(world, order)).toMatchObject({ outcome: 'issued', payment: { n: 2 } });
    expect(world.store.stored(order)).toMatchObject({
      order: { status: 'pending' },
      payments: [{ state: 'closed', booking: null }, { n: 2 }],
      exceptions: [{ kind: 'number_spent' }],
    });
  });

  it('gives up when every payment is given up before it can be handed out', async () => {
    const { world, order } = begun();
    world.merchants.script(
      'createPayment',
      ...Array.from({ length: 10 }, () => () => {
        const stored = world.store.stored(order);
        world.store.seed({
          order: { ...stored.order, payment: null, version: stored.order.version + 1 },
          payments: stored.payments.map((one) => ({ ...one, superseded: true, version: one.version + 1 })),
        });
        return undefined;
      }),
    );
    await expect(issue(world, order)).rejects.toThrow(ContentionError);
    expect(world.merchants.requests.createPayment).toHaveLength(5);
    const open = world.store.stored(order).payments.filter(({ state }) => state === 'open');
    expect(open).toEqual([]);
  });
});
