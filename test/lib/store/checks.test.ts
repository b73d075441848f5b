import { describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { refreshOrder } from '../../../lib/orders/refresh-order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { getOrder, oweCheck, putOrder } from '../../../lib/store/order-store.ts';
import { CHECKS_PER_SHARD } from '../../../lib/store/sweep-store.ts';
import { createViewStore } from '../../../lib/store/view-store.ts';
import { createCrash } from '../../support/crash.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const iso = (time: number) => new Date(time).toISOString();

/** A shop order whose payment was begun at `NOW` and can be paid for two hours. */
async function begun(changes: Partial<ShopOrder> = {}): Promise<ShopOrder> {
  const times = { created_at: iso(NOW), updated_at: iso(NOW), expires_at: iso(NOW + 2 * HOUR_MS) };
  const order = shopOrder({ ...times, ...changes });
  await putOrder(store.context, order, oweCheck(order.order_no, NOW));
  return order;
}

const status = async ({ order_no }: ShopOrder) => (await getOrder(store.context, order_no))?.status;
const work = async ({ order_no }: ShopOrder) =>
  (await store.items(order_no)).find(({ sk }) => sk === 'ORDER') as { work?: string; work_due?: string };
const sortKeys = async ({ order_no }: ShopOrder) => (await store.items(order_no)).map(({ sk }) => sk);

function sweeper(provider = createProvider()) {
  const failures: string[] = [];
  return {
    provider,
    failures,
    sweep: (at: number) =>
      sweepAt(store.context, at, {
        gateway: provider.gateway,
        onFailure: ({ order_no }) => failures.push(order_no),
      }),
  };
}

/** Empties the index of what earlier tests left due. */
async function settleTheRest() {
  const { sweep } = sweeper();
  for (let run = 0; run < 10; run++) await sweep(NOW + 30 * 24 * HOUR_MS + run * 24 * HOUR_MS);
}

describe('the sweep', () => {
  it('settles what was paid, without a callback, and asks no more', async () => {
    const { sweep, provider } = sweeper();
    const order = await begun();
    provider.pay(order);
    await sweep(NOW + 59_000);
    expect(provider.calls).toEqual([]);
    await sweep(NOW + MINUTE_MS);
    expect(await status(order)).toBe('paid');
    expect(await sortKeys(order)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
    await sweep(NOW + HOUR_MS);
    expect(provider.calls).toEqual([`query ${order.order_no}`]);
  });

  it('books once what a callback settles at the same time', async () => {
    const { sweep, provider } = sweeper();
    const order = await begun();
    provider.pay(order);
    const callback = () => settle(createEventStore(store.context), paymentOf(order), () => NOW);
    await Promise.all([sweep(NOW + MINUTE_MS), callback(), sweep(NOW + MINUTE_MS), callback()]);
    expect(await status(order)).toBe('paid');
    expect(await sortKeys(order)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });

  it('asks less and less often, and once soon after the order expires', async () => {
    const { sweep, provider } = sweeper();
    const order = await begun();
    provider.open(order);
    const dues: number[] = [];
    for (
      let at = NOW + MINUTE_MS;
      at < NOW + 2 * HOUR_MS;
      at = Date.parse((await work(order)).work_due ?? '')
    ) {
      await sweep(at);
      dues.push((Date.parse((await work(order)).work_due ?? '') - at) / MINUTE_MS);
    }
    expect(dues.length).toBeLessThan(15);
    expect(dues[0]).toBe(1);
    expect(Math.max(...dues)).toBeGreaterThan(20);
    const last = Date.parse((await work(order)).work_due ?? '');
    expect(last).toBeLessThan(NOW + 2 * HOUR_MS + MINUTE_MS);
    await sweep(last);
    expect(await status(order)).toBe('closed');
    expect(provider.calls.at(-1)).toBe(`close ${order.order_no}`);
    expect(await work(order)).not.toHaveProperty('work');
  });

  it('closes at the provider first, and settles instead when that comes too late', async () => {
    const { sweep, provider } = sweeper();
    const order = await begun();
    provider.open(order);
    const gateway = await provider.gateway('wechat');
    const close = gateway.close;
    gateway.close = async (payment) => {
      provider.pay(order);
      return close(payment);
    };
    await sweep(NOW + 3 * HOUR_MS);
    expect(await status(order)).toBe('paid');
    expect(await sortKeys(order)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });

  it('books nothing when the provider fails or answers for something else, and tries again later', async () => {
    const { sweep, provider, failures } = sweeper();
    const [broken, mixed] = [await begun(), await begun()];
    provider.pay(broken);
    provider.pay(mixed, { amount: 1 });
    provider.failing.add('query');
    await sweep(NOW + MINUTE_MS);
    expect(failures.sort()).toEqual([broken.order_no, mixed.order_no].sort());
    expect(await status(broken)).toBe('pending');
    provider.failing.clear();
    await sweep(NOW + 2 * MINUTE_MS);
    expect(await status(broken)).toBe('paid');
    expect(await status(mixed)).toBe('pending');
    expect(await sortKeys(mixed)).toEqual(['EXCEPTION#mismatch#wechat#T1', 'ORDER']);
  });

  it('does not let one order stop the others, and leaves a provider that is down alone', async () => {
    await settleTheRest();
    const { sweep, provider, failures } = sweeper();
    const orders = await Promise.all(Array.from({ length: 100 }, () => begun()));
    for (const order of orders) provider.open(order);
    provider.failing.add('query');
    const counts = await sweep(NOW + MINUTE_MS);
    expect(counts.checked).toBe(0);
    expect(counts.failed).toBeLessThan(40);
    expect(counts.failed + counts.left).toBe(100);
    expect(failures).toHaveLength(counts.failed);
    provider.failing.clear();
    expect((await sweep(NOW + 3 * MINUTE_MS)).checked).toBe(100);
  });

  it('takes a bounded number at once; the next runs take the rest, each once', async () => {
    await settleTheRest();
    const { sweep, provider } = sweeper();
    const total = 8 * CHECKS_PER_SHARD + 100;
    await forEachConcurrently(Array(total).keys(), 20, async () => {
      provider.pay(await begun());
    });
    const first = await sweep(NOW + MINUTE_MS);
    expect(first.checked).toBeLessThanOrEqual(8 * CHECKS_PER_SHARD);
    let checked = first.checked;
    for (let run = 0; run < 5; run++) checked += (await sweep(NOW + MINUTE_MS)).checked;
    expect(checked).toBe(total);
    expect(new Set(provider.calls).size).toBe(total);
    expect(provider.calls).toHaveLength(total);
  });

  it('makes each check once when several run at the same time', async () => {
    await settleTheRest();
    const { sweep, provider } = sweeper();
    const orders = await Promise.all(Array.from({ length: 30 }, () => begun()));
    for (const order of orders) provider.open(order);
    await Promise.all([sweep(NOW + MINUTE_MS), sweep(NOW + MINUTE_MS), sweep(NOW + MINUTE_MS)]);
    expect(provider.calls).toHaveLength(30);
  });

  it.each([
    ['query', 'before'],
    ['close', 'before'],
    ['close', 'after'],
    ['settle', 'before'],
    ['settle', 'after'],
  ] as const)('that dies at %s, %s it took effect, is made up for by the next', async (place, when) => {
    const { sweep, provider } = sweeper();
    const order = await begun();
    provider.open(order);
    const gateway = await provider.gateway('wechat');
    const { crashing, hasCrashed } = createCrash(place, when);
    const at = NOW + 3 * HOUR_MS;
    const events = createEventStore(store.context);
    await sweepAt(store.context, at, {
      gateway: async () => ({
        ...gateway,
        query: crashing('query', gateway.query),
        close: crashing('close', gateway.close),
      }),
      settle: crashing('settle', (event) => settle(events, event, () => at)),
      onFailure: () => {},
    });
    expect(hasCrashed()).toBe(true);
    await sweep(at + 6 * HOUR_MS);
    expect(await status(order)).toBe('closed');
    expect(await sortKeys(order)).toEqual(['ORDER']);
    expect(await work(order)).not.toHaveProperty('work');
  });

  it('asks about a failed order too: it may yet be paid', async () => {
    const { sweep, provider } = sweeper();
    const order = await begun({ status: 'failed' });
    provider.pay(order);
    await sweep(NOW + MINUTE_MS);
    expect(await status(order)).toBe('paid');
  });
});

describe('looking at an order', () => {
  function viewer() {
    const provider = createProvider();
    const failures: string[] = [];
    const look = async ({ order_no }: ShopOrder, at: number) => {
      const order = await getOrder(store.context, order_no);
      if (!order) throw new Error('no order');
      return refreshOrder(
        {
          store: createViewStore(store.context),
          gateway: provider.gateway,
          settle: (event) => settle(createEventStore(store.context), event, () => at),
          now: () => at,
          onFailure: (failed) => failures.push(failed),
        },
        order,
      );
    };
    return { provider, failures, look };
  }

  it('asks the provider once it is older than 10 s, and shows what it says', async () => {
    const { provider, look } = viewer();
    const order = await begun();
    provider.pay(order);
    expect((await look(order, NOW + 9_000)).status).toBe('pending');
    expect(provider.calls).toEqual([]);
    expect(await look(order, NOW + 10_000)).toMatchObject({
      status: 'paid',
      settlement: { transaction_id: 'T1' },
    });
    expect((await look(order, NOW + 60_000)).status).toBe('paid');
    expect(provider.calls).toHaveLength(1);
  });

  it('asks at most every 5 s, however many look', async () => {
    const { provider, look } = viewer();
    const order = await begun();
    provider.open(order);
    await Promise.all(Array.from({ length: 10 }, () => look(order, NOW + 10_000)));
    await look(order, NOW + 14_999);
    expect(provider.calls).toHaveLength(1);
    await look(order, NOW + 15_000);
    expect(provider.calls).toHaveLength(2);
  });

  it('shows the order as it is stored when the provider fails', async () => {
    const { provider, look, failures } = viewer();
    const order = await begun();
    provider.failing.add('query');
    expect((await look(order, NOW + 20_000)).status).toBe('pending');
    expect(failures).toEqual([order.order_no]);
  });

  it('asks about nothing that was never begun or is over', async () => {
    const { provider, look } = viewer();
    await look(await begun({ expires_at: null }), NOW + HOUR_MS);
    await look(await begun({ status: 'closed' }), NOW + HOUR_MS);
    expect(provider.calls).toEqual([]);
  });
});
