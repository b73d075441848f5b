import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import { type CheckoutRequest, checkout } from '../../../lib/orders/checkout.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import type { IdempotentCaller } from '../../../lib/orders/idempotency.ts';
import { isOrderNumber } from '../../../lib/orders/order-number.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { checkoutRequest, merchantNames, NOW, successOf } from '../../support/orders.ts';
import { createWorld, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const request = checkoutRequest();
const caller: IdempotentCaller = { operation: 'checkout', subject: 'admin-1', key: 'k' };

async function make(
  world: World,
  by: IdempotentCaller | null = caller,
  changes: Partial<CheckoutRequest> = {},
) {
  const merchant = await world.merchants.current('stripe', null);
  if (!merchant) throw new Error('nobody is paid');
  const heard: string[] = [];
  const payee = { merchant, appid: null, scene: 'desktop', return_url: null, payer_client_ip: null } as const;
  const result = await checkout(world.ports, { ...request, ...changes }, by, payee, (no) => heard.push(no));
  if (result.outcome !== 'key_reused') expect(heard).toEqual([result.order_no]);
  return result;
}

const numberOf = (result: Awaited<ReturnType<typeof make>>) => {
  if (result.outcome === 'key_reused') throw new Error(result.outcome);
  return { order_no: result.order_no };
};

describe('checkout', () => {
  it('stores order and payment before the provider is asked', async () => {
    const world = createWorld();
    const expires_at = isoTime(NOW + 2 * HOUR_MS);
    world.merchants.script('createPayment', () => {
      const [change] = world.store.changes;
      const { order, payments } = world.store.stored({ order_no: change?.order_no ?? '' });
      expect(order).toMatchObject({
        ...{ kind: 'tenant', tenant_id: 7, amount: 1999, currency: 'USD', status: 'pending' },
        ...{ payment: 1, payments: 1, paid_by: null, expires_at, description: `订单 ${order.order_no}` },
      });
      expect(payments).toMatchObject([
        {
          n: 1,
          provider: 'stripe',
          merchant: merchantNames.stripe,
          amount: 1999,
          currency: 'USD',
          expires_at,
        },
      ]);
      expect(payments).toMatchObject([{ payee: 'tenant:7', points: 0, scene: 'desktop', appid: null }]);
      expect(world.store.debts(order)).toEqual({ 'payment 1': `check ${isoTime(NOW + 60_000)}` });
      return undefined;
    });
    const result = await make(world, null);
    expect(result).toMatchObject({ outcome: 'issued', page: 'page-1' });
    expect(isOrderNumber(numberOf(result).order_no)).toBe(true);
    expect(world.merchants.requests.createPayment).toMatchObject([{ openid: null, expires_at }]);
    expect(world.store.count('idempotency')).toBe(0);
  });

  it('makes another order for every request without a key', async () => {
    const world = createWorld();
    expect(numberOf(await make(world, null))).not.toEqual(numberOf(await make(world, null)));
  });

  it('answers the same key and body with the same order and page, asking once', async () => {
    const world = createWorld();
    const first = await make(world);
    world.clock.now += HOUR_MS;
    expect(await make(world)).toMatchObject({ ...numberOf(first), outcome: 'issued', page: 'page-1' });
    expect(world.merchants.calls).toHaveLength(1);
    expect(world.store.count('order')).toBe(1);
  });

  it('makes one order of many requests at once', async () => {
    const world = createWorld();
    const results = await Promise.all(Array.from({ length: 10 }, () => make(world)));
    expect(new Set(results.map((result) => numberOf(result).order_no)).size).toBe(1);
    expect(world.store.count('order')).toBe(1);
  });

  it.each([{ tenant_id: 8 }, { amount: 1 }, { currency: 'EUR' }, { provider: 'alipay' }] as const)(
    'refuses the same key with another body: %j',
    async (change) => {
      const world = createWorld();
      await make(world);
      expect(await make(world, caller, change)).toEqual({ outcome: 'key_reused' });
      expect(world.store.count('order')).toBe(1);
    },
  );

  it('keeps callers, operations and keys apart, whatever is in them', async () => {
    const world = createWorld();
    const callers = [
      caller,
      { ...caller, subject: 'admin-2' },
      { ...caller, subject: 'a', key: 'b#c' },
      { ...caller, subject: 'a#b', key: 'c' },
      { ...caller, subject: '用'.repeat(256) },
      { ...caller, subject: '\ud800' },
      { ...caller, subject: '\ud801' },
    ];
    for (const one of callers) await make(world, one);
    expect(world.store.count('order')).toBe(callers.length);
  });

  it('frees the key after 24 hours, to the millisecond', async () => {
    const world = createWorld();
    const first = numberOf(await make(world));
    world.clock.now = NOW + 24 * HOUR_MS - 1;
    expect(await make(world)).toMatchObject({ ...first, outcome: 'not_payable' });
    world.clock.now = NOW + 24 * HOUR_MS;
    const later = await make(world);
    expect(later.outcome).toBe('issued');
    expect(numberOf(later)).not.toEqual(first);
  });

  it('finishes with the same key what the provider failed', async () => {
    const world = createWorld();
    world.merchants.script(
      'createPayment',
      () => {
        throw new Error('down');
      },
      () => ({ outcome: 'not_created', attempt: 2 }),
    );
    await expect(make(world)).rejects.toThrow('down');
    expect(await make(world)).toMatchObject({ outcome: 'not_created' });
    expect(await make(world)).toMatchObject({ outcome: 'issued' });
    const asked = world.merchants.requests.createPayment;
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 1, 2]);
    expect(new Set(asked.map(({ payment_no, expires_at }) => `${payment_no} ${expires_at}`)).size).toBe(1);
  });

  it('gives the same key after an asynchronous failure another page, not the dead one', async () => {
    const world = createWorld();
    const first = await make(world);
    const [payment] = world.store.stored(numberOf(first)).payments;
    if (!payment) throw new Error('no payment');
    await settle(world.ports, successOf(payment, { type: 'failed', transaction_id: null }));
    world.merchants.held.set(payment.payment_no, 'closed');
    const second = await make(world);
    expect(second).toMatchObject({
      ...numberOf(first),
      outcome: 'issued',
      page: 'page-2',
      payment: { n: 2 },
    });
  });
});

describe('an order number', () => {
  const constant = (world: World) => ({
    ...world,
    ports: { ...world.ports, io: { ...world.ports.io, randomBytes: (size: number) => Buffer.alloc(size) } },
  });

  it('that another order has is never taken for its own', async () => {
    const world = constant(createWorld());
    const { order_no } = numberOf(await make(world, null));
    await settle(world.ports, successOf(world.store.stored({ order_no }).payments[0] as never));
    const before = world.store.stored({ order_no });
    await expect(make(world, null)).rejects.toThrow(ContentionError);
    const writes = () => world.store.calls.filter((call) => call === 'write').length;
    const written = writes();
    await expect(make(world, null, { amount: 1 })).rejects.toThrow(ContentionError);
    expect(writes() - written).toBe(3);
    await expect(make(world, caller, { amount: 1 })).rejects.toThrow(ContentionError);
    expect(world.store.stored({ order_no })).toEqual(before);
    expect(world.merchants.calls).toHaveLength(1);
  });

  it('of its own write, whose reply was lost, is', async () => {
    const world = createWorld();
    const { store } = world;
    let lost = 0;
    const losing = {
      ...store,
      write: async (change: Parameters<typeof store.write>[0]) => {
        if (lost++ === 0) await store.write(change);
        return store.write(change);
      },
    };
    const result = await make({ ...world, ports: { ...world.ports, store: losing } }, null);
    expect(result.outcome).toBe('issued');
    expect(store.count('order')).toBe(1);
  });

  it('is tried anew when it is taken', async () => {
    const world = createWorld();
    const { ports } = world;
    const bytes = [0, 0, 200];
    const io = { ...ports.io, randomBytes: (size: number) => Buffer.alloc(size, bytes.shift()) };
    const scripted = { ...world, ports: { ...ports, io } };
    const first = numberOf(await make(scripted, null));
    const second = numberOf(await make(scripted, null, { amount: 5 }));
    expect(second).not.toEqual(first);
    expect(world.store.stored(second).order.amount).toBe(5);
  });
});

it('an order that was made and is not there is a mistake', async () => {
  const world = createWorld();
  await make(world);
  const store = { ...world.store, read: async () => null };
  await expect(make({ ...world, ports: { ...world.ports, store } })).rejects.toThrow('names no order');
});

it('a provider that takes no payment for as long as an order lives is a mistake in its limits', async () => {
  const world = createWorld();
  const [, , stripe] = world.merchants.configured;
  if (!stripe) throw new Error('no Stripe');
  const limits = { ...stripe.limits, shortest_ms: 3 * HOUR_MS };
  world.merchants.configured.splice(2, 1, { ...stripe, limits });
  await expect(make(world)).rejects.toThrow('as long');
});
