import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Order, ShopOrder } from '../../../lib/orders/order.ts';
import type { ShippingAnswer } from '../../../lib/orders/provider-gateway.ts';
import { checkShipping, shipOrder, tellShipping } from '../../../lib/orders/ship-order.ts';
import type { Shipment, Shipping } from '../../../lib/orders/shipping.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { NOW, paidPayment, paymentOf, shippingOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const parcel = { express_company: 'SF', tracking_no: 'SF1', contact: '138****1234' };
const shipment: Shipment = { logistics_type: 'courier', items: '苹果', parcels: [parcel] };
const corrected: Shipment = { ...shipment, parcels: [{ ...parcel, tracking_no: 'SF2' }] };
const thirdTime: Shipment = { ...shipment, items: '梨' };

function arrange(changes: Partial<ShopOrder> = {}, shipping?: Partial<Shipping>) {
  const order = shopOrder({ status: 'paid', paid_by: 1, paid_at: isoTime(NOW), ...changes });
  const payment = order.paid_by === null ? paymentOf(order) : paidPayment(order);
  const sent = shipping && shippingOf(payment, shipping);
  const world = createWorld({ order, payments: [payment], ...(sent && { shipping: sent }) });
  return {
    ...world,
    order,
    payment,
    ship: (what = shipment) => shipOrder(world.ports, order.order_no, what, () => true),
    stored: () => world.store.stored(order),
    refuse: (code: string) => world.merchants.script('reportShipping', () => ({ state: 'refused', code })),
    down: () =>
      world.merchants.script('reportShipping', () => {
        throw new ProviderCallError('wechat', null, 'down');
      }),
  };
}

const debtOf = (world: Pick<World, 'store'>, order: Order) => world.store.debts(order)['shipping'];

describe('an order that was sent', () => {
  it('is kept before its provider is told, and told', async () => {
    const { ship, stored, merchants, store, order, payment } = arrange();
    merchants.script('reportShipping', () => {
      expect(stored().shipping).toEqual({
        ...{ order_no: order.order_no, payment: 1, payment_no: payment.payment_no, provider: 'wechat' },
        ...shipment,
        ...{ state: 'open', version: 1, told: 0, refusal: null },
        ...{ requested_at: isoTime(NOW), told_at: null },
      });
      expect(debtOf({ store }, order)).toBe(`check ${isoTime(NOW + MINUTE_MS)}`);
      return undefined;
    });
    const result = await ship();
    const shipping = stored().shipping;
    expect(shipping).toMatchObject({ state: 'told', told: 1, told_at: isoTime(NOW), version: 2 });
    const sent = { ...stored(), shipping: { ...shipment, state: 'open' } };
    expect(result).toMatchObject({ outcome: 'shipped', snapshot: sent, shipping });
    expect(debtOf({ store }, order)).toBeUndefined();
    expect(merchants.requests.reportShipping).toMatchObject([{ payment_no: payment.payment_no }]);
    expect(stored()).toMatchObject({ order, payments: [payment], exceptions: [] });
  });

  it.each([
    ['pending', null],
    ['failed', null],
    ['closed', null],
    ['refunded', 1],
    ['paid', null],
  ] as const)('is none while it is %s, paid by %j', async (status, paid_by) => {
    const { ship, store, merchants } = arrange({ status, paid_by });
    expect(await ship()).toEqual({ outcome: 'not_paid' });
    expect([store.changes, merchants.calls]).toEqual([[], []]);
  });

  it('is one while some of its money is on its way back', async () => {
    const { ship } = arrange({ status: 'refunding' });
    expect(await ship()).toMatchObject({ outcome: 'shipped', shipping: { state: 'told' } });
  });

  it('is found by nobody to whom it is denied, or where there is none', async () => {
    const { ports, order, merchants } = arrange();
    expect(await shipOrder(ports, order.order_no, shipment, () => false)).toEqual({ outcome: 'not_found' });
    expect(await shipOrder(ports, 'mall-123456789', shipment, () => true)).toEqual({ outcome: 'not_found' });
    expect(merchants.calls).toEqual([]);
  });

  it('is told once, however often the same is said, which is read once', async () => {
    const { ship, merchants, stored, store } = arrange();
    await ship();
    const calls = store.calls.length;
    expect(await ship()).toMatchObject({ outcome: 'shipped', shipping: { state: 'told', told: 1 } });
    expect(store.calls.slice(calls)).toEqual(['read']);
    expect(merchants.calls).toHaveLength(1);
    expect(stored().shipping?.version).toBe(2);
  });

  it('is corrected once', async () => {
    const { ship, merchants, stored, clock } = arrange();
    await ship();
    clock.now += 1_000;
    expect(await ship(corrected)).toMatchObject({ outcome: 'shipped', shipping: { state: 'told', told: 2 } });
    expect(stored().shipping).toMatchObject(corrected);
    expect(await ship(thirdTime)).toEqual({ outcome: 'corrected_before' });
    expect(await ship(corrected)).toMatchObject({ outcome: 'shipped' });
    expect(stored().shipping).toMatchObject(corrected);
    expect(merchants.shipments.map(({ parcels }) => parcels[0]?.tracking_no)).toEqual(['SF1', 'SF2']);
  });

  it('is corrected after what it corrects, whatever the clock says', async () => {
    for (const passed_ms of [0, -5_000]) {
      const { ship, merchants, clock } = arrange();
      await ship();
      clock.now += passed_ms;
      await ship(corrected);
      const [first = '', second = ''] = merchants.shipments.map(({ requested_at }) => requested_at);
      expect(second > first).toBe(true);
    }
  });

  it('stays owed while its provider is down, and is told as it was said first', async () => {
    const { ship, down, stored, store, order, failures, merchants, ports, clock } = arrange();
    down();
    expect(await ship()).toMatchObject({ outcome: 'shipped', shipping: { state: 'open', told: 0 } });
    expect(failures).toMatchObject([{ message: 'down' }]);
    expect(debtOf({ store }, order)).toBe(`check ${isoTime(NOW + MINUTE_MS)}`);
    clock.now += HOUR_MS;
    expect(await tellShipping(ports, order.order_no)).toMatchObject({ state: 'told', told: 1 });
    expect(stored().shipping?.told_at).toBe(isoTime(NOW + HOUR_MS));
    expect(merchants.shipments.map(({ requested_at }) => requested_at)).toEqual([isoTime(NOW), isoTime(NOW)]);
    expect(debtOf({ store }, order)).toBeUndefined();
  });

  it('lets what is no failure of its provider pass, and stays owed', async () => {
    const { ports, order, store, stored } = arrange({}, {});
    store.before('write', () => 'lose request');
    await expect(tellShipping(ports, order.order_no)).rejects.toThrow('lost');
    expect(stored().shipping).toMatchObject({ state: 'open', told: 0 });
  });

  it('that is refused is told of once to people, and may be said again', async () => {
    const { ship, refuse, stored, store, order, payment, merchants, clock } = arrange();
    refuse('10060031');
    expect(await ship()).toMatchObject({
      outcome: 'shipped',
      shipping: { state: 'refused', refusal: '10060031', told: 0, told_at: null },
    });
    const { amount, currency, merchant, payment_no, transaction_id } = payment;
    const about = { provider: 'wechat', amount, currency, merchant, payment_no, transaction_id };
    const told = { kind: 'not_shipped', state: 'open', reason: '10060031', ...about };
    expect(stored().exceptions).toMatchObject([told]);
    expect(debtOf({ store }, order)).toBeUndefined();
    refuse('10060009');
    clock.now += 1_000;
    expect(await ship()).toMatchObject({ shipping: { state: 'refused', refusal: '10060009' } });
    expect(stored().exceptions).toMatchObject([told]);
    expect(merchants.calls).toHaveLength(2);
  });

  it('ends by itself what people were told, once it is told', async () => {
    const { ship, refuse, stored, clock } = arrange();
    refuse('10060031');
    await ship();
    clock.now += 1_000;
    expect(await ship()).toMatchObject({ shipping: { state: 'told', refusal: null, told: 1 } });
    expect(stored().exceptions).toMatchObject([
      {
        kind: 'not_shipped',
        state: 'resolved',
        resolved: {
          ...{ resolution: 'repaired', reason: 'its provider has been told', by: 'settle' },
          ...{ at: isoTime(NOW + 1_000), entries: [], refund_no: null },
        },
      },
    ]);
  });

  it('ends nothing else that people were told, nor what somebody has ended otherwise', async () => {
    const { ship, stored, store, payment, ports } = arrange();
    await checkShipping(ports, payment, { withinHours: 0, mealPickup: false });
    const [told] = stored().exceptions;
    if (!told) throw new Error('nobody was told');
    const resolved = { resolution: 'dismissed', reason: '核对过', by: 'admin-1', at: isoTime(NOW) } as const;
    const end = { ...resolved, entries: [], refund_no: null };
    const exceptions = [
      { ...told, state: 'resolved', resolved: end },
      { ...told, kind: 'refund_failed' },
    ] as const;
    store.seed({ exceptions });
    await ship();
    expect(stored().exceptions).toEqual(exceptions);
  });

  it('is unsupported where its provider cannot be told, of which a person hears', async () => {
    const { ship, merchants, stored } = arrange();
    merchants.script('reportShipping', () => ({ state: 'unsupported' }));
    expect(await ship()).toEqual({ outcome: 'unsupported' });
    expect(stored()).toMatchObject({
      shipping: { state: 'refused', refusal: 'unsupported' },
      exceptions: [{ kind: 'not_shipped', state: 'open', reason: 'unsupported' }],
    });
    merchants.configured.length = 0;
    expect(await ship()).toEqual({ outcome: 'unsupported' });
    expect(stored().exceptions).toHaveLength(1);
  });

  it.each<[string, ShippingAnswer]>([
    ['taken', { state: 'told' }],
    ['refused', { state: 'refused', code: '10060004' }],
  ])('that is corrected while it is told is told anew, the first being %s', async (_, answer) => {
    const { ship, merchants, stored, store, order, ports } = arrange();
    merchants.script('reportShipping', async () => {
      merchants.script('reportShipping', () => {
        throw new ProviderCallError('wechat', null, 'down');
      });
      await ship(corrected);
      return answer;
    });
    expect(await ship()).toMatchObject({ shipping: { ...corrected, state: 'open' } });
    const told = answer.state === 'told' ? 1 : 0;
    expect(stored()).toMatchObject({ shipping: { ...corrected, state: 'open', told }, exceptions: [] });
    expect(debtOf({ store }, order)).toBeDefined();
    expect(await tellShipping(ports, order.order_no)).toMatchObject({ state: 'told', told: told + 1 });
    const [first, ...others] = merchants.shipments;
    expect(first).toMatchObject(shipment);
    for (const other of others) expect(other).toMatchObject(corrected);
  });

  it.each<[string, ShippingAnswer]>([
    ['taken twice', { state: 'told' }],
    ['refused by one', { state: 'refused', code: '10060014' }],
  ])('that is told twice at once counts once, being %s', async (_, late) => {
    const { ship, merchants, stored, ports, order } = arrange();
    merchants.script('reportShipping', async () => {
      await tellShipping(ports, order.order_no);
      return late;
    });
    expect(await ship()).toMatchObject({ shipping: { state: 'told', told: 1 } });
    expect(merchants.calls).toHaveLength(2);
    expect(stored()).toMatchObject({ shipping: { state: 'told', told: 1, version: 2 }, exceptions: [] });
    expect(await ship(corrected)).toMatchObject({ shipping: { state: 'told', told: 2 } });
  });

  it('that was counted, and then corrected before its own reply came, is not counted again', async () => {
    const { ship, store, stored, clock } = arrange();
    // The store's client makes a write again whose reply was lost; meanwhile the order is corrected.
    const { write } = store;
    let writes = 0;
    store.write = async (change) => {
      writes += 1;
      if (writes !== 2) return write(change);
      await write(change);
      clock.now += 1_000;
      await ship(corrected);
      return write(change);
    };
    expect(await ship()).toMatchObject({ shipping: corrected });
    expect(stored().shipping).toMatchObject({ ...corrected, state: 'told', told: 2, version: 4 });
  });

  it('that two tellings at once are refused is refused as the first was', async () => {
    const { ship, merchants, stored, refuse, ports, order } = arrange();
    merchants.script('reportShipping', async () => {
      await tellShipping(ports, order.order_no);
      return { state: 'refused', code: '10060014' };
    });
    refuse('10060031');
    const first = { state: 'refused', refusal: '10060031', version: 2 };
    expect(await ship()).toMatchObject({ shipping: first });
    expect(stored()).toMatchObject({ shipping: first, exceptions: [{ reason: '10060031' }] });
  });

  it('is told although another telling of it was refused at the same time', async () => {
    const { ship, merchants, stored, ports, order } = arrange();
    merchants.script(
      'reportShipping',
      async () => {
        await tellShipping(ports, order.order_no);
        return { state: 'told' };
      },
      () => ({ state: 'refused', code: '10060014' }),
    );
    expect(await ship()).toMatchObject({ shipping: { state: 'told', told: 1, refusal: null } });
    expect(stored().exceptions).toMatchObject([{ kind: 'not_shipped', state: 'resolved' }]);
  });

  it('of which all has gone back meanwhile is nobody’s concern', async () => {
    const { ports, order, merchants, store, stored } = arrange({}, {});
    merchants.script('reportShipping', () => {
      store.seed({ order: { ...order, status: 'refunded', version: 2 } });
      return { state: 'refused', code: '10060004' };
    });
    expect(await tellShipping(ports, order.order_no)).toMatchObject({ state: 'refused' });
    expect(stored().exceptions).toEqual([]);
  });

  it.each(['told', 'refused'] as const)('is not told once more when it is %s by then', async (state) => {
    const { ports, order, merchants, stored } = arrange({}, { state });
    expect(await tellShipping(ports, order.order_no)).toEqual(stored().shipping);
    expect(merchants.calls).toEqual([]);
  });

  it('is not told where it is not stored: a mistake', async () => {
    const { ports, order } = arrange();
    for (const order_no of [order.order_no, 'mall-123456789']) {
      await expect(tellShipping(ports, order_no)).rejects.toThrow('names no payment');
    }
  });
});

describe('looking whether a paid order was sent', () => {
  const settings = { withinHours: 48, mealPickup: false };
  const afterDeadline = NOW + 48 * HOUR_MS;

  function late(changes: Partial<ShopOrder> = {}, shipping?: Partial<Shipping>) {
    const arranged = arrange(changes, shipping);
    arranged.clock.now = afterDeadline;
    const { store, ports, order, payment } = arranged;
    return {
      ...arranged,
      owe: () =>
        store.write({
          order_no: order.order_no,
          writes: [{ update: 'payment', of: 1, set: {}, owes: { kind: 'check', due: NOW }, expects: {} }],
        }),
      check: (more: Partial<typeof settings> = {}) => checkShipping(ports, payment, { ...settings, ...more }),
    };
  }

  it('tells people once that it was not, when its time is over and not before', async () => {
    const { check, owe, stored, store, order, clock } = late();
    await owe();
    clock.now = afterDeadline - 1;
    expect(await check()).toEqual({ outcome: 'open' });
    expect(stored().exceptions).toEqual([]);
    clock.now = afterDeadline;
    expect(await check()).toEqual({ outcome: 'not_shipped' });
    expect(stored().exceptions).toMatchObject([{ kind: 'not_shipped', state: 'open', reason: null }]);
    expect(Object.keys(store.debts(order)).toSorted()).toEqual([expect.stringMatching(/^exception/)]);
    expect(await check()).toEqual({ outcome: 'not_shipped' });
    expect(stored().exceptions).toHaveLength(1);
  });

  it('ends that when it is sent after all', async () => {
    const { check, ship, stored } = late();
    await check();
    await ship();
    expect(stored().exceptions).toMatchObject([{ state: 'resolved', resolved: { resolution: 'repaired' } }]);
    expect(await check()).toEqual({ outcome: 'cleared' });
    expect(stored().exceptions).toHaveLength(1);
  });

  it.each<[string, Partial<ShopOrder>, Partial<Shipping> | undefined]>([
    ['it was told', {}, { state: 'told', told: 1 }],
    ['it was told, and is being corrected', {}, { state: 'open', told: 1 }],
    ['it was told, and a correction refused', {}, { state: 'refused', told: 1, refusal: '10060003' }],
    ['all of it has gone back', { status: 'refunded' }, undefined],
    ['it is not paid', { status: 'pending', paid_by: null }, undefined],
  ])('is over where %s', async (_, changes, shipping) => {
    const { check, store, merchants } = late(changes, shipping);
    expect(await check()).toEqual({ outcome: 'cleared' });
    expect([store.changes, merchants.calls]).toEqual([[], []]);
  });

  it('is over for a payment where another paid the order', async () => {
    const { check, order, store } = late({ paid_by: 2, payments: 2 });
    store.seed({ payments: [paidPayment(order, { n: 2 })] });
    expect(await check()).toEqual({ outcome: 'cleared' });
    expect(store.changes).toEqual([]);
  });

  it('waits while some of it is on its way back', async () => {
    const { check, store } = late({ status: 'refunding' });
    expect(await check()).toEqual({ outcome: 'open' });
    expect(store.changes).toEqual([]);
  });

  it.each([
    ['does not answer', { state: 'open' }, null],
    ['has refused it', { state: 'refused', refusal: '10060031' }, '10060031'],
  ] as const)('tells people where its provider %s', async (_, shipping, reason) => {
    const { check, stored, merchants } = late({}, shipping);
    expect(await check()).toEqual({ outcome: 'not_shipped' });
    expect(stored().exceptions).toMatchObject([{ kind: 'not_shipped', reason }]);
    expect(stored().shipping).toMatchObject(shipping);
    expect(merchants.calls).toEqual([]);
  });

  it('tells of a meal that is fetched by itself, as soon as it is looked at', async () => {
    const { check, stored, merchants, clock } = late({ kind: 'meal', description: '牛肉面' });
    clock.now = NOW;
    expect(await check({ mealPickup: true })).toEqual({ outcome: 'open' });
    expect(stored().shipping).toMatchObject({
      ...{ logistics_type: 'pickup', items: '牛肉面', parcels: [], state: 'told', told: 1 },
    });
    expect(merchants.shipments).toHaveLength(1);
    expect(await check({ mealPickup: true })).toEqual({ outcome: 'cleared' });
    expect(merchants.shipments).toHaveLength(1);
  });

  it.each([
    ['mall', true],
    ['meal', false],
  ] as const)('tells of no %s by itself, meals being told of: %j', async (kind, mealPickup) => {
    const { check, stored, clock } = late({ kind });
    clock.now = NOW;
    expect(await check({ mealPickup })).toEqual({ outcome: 'open' });
    expect(stored().shipping).toBeNull();
  });

  it('tells of a meal in no more than 120 characters, and in some', async () => {
    const long = late({ kind: 'meal', description: '🍜'.repeat(60).padEnd(200, 'x') });
    await long.check({ mealPickup: true });
    const [told] = long.merchants.shipments;
    expect([...(told?.items ?? '')]).toHaveLength(120);
    expect(told?.items.startsWith('🍜'.repeat(60))).toBe(true);
    const erased = late({ kind: 'meal', description: '' });
    await erased.check({ mealPickup: true });
    expect(erased.merchants.shipments).toMatchObject([{ items: erased.order.order_no }]);
  });

  it('of a meal that its provider does not take for now goes on, and people are told in time', async () => {
    const { check, down, stored, clock, store, order } = late({ kind: 'meal' });
    clock.now = NOW;
    down();
    await expect(check({ mealPickup: true })).rejects.toThrow('down');
    expect(stored().shipping).toMatchObject({ state: 'open' });
    expect(debtOf({ store }, order)).toBe(`check ${isoTime(NOW + MINUTE_MS)}`);
    expect(await check({ mealPickup: true })).toEqual({ outcome: 'open' });
    expect(stored().exceptions).toEqual([]);
    clock.now = afterDeadline;
    expect(await check({ mealPickup: true })).toEqual({ outcome: 'not_shipped' });
  });

  it('finds nothing of an order that there is not, or that is a tenant’s to look after', async () => {
    const { ports } = arrange();
    expect(await checkShipping(ports, { order_no: 'mall-123456789', n: 1 }, settings)).toEqual({
      outcome: 'cleared',
    });
    const order = tenantOrder();
    const world = createWorld({ order, payments: [paymentOf(order)] });
    expect(await checkShipping(world.ports, { order_no: order.order_no, n: 1 }, settings)).toEqual({
      outcome: 'cleared',
    });
  });
});
