import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Debt } from '../../../lib/orders/schedule.ts';
import { workAttributes } from '../../../lib/store/items.ts';
import { paymentKey, shardOf } from '../../../lib/store/keys.ts';
import { createWorkStore } from '../../../lib/store/work-store.ts';
import { NOW, paymentOf, shopOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const HOUR_MS = 3_600_000;
const events = '[{"type":"order.paid"}]';
const work = () => createWorkStore({ ...store.context, io: { ...store.context.io, now: () => NOW } });

/** A payment that owes this and whose last write is to be published. */
async function owing(kind: Debt['kind'], due: number, order = shopOrder()) {
  const record = paymentOf(order);
  const owes = { kind, due };
  const marks = { at: isoTime(NOW), events: [{ type: 'order.paid' }] } as const;
  await store.put({ put: 'payment', record, owes, marks });
  const { order_no } = order;
  return { order_no, key: paymentKey(order_no, 1), seen: workAttributes(order_no, owes) };
}

type Owing = Awaited<ReturnType<typeof owing>>;

const stored = async ({ order_no }: Owing) => {
  const [item] = await store.items(order_no);
  return item ?? {};
};
/** What an item says of what it owes, and of what it is to be published as. */
const owed = async (item: Owing) => {
  const { work: kind, work_due, events: published } = await stored(item);
  return { work: kind, work_due, events: published };
};
const nothing = { work: undefined, work_due: undefined, events: undefined };

describe('what is due', () => {
  const due = async (kind: Debt['kind'], at: number, limit: number) =>
    (await work().listDue(kind, isoTime(at), limit)).map(({ order_no }) => order_no);

  it('is of its kind and up to a time, of every shard, the longest due first', async () => {
    const start = NOW - 9 * HOUR_MS;
    const items: Owing[] = [];
    for (let n = 0; n < 24; n += 1) items.push(await owing('check', start - n));
    const oldestFirst = items.map(({ order_no }) => order_no).toReversed();
    expect(new Set(oldestFirst.map(shardOf)).size).toBe(8);
    await owing('notify', start - 99);
    await owing('check', start + 1);
    expect(await due('check', start, 100)).toEqual(oldestFirst);
    expect(await due('check', start - 1, 100)).toEqual(oldestFirst.slice(0, -1));
    expect(await due('alert', start, 100)).toEqual([]);
  });

  it('is of each shard so many, those that are longest due', async () => {
    const start = NOW - 99 * HOUR_MS;
    const { order_no } = await owing('alert', start);
    const others = Array.from({ length: 40 }, () => shopOrder()).filter(
      (order) => shardOf(order.order_no) === shardOf(order_no),
    );
    expect(others.length).toBeGreaterThan(1);
    for (const [n, order] of others.entries()) await owing('alert', start - 1 - n, order);
    const longest = others.map((order) => order.order_no).toReversed();
    expect(await due('alert', start, 1)).toEqual(longest.slice(0, 1));
    expect(await due('alert', start, 2)).toEqual(longest.slice(0, 2));
    expect(await due('alert', start, 100)).toEqual([...longest, order_no]);
  });
});

describe('the work of an item', () => {
  it('is put off once, as long as it is what was seen', async () => {
    const item = await owing('check', NOW);
    const next = isoTime(NOW + HOUR_MS);
    const before = await stored(item);
    const other = { ...item.seen, work: item.seen.work.replace('check', 'notify') };
    expect(await work().postponeWork(item.key, other, next)).toBe(false);
    expect(await work().postponeWork(item.key, { ...item.seen, work_due: next }, next)).toBe(false);
    expect(await stored(item)).toEqual(before);
    expect(await work().postponeWork(item.key, item.seen, next)).toBe(true);
    expect(await owed(item)).toEqual({ ...nothing, work: item.seen.work, work_due: next });
    expect(await work().postponeWork(item.key, item.seen, next)).toBe(false);
  });

  it('is cleared as long as it is what was seen', async () => {
    const item = await owing('check', NOW);
    const before = await stored(item);
    await work().clearWork(item.key, item.seen.work.replace('check', 'notify'));
    expect(await stored(item)).toEqual(before);
    await work().clearWork(item.key, item.seen.work);
    expect(await owed(item)).toEqual(nothing);
  });

  it('is cleared, where a time is given, only as it was due then', async () => {
    const item = await owing('check', NOW);
    const before = await stored(item);
    await work().clearWork(item.key, item.seen.work, isoTime(NOW + 1));
    await work().clearWork(item.key, item.seen.work.replace('check', 'notify'), item.seen.work_due);
    expect(await stored(item)).toEqual(before);
    await work().clearWork(item.key, item.seen.work, item.seen.work_due);
    expect(await owed(item)).toEqual(nothing);
  });

  it('is parked for a person, as long as it is what was seen', async () => {
    const item = await owing('notify', NOW - HOUR_MS);
    const before = await stored(item);
    await work().parkWork(item.key, item.seen.work.replace('notify', 'check'));
    expect(await stored(item)).toEqual(before);
    await work().parkWork(item.key, item.seen.work);
    const parked = item.seen.work.replace('notify', 'parked');
    expect(await owed(item)).toEqual({ ...nothing, work: parked, work_due: isoTime(NOW) });
  });

  it('gives way to what is owed in its place, once, as long as it is what was seen', async () => {
    const item = await owing('notify', NOW);
    const next = workAttributes(item.order_no, { kind: 'check', due: NOW + HOUR_MS });
    const before = await stored(item);
    await work().replaceWork(item.key, next.work, next);
    expect(await stored(item)).toEqual(before);
    await work().replaceWork(item.key, item.seen.work, next);
    expect(await owed(item)).toEqual({ ...nothing, ...next });
    // Somebody who announced the same does not bring it back.
    await work().replaceWork(item.key, item.seen.work, item.seen);
    expect(await owed(item)).toEqual({ ...nothing, ...next });
  });

  it('is taken away from what else the item says', async () => {
    const item = await owing('check', NOW);
    const { work: _work, work_due: _due, events: published, ...rest } = await stored(item);
    expect(published).toBe(events);
    await work().clearWork(item.key, item.seen.work);
    expect(await stored(item)).toEqual(rest);
  });

  it('is nobody’s where there is no item', async () => {
    const { order_no } = shopOrder();
    const key = paymentKey(order_no, 1);
    const seen = { work: 'check#0', work_due: isoTime(NOW) };
    expect(await work().postponeWork(key, seen, isoTime(NOW))).toBe(false);
    await work().clearWork(key, 'check#0');
    await work().parkWork(key, 'check#0');
    await work().replaceWork(key, 'check#0', seen);
    expect(await store.items(order_no)).toEqual([]);
  });
});
