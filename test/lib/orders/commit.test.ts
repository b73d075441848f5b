import { describe, expect, it } from 'vitest';
import { changeOf, orderUpdate } from '../../../lib/orders/change.ts';
import { type Closing, ContentionError, commit, type Step } from '../../../lib/orders/commit.ts';
import type { Snapshot } from '../../../lib/orders/snapshot.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { createWorld } from './world.ts';

const order = shopOrder();
const payment = paymentOf(order);
const { order_no } = order;

const failing = (snapshot: Snapshot | null): Step<string> =>
  snapshot
    ? {
        result: `failed at ${snapshot.order.version}`,
        change: changeOf(order_no, [orderUpdate(snapshot.order, { status: 'failed' })]),
      }
    : { result: 'none', change: null };

/** Somebody else changes the order just before each of the next writings. */
function contested(times: number) {
  const world = createWorld({ order, payments: [payment] });
  let version = 1;
  const move = () => world.store.seed({ order: { ...order, version: ++version } });
  world.store.before('write', ...Array.from({ length: times }, () => move));
  return world;
}

describe('commit', () => {
  it('reads once, decides and writes', async () => {
    const { ports, store } = createWorld({ order, payments: [payment] });
    expect(await commit(ports, order_no, failing)).toBe('failed at 1');
    expect(store.calls).toEqual(['read', 'write']);
    expect(store.stored(order).order).toMatchObject({ status: 'failed', version: 2 });
  });

  it('writes nothing when there is nothing to write, and knows that there is no order', async () => {
    const { ports, store } = createWorld();
    expect(await commit(ports, order_no, failing)).toBe('none');
    expect(store.calls).toEqual(['read']);
  });

  it('reads and decides again when what it decided on has changed', async () => {
    const { ports, store, clock } = contested(2);
    expect(await commit(ports, order_no, failing)).toBe('failed at 3');
    expect(store.calls).toEqual(['read', 'write', 'read', 'write', 'read', 'write']);
    expect(clock.now).toBeLessThan(NOW + 1_000);
  });

  it('gives up after 12 tries, within 3 s, and has written nothing', async () => {
    const { ports, store, clock } = contested(100);
    const told = { name: 'ContentionError', message: 'the order changes faster than it can be written' };
    await expect(commit(ports, order_no, failing)).rejects.toMatchObject(told);
    expect(store.calls.filter((call) => call === 'write')).toHaveLength(12);
    expect(store.changes).toEqual([]);
    expect(clock.now).toBeLessThan(NOW + 3_000);
  });

  it('waits longer each time, up to a bound, and never as long twice for chance alone', async () => {
    const { ports } = contested(100);
    const waits: number[] = [];
    const io = {
      ...ports.io,
      randomBytes: (size: number) => Buffer.alloc(size, 0xff),
      sleep: async (duration_ms: number) => waits.push(duration_ms),
    };
    await expect(commit({ ...ports, io }, order_no, failing)).rejects.toThrow();
    expect(waits).toEqual([19, 39, 79, 159, ...Array(7).fill(299)]);
  });

  it('lets what the store throws pass', async () => {
    const { ports, store } = createWorld({ order });
    store.before('write', () => 'lose request');
    await expect(commit(ports, order_no, failing)).rejects.toThrow('lost');
  });
});

describe('a step that asks for a payment to be closed', () => {
  const closingStep =
    (log: unknown[]) =>
    (snapshot: Snapshot | null, closed: unknown): Step<string> => {
      log.push(closed);
      if (!closed) return { close: snapshot?.payments[0] ?? payment };
      const change = snapshot && changeOf(order_no, [orderUpdate(snapshot.order, {})]);
      return { result: 'decided', change };
    };
  const answering = (...answers: Closing[]) => {
    const asked: number[] = [];
    return {
      asked,
      closeAtProvider: async ({ version }: { readonly version: number }) => {
        asked.push(version);
        return answers.shift() ?? 'closed';
      },
    };
  };

  it.each(['closed', 'absent', 'being_paid', 'unknown'] as const)(
    'is told that it is %s',
    async (closing) => {
      const { ports, store } = createWorld({ order, payments: [payment] });
      const log: unknown[] = [];
      const { asked, closeAtProvider } = answering(closing);
      expect(await commit({ ...ports, closeAtProvider }, order_no, closingStep(log))).toBe('decided');
      expect(log).toEqual([null, { payment, closing }]);
      expect(asked).toEqual([1]);
      expect(store.calls).toEqual(['read', 'write']);
    },
  );

  it('reads anew when the closing has changed what is stored', async () => {
    const { ports, store } = createWorld({ order, payments: [payment] });
    const log: unknown[] = [];
    const { closeAtProvider } = answering('changed', 'closed');
    expect(await commit({ ...ports, closeAtProvider }, order_no, closingStep(log))).toBe('decided');
    expect(log).toEqual([null, null, { payment, closing: 'closed' }]);
    expect(store.calls).toEqual(['read', 'read', 'write']);
  });

  it('asks again about the payment as it is by then, when the order has changed meanwhile', async () => {
    const { ports, store } = createWorld({ order, payments: [payment] });
    const { asked, closeAtProvider } = answering();
    store.before('write', () =>
      store.seed({ order: { ...order, version: 2 }, payments: [{ ...payment, version: 5 }] }),
    );
    await commit({ ...ports, closeAtProvider }, order_no, closingStep([]));
    expect(asked).toEqual([1, 5]);
  });

  it('gives up when each closing changes something', async () => {
    const { ports } = createWorld({ order, payments: [payment] });
    const closeAtProvider = async (): Promise<Closing> => 'changed';
    await expect(commit({ ...ports, closeAtProvider }, order_no, closingStep([]))).rejects.toThrow(
      ContentionError,
    );
  });

  it('is a mistake where nobody can close, and where it asks twice', async () => {
    const { ports, store } = createWorld({ order, payments: [payment] });
    const { store: orders, io } = ports;
    await expect(commit({ store: orders, io }, order_no, closingStep([]))).rejects.toThrow('nobody');
    await expect(commit(ports, order_no, () => ({ close: payment }))).rejects.toThrow('once');
    expect(store.changes).toEqual([]);
  });
});

describe('an idempotency key that is taken', () => {
  const caller = { operation: 'refund', subject: 'admin-1', key: 'k' } as const;
  const record = { ...caller, result: 'mall-1-r1', request: 'x', expires_at: '2026-11-23T00:00:00.000Z' };

  it('answers with what it was taken for', async () => {
    const { ports, store } = createWorld({ order });
    const put = { put: 'idempotency', record } as const;
    await store.write({ order_no, writes: [put] });
    const step = { result: 'new', change: { order_no, writes: [put] as const } };
    const taken = ({ result }: { readonly result: string }) => `taken for ${result}`;
    expect(await commit(ports, order_no, () => ({ ...step, taken }))).toBe('taken for mall-1-r1');
    await expect(commit(ports, order_no, () => step)).rejects.toThrow(ContentionError);
  });
});
