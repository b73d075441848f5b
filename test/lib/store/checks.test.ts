import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { forEachConcurrently } from '../../../lib/concurrency.ts';
import { isoTime } from '../../../lib/io.ts';
import type { PaymentEvent } from '../../../lib/orders/event.ts';
import type { ShopOrder } from '../../../lib/orders/order.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { shardOf } from '../../../lib/store/keys.ts';
import { createLookClaims } from '../../../lib/store/look-claim.ts';
import { createOrderStore } from '../../../lib/store/order-store.ts';
import { CHECKS_PER_SHARD } from '../../../lib/store/sweep-store.ts';
import { createCrash } from '../../support/crash.ts';
import { NOW, paymentOf, shopOrder, successOf } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';
import { sweepAt } from '../../support/sweep.ts';

const store = useStore();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const check = (due: number) => ({ kind: 'check', due }) as const;

/** A shop order whose payment was begun just now and can be paid for two hours. */
async function begun(due = NOW + MINUTE_MS, changes: Partial<ShopOrder> = {}) {
  const order = shopOrder({ expires_at: isoTime(NOW + 2 * HOUR_MS), ...changes });
  const payment = paymentOf(order, { begun_at: isoTime(NOW) });
  await store.put({ put: 'order', record: order }, { put: 'payment', record: payment, owes: check(due) });
  return { order, payment };
}

const read = ({ order_no }: { readonly order_no: string }) => createOrderStore(store.context).read(order_no);
const status = async (order: ShopOrder) => (await read(order))?.order.status;
const owed = async ({ order_no }: ShopOrder, sk = 'PAYMENT#1') => {
  const item = (await store.items(order_no)).find((one) => one['sk'] === sk);
  return item?.['work'] === undefined ? null : `${String(item['work']).split('#')[0]} ${item['work_due']}`;
};
/** What no code here writes. */
async function set({ order_no }: ShopOrder, attribute: string, value: unknown) {
  const { client, tableName } = store.context;
  const command = new UpdateCommand({
    TableName: tableName,
    Key: { pk: `ORDER#${order_no}`, sk: 'PAYMENT#1' },
    UpdateExpression: 'SET #attribute = :value',
    ExpressionAttributeNames: { '#attribute': attribute },
    ExpressionAttributeValues: { ':value': value },
  });
  await client.send(command);
}
const settleAt = (at: number) => (event: PaymentEvent) =>
  settle({ store: createOrderStore(store.context), io: { ...store.context.io, now: () => at } }, event);

function sweeper(provider = createProvider()) {
  const failures: string[] = [];
  const sweep = (at: number) =>
    sweepAt(store.context, at, {
      merchants: provider.merchants,
      onFailure: ({ order_no }) => failures.push(order_no),
    });
  return { provider, failures, sweep };
}

/** Empties the index of what earlier tests left due. */
async function settleTheRest() {
  const { sweep } = sweeper();
  for (let run = 0; run < 10; run++) await sweep(NOW + 30 * 24 * HOUR_MS + run * 24 * HOUR_MS);
}

describe('what is due', () => {
  it('and not understood does not stand before the others for ever, however many there are', async () => {
    await settleTheRest();
    const { sweep, provider, failures } = sweeper();
    const target = await begun(NOW);
    provider.pay(target.payment);
    const newer: ShopOrder[] = [];
    while (newer.length < CHECKS_PER_SHARD) {
      const order = shopOrder();
      if (shardOf(order.order_no) === shardOf(target.order.order_no)) newer.push(order);
    }
    await forEachConcurrently(newer, 20, async (order) => {
      await store.put({ put: 'payment', record: paymentOf(order), owes: check(NOW - MINUTE_MS) });
      await set(order, 'schema', 9);
    });
    await sweep(NOW);
    expect(await status(target.order)).toBe('pending');
    expect(new Set(failures)).toEqual(new Set(newer.map(({ order_no }) => order_no)));
    await sweep(NOW + MINUTE_MS);
    expect(await status(target.order)).toBe('paid');
    expect(failures).toHaveLength(CHECKS_PER_SHARD);
    const [first] = newer;
    if (!first) throw new Error('there are some');
    const [item] = await store.items(first.order_no);
    expect(item).toMatchObject({ schema: 9, work_due: isoTime(NOW + 15 * MINUTE_MS) });
    await settleTheRest();
  });

  it.each([
    ['its own number', 'n', 2],
    ['its order', 'order_no', 'mall-1'],
    ['when it was begun', 'begun_at', 'once'],
  ])('after a write that spoilt %s is put off as well', async (_, attribute, value) => {
    await settleTheRest();
    const { order, payment } = await begun(NOW);
    await set(order, attribute, value);
    const { sweep, provider } = sweeper();
    provider.open(payment);
    const { unreadable, checked } = await sweep(NOW);
    expect(unreadable + checked).toBe(1);
    expect(await owed(order)).not.toBe(`check ${isoTime(NOW)}`);
  });
});

describe('the sweep', () => {
  it('settles what was paid, without a callback, and asks no more', async () => {
    const { sweep, provider } = sweeper();
    const { order, payment } = await begun();
    provider.pay(payment);
    await sweep(NOW + 59_000);
    expect(provider.calls.filter((call) => call.endsWith(` ${payment.payment_no}`))).toEqual([]);
    await sweep(NOW + MINUTE_MS);
    expect(await status(order)).toBe('paid');
    await sweep(NOW + HOUR_MS);
    const asked = provider.calls.filter((call) => call.endsWith(` ${payment.payment_no}`));
    expect(asked).toEqual([`query ${payment.payment_no}`]);
  });

  it('books once what a callback settles at the same time', async () => {
    const { sweep, provider } = sweeper();
    const { order, payment } = await begun();
    provider.pay(payment);
    const callback = () => settleAt(NOW)(successOf(payment));
    await Promise.all([sweep(NOW + MINUTE_MS), callback(), sweep(NOW + MINUTE_MS), callback()]);
    expect(await read(order)).toMatchObject({
      order: { status: 'paid', version: 2 },
      payments: [{ version: 2, transaction_id: 'T1' }],
      suspense: [],
      exceptions: [],
    });
  });

  it('asks less and less often, and once soon after the order expires', async () => {
    const { sweep, provider } = sweeper();
    const { order, payment } = await begun();
    provider.open(payment);
    const due = async () => Date.parse((await owed(order))?.split(' ')[1] ?? '');
    const waits: number[] = [];
    for (let at = NOW + MINUTE_MS; at < NOW + 2 * HOUR_MS; at = await due()) {
      await sweep(at);
      waits.push(((await due()) - at) / MINUTE_MS);
    }
    expect(waits.length).toBeLessThan(15);
    expect(waits[0]).toBe(1);
    expect(Math.max(...waits)).toBeGreaterThan(20);
    const last = await due();
    expect(last).toBeLessThan(NOW + 2 * HOUR_MS + MINUTE_MS);
    await sweep(last);
    expect(await status(order)).toBe('closed');
    const mine = provider.calls.filter((call) => call.endsWith(` ${payment.payment_no}`));
    expect(mine.slice(-2)).toEqual([`query ${payment.payment_no}`, `close ${payment.payment_no}`]);
    expect(await owed(order)).toBeNull();
  });

  it('takes a bounded number at once; the next runs take the rest, each once', async () => {
    await settleTheRest();
    const { sweep, provider } = sweeper();
    const total = 8 * CHECKS_PER_SHARD + 40;
    await forEachConcurrently(Array(total).keys(), 20, async () => {
      const order = shopOrder();
      const payment = paymentOf(order);
      provider.pay(payment);
      await store.put({ put: 'order', record: order }, { put: 'payment', record: payment, owes: check(NOW) });
    });
    const first = await sweep(NOW + MINUTE_MS);
    expect(first.checked).toBeLessThanOrEqual(8 * CHECKS_PER_SHARD);
    let { checked } = first;
    for (let run = 0; run < 5; run++) checked += (await sweep(NOW + MINUTE_MS)).checked;
    expect(checked).toBe(total);
    expect(new Set(provider.calls).size).toBe(total);
    expect(provider.calls).toHaveLength(total);
  });

  it('makes each check once when several run at the same time', async () => {
    await settleTheRest();
    const { sweep, provider } = sweeper();
    for (const { payment } of await Promise.all(Array.from({ length: 30 }, () => begun()))) {
      provider.open(payment);
    }
    await Promise.all([sweep(NOW + MINUTE_MS), sweep(NOW + MINUTE_MS), sweep(NOW + MINUTE_MS)]);
    expect(provider.calls).toHaveLength(30);
  });

  it.each([
    ['query', 'before'],
    ['close', 'before'],
    ['close', 'after'],
    ['write', 'before'],
    ['write', 'after'],
  ] as const)('that dies at %s, %s it took effect, is made up for by the next', async (place, when) => {
    const { sweep, provider } = sweeper();
    const { order, payment } = await begun();
    provider.open(payment);
    const merchant = provider.merchantOf('wechat');
    const { crashing, hasCrashed } = createCrash(place, when);
    const at = NOW + 3 * HOUR_MS;
    const orders = createOrderStore(store.context);
    const gateway = {
      ...merchant.gateway,
      query: crashing('query', merchant.gateway.query),
      close: crashing('close', merchant.gateway.close),
    };
    await sweepAt(store.context, at, {
      merchants: { find: async () => ({ ...merchant, gateway }) },
      store: { ...orders, write: crashing('write', orders.write) },
      onFailure: () => {},
    });
    expect(hasCrashed()).toBe(true);
    await sweep(at + 6 * HOUR_MS);
    expect(await read(order)).toMatchObject({ order: { status: 'closed' }, payments: [{ state: 'closed' }] });
    expect(await owed(order)).toBeNull();
  });
});

describe('a look', () => {
  it('is claimed every five seconds, by one, and changes nothing else', async () => {
    const { order, payment } = await begun();
    const before = await read(order);
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => createLookClaims(store.context).claimLook(payment, NOW)),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await createLookClaims(store.context).claimLook(payment, NOW + 4_999)).toBe(false);
    expect(await createLookClaims(store.context).claimLook(payment, NOW + 5_000)).toBe(true);
    expect(await read(order)).toEqual(before);
  });

  it('is of no payment that there is not', async () => {
    const order = shopOrder();
    expect(await createLookClaims(store.context).claimLook(paymentOf(order), NOW)).toBe(false);
    expect(await store.items(order.order_no)).toEqual([]);
  });
});
