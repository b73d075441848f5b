import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDeliveryStore } from '../../../lib/store/delivery-store.ts';
import { deliveriesTable, deliveryIndexes, endpointKey } from '../../../lib/store/delivery-table.ts';
import { shardOf } from '../../../lib/store/keys.ts';
import { afterAttempt, sentAgain } from '../../../lib/webhooks/attempt-schedule.ts';
import type { Delivery, Receiver } from '../../../lib/webhooks/delivery.ts';
import type { DeliveryQuery } from '../../../lib/webhooks/delivery-store.ts';
import { type AttributeMap, sizeOf, unitsByPartition } from '../../support/capacity.ts';
import {
  deliveriesTableName,
  deliveryOf,
  newEventId,
  START,
  useDeliveries,
} from '../../support/deliveries.ts';
import { countedStore, interceptedStore } from '../../support/intercepted-store.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const deliveries = useDeliveries(store);
const iso = (after_ms = 0) => new Date(START + after_ms).toISOString();
const attempt = { at: iso(), status: 500, error: null, duration_ms: 12 };

/** Of a receiver of its own, so that what others left is not seen. */
let receivers = 0;
const newReceiver = (): Receiver => `tenant:${++receivers}`;

async function stored(changes: Partial<Delivery> = {}): Promise<Delivery> {
  const delivery = deliveryOf({ receiver: newReceiver(), ...changes });
  expect(await deliveries.store.add(delivery)).toBe(true);
  return delivery;
}

function newEventIdOf(isMeant: (id: string) => boolean): string {
  const id = newEventId();
  return isMeant(id) ? id : newEventIdOf(isMeant);
}

const seen = ({ receiver, timestamp, event_id, due_at }: Delivery) => ({
  ...{ receiver, timestamp, event_id, due_at: due_at ?? '' },
});

it('gives back what was stored', async () => {
  const delivery = await stored();
  expect(await deliveries.store.find(delivery)).toEqual(delivery);
  const other = await stored({ order_no: null, attempts: [attempt], tries: 1 });
  expect(await deliveries.store.find(other)).toEqual(other);
  expect(await deliveries.store.find({ ...delivery, receiver: 'stage' })).toBeNull();
});

it('stores a delivery once, whatever the second says', async () => {
  const delivery = await stored();
  expect(await deliveries.store.add({ ...delivery, body: '{}', due_at: iso(1) })).toBe(false);
  expect(await deliveries.store.find(delivery)).toEqual(delivery);
});

it('stores nothing of what there is not', async () => {
  const delivery = await stored({ order_no: null, due_at: null, state: 'delivered' });
  const item = (await deliveries.items()).find(({ sk }) => String(sk).endsWith(delivery.event_id));
  expect(Object.values(item ?? {})).not.toContain(null);
  expect(Object.keys(item ?? {}).toSorted()).toEqual([
    ...['attempts', 'body', 'pk', 'schema', 'since', 'sk', 'state', 'tries', 'ttl', 'type', 'version'],
  ]);
});

it('keeps what it is of an event for each receiver', async () => {
  const delivery = await stored();
  expect(await deliveries.store.add({ ...delivery, receiver: newReceiver() })).toBe(true);
});

it('is there for thirty days, and as long again when it is sent again', async () => {
  const delivery = await stored();
  const ttl = async () =>
    (await deliveries.items()).find(({ sk }) => String(sk).endsWith(delivery.event_id))?.['ttl'];
  expect(await ttl()).toBe(START / 1_000 + 30 * 86_400);
  await deliveries.store.write(sentAgain(delivery, 'admin-1', START + 86_400_000, false));
  expect(await ttl()).toBe(START / 1_000 + 31 * 86_400);
});

describe('a write', () => {
  it('changes what it says, and takes away what there is no more', async () => {
    const delivery = await stored();
    const ended: Delivery = {
      ...{ ...delivery, version: 2, state: 'delivered', due_at: null, tries: 1, attempts: [attempt] },
      ended_at: iso(5),
    };
    expect(await deliveries.store.write(ended)).toBe(true);
    expect(await deliveries.store.find(delivery)).toEqual(ended);
    expect(await deliveries.store.listDue(iso(), 100)).not.toContainEqual(seen(delivery));
    const again = sentAgain(ended, 'admin-1', START + 9, true);
    expect(await deliveries.store.write(again)).toBe(true);
    expect(await deliveries.store.find(delivery)).toEqual(again);
    expect(again).toMatchObject({ ended_at: null, redelivered: { by: 'admin-1', at: iso(9) }, waits: true });
  });

  it('is refused where another was first', async () => {
    const delivery = await stored();
    const first = { ...delivery, version: 2, tries: 1, due_at: iso(1) };
    expect(await deliveries.store.write(first)).toBe(true);
    expect(await deliveries.store.write({ ...delivery, version: 2, tries: 1, due_at: iso(2) })).toBe(false);
    expect(await deliveries.store.find(delivery)).toEqual(first);
  });

  it('is refused where others were first, though the last of them left it due at the same time', async () => {
    const delivery = await stored();
    const first = { ...delivery, version: 2, tries: 1, due_at: iso(1) };
    const second = { ...first, version: 3, tries: 2 };
    for (const next of [first, second]) expect(await deliveries.store.write(next)).toBe(true);
    expect(await deliveries.store.write(first)).toBe(false);
    expect(await deliveries.store.find(delivery)).toEqual(second);
  });

  it('is refused where another ended it at another time', async () => {
    const delivery = await stored();
    const ended = { ...delivery, version: 2, state: 'delivered', due_at: null, ended_at: iso(5) } as const;
    expect(await deliveries.store.write(ended)).toBe(true);
    expect(await deliveries.store.write({ ...ended, state: 'given_up', ended_at: iso(6) })).toBe(false);
    expect(await deliveries.store.find(delivery)).toEqual(ended);
  });

  it('is known again when its reply was lost', async () => {
    const delivery = await stored();
    const next = { ...delivery, version: 2, due_at: iso(1) };
    for (const _ of [1, 2]) expect(await deliveries.store.write(next)).toBe(true);
    const ended: Delivery = {
      ...next,
      version: 3,
      state: 'given_up',
      reason: 'gone',
      due_at: null,
      ended_at: iso(2),
    };
    for (const _ of [1, 2]) expect(await deliveries.store.write(ended)).toBe(true);
    expect(await deliveries.store.find(delivery)).toEqual(ended);
  });

  it('of what is gone makes nothing', async () => {
    const gone = deliveryOf({ receiver: newReceiver(), version: 2 });
    expect(await deliveries.store.write(gone)).toBe(false);
    expect(await deliveries.store.find(gone)).toBeNull();
  });
});

describe('what is due', () => {
  it('is listed once its time has come, of each shard so many, the oldest first', async () => {
    const receiver = newReceiver();
    const later = await stored({ receiver, due_at: iso(2) });
    const due: Delivery[] = [];
    for (let n = 0; n < 40; n += 1) due.push(await stored({ receiver, due_at: iso(-1_000 - n) }));
    const mine = async (now: string, limit: number) =>
      (await deliveries.store.listDue(now, limit)).filter((one) => one.receiver === receiver);
    const listed = await mine(iso(), 1_000);
    expect(listed).toEqual(expect.arrayContaining(due.map(seen)));
    expect(listed).toHaveLength(40);
    expect(await mine(iso(2), 1_000)).toContainEqual(seen(later));
    const firsts = (await deliveries.store.listDue(iso(-1_000), 1)).map(({ due_at }) => due_at);
    expect(firsts.length).toBeLessThanOrEqual(8);
    expect(firsts).toContain(iso(-1_039));
  });

  it('is put off on condition that it still is what was seen', async () => {
    const delivery = await stored();
    expect(await deliveries.store.postpone(seen(delivery), iso(5))).toBe(true);
    expect(await deliveries.store.postpone(seen(delivery), iso(6))).toBe(false);
    expect(await deliveries.store.find(delivery)).toEqual({ ...delivery, due_at: iso(5), version: 2 });
  });

  it('waits apart from what does not, in the order in which it became due, and comes back', async () => {
    const receiver = newReceiver();
    const second = await stored({ receiver, since: iso(2), due_at: iso(60_000) });
    const first = await stored({ receiver, since: iso(1), due_at: iso(90_000) });
    for (const one of [second, first]) expect(await deliveries.store.setWaiting(seen(one))).toBe(true);
    const waiting = [
      { ...seen(first), due_at: iso(1) },
      { ...seen(second), due_at: iso(2) },
    ];
    expect(await deliveries.store.listWaiting(receiver, 100)).toEqual(waiting);
    expect(await deliveries.store.listWaiting(receiver, 1)).toEqual(waiting.slice(0, 1));
    expect(await deliveries.store.countWaiting(receiver)).toBe(2);
    expect(await deliveries.store.listDue(iso(100_000), 1_000)).not.toContainEqual(
      expect.objectContaining({ receiver }),
    );
    expect(await deliveries.store.find(first)).toMatchObject({ waits: true, state: 'due', due_at: iso(1) });
    const [oldest] = waiting;
    if (!oldest) throw new Error('nothing waits');
    expect(await deliveries.store.postpone(oldest, iso(5))).toBe(true);
    expect(await deliveries.store.find(first)).toMatchObject({ waits: false, due_at: iso(5) });
    expect(await deliveries.store.countWaiting(receiver)).toBe(1);
  });

  it('is counted where it waits, and not read for it', async () => {
    const { receiver } = await stored({ waits: true });
    const answers: object[] = [];
    const watched = interceptedStore(
      { ...store.context, tableName: deliveriesTableName },
      async (_, send) => {
        const answer = await send();
        answers.push(answer);
        return answer;
      },
    );
    expect(await createDeliveryStore(watched).countWaiting(receiver)).toBe(1);
    expect(answers).toEqual([expect.not.objectContaining({ Items: expect.anything() })]);
  });

  it('can be stored as waiting', async () => {
    const delivery = await stored({ waits: true });
    expect(await deliveries.store.listWaiting(delivery.receiver, 10)).toEqual([seen(delivery)]);
  });

  it('is given up on the same condition', async () => {
    const delivery = await stored({ waits: true });
    expect(await deliveries.store.giveUp({ ...seen(delivery), due_at: iso(1) }, iso(7))).toBe(false);
    expect(await deliveries.store.giveUp(seen(delivery), iso(7))).toBe(true);
    expect(await deliveries.store.giveUp(seen(delivery), iso(8))).toBe(false);
    expect(await deliveries.store.find(delivery)).toEqual({
      ...{ ...delivery, state: 'given_up', reason: 'time_over', ended_at: iso(7) },
      ...{ due_at: null, waits: false, version: 2 },
    });
    expect(await deliveries.store.listWaiting(delivery.receiver, 10)).toEqual([]);
  });
});

describe('the list', () => {
  const receiver = newReceiver();
  const query: DeliveryQuery = { receiver, from: iso(0), to: iso(59), after: null, limit: 7 };
  const all: Delivery[] = [];

  /** Every page of it. */
  async function pages(wanted: DeliveryQuery): Promise<Delivery[][]> {
    const read: Delivery[][] = [];
    for (let { after } = wanted, n = 0; n < 100; n += 1) {
      const page = await deliveries.store.list({ ...wanted, after });
      read.push([...page.items]);
      if (!page.next) return read;
      after = page.next;
    }
    throw new Error('the list has no end');
  }

  it("is of one receiver's, newest first, page by page", async () => {
    for (let n = 0; n < 60; n += 1) {
      // Two of each time.
      const timestamp = iso(n - (n % 2));
      const [type, order_no] =
        n % 3 === 0 ? (['refund.failed', 'meal-3'] as const) : (['order.paid', 'mall-1'] as const);
      all.unshift(await stored({ receiver, timestamp, type, order_no, since: iso(n) }));
    }
    await stored({ timestamp: iso(30) });
    const read = await pages(query);
    expect(
      read
        .flat()
        .map(({ event_id }) => event_id)
        .toSorted(),
    ).toEqual(all.map(({ event_id }) => event_id).toSorted());
    const times = read.flat().map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(read.slice(0, -1).every((page) => page.length === 7)).toBe(true);
    expect(read.flat()).toContainEqual(all[0]);
  });

  it('ends where it is said to, both ends included', async () => {
    const read = (await pages({ ...query, from: iso(10), to: iso(20) })).flat();
    expect(read).toHaveLength(12);
    expect(read.at(0)?.timestamp).toBe(iso(20));
    expect(read.at(-1)?.timestamp).toBe(iso(10));
  });

  it('has no next page where there is nothing more', async () => {
    const page = await deliveries.store.list({ ...query, from: iso(10), to: iso(20), limit: 12 });
    expect(page.items).toHaveLength(12);
    expect(page.next).toBeNull();
  });

  it('has no next page where nothing that is left is wanted, though not all was read at once', async () => {
    const full = newReceiver();
    for (let n = 0; n < 102; n += 1) {
      const event_id = newEventIdOf((id) => shardOf(id) === 3);
      const type = n < 100 ? 'order.paid' : 'dispute.opened';
      await stored({ receiver: full, event_id, timestamp: iso(n < 100 ? 1 : 2), type });
    }
    const wanted = { ...query, receiver: full, type: 'dispute.opened', limit: 2 } as const;
    const page = await deliveries.store.list(wanted);
    expect([page.items.length, page.next]).toEqual([2, null]);
  });

  it('has what is wanted alone', async () => {
    const wanted = async (filter: Partial<DeliveryQuery>) =>
      (await pages({ ...query, ...filter })).flat().length;
    expect(await wanted({ type: 'refund.failed' })).toBe(20);
    expect(await wanted({ order_no: 'mall-1' })).toBe(40);
    expect(await wanted({ order_no: 'mall-1', type: 'refund.failed' })).toBe(0);
    expect(await wanted({ state: 'delivered' })).toBe(0);
    expect(await wanted({ state: 'due' })).toBe(60);
  });

  it('is empty where there is nothing', async () => {
    expect(await deliveries.store.list({ ...query, receiver: newReceiver() })).toEqual({
      items: [],
      next: null,
    });
  });

  it('reads past a thousand that are not wanted, within bounds', async () => {
    const many = newReceiver();
    const wanted = await stored({ receiver: many, timestamp: iso(0), type: 'dispute.opened' });
    for (let n = 0; n < 1_000; n += 50) {
      await Promise.all(Array.from({ length: 50 }, () => stored({ receiver: many, timestamp: iso(1) })));
    }
    const read = await pages({ ...query, receiver: many, type: 'dispute.opened' });
    expect(read.flat()).toEqual([wanted]);
  });

  describe('of a shard that one page cannot read to its end', () => {
    const busy: DeliveryQuery = { ...query, receiver: newReceiver() };
    const wanted: DeliveryQuery = { ...busy, type: 'dispute.opened' };

    /** Newest first: the last one that a page reads of the shard, the one after it, and an older one elsewhere. */
    let sought: readonly Delivery[] = [];

    beforeAll(async () => {
      const ofShard = (shard: number) =>
        deliveryOf({
          body: '{}',
          receiver: busy.receiver,
          event_id: newEventIdOf((id) => shardOf(id) === shard),
        });
      // All of one time.
      const all = Array.from({ length: 801 }, () => ({ ...ofShard(3), timestamp: iso(5) }));
      const [beyond, edge, ...others] = all.map((one, n) =>
        n < 2 ? { ...one, type: 'dispute.opened' as const } : one,
      );
      const older = { ...ofShard(5), timestamp: iso(1), type: 'dispute.opened' as const };
      if (!beyond || !edge) throw new Error('there are none');
      sought = [edge, beyond, older];
      const left = [...sought, ...others];
      while (left.length > 0) await Promise.all(left.splice(0, 50).map(deliveries.store.add));
    });

    /** The store, and how many queries it has made. */
    function counted() {
      const { asked, context } = countedStore({ ...store.context, tableName: deliveriesTableName });
      return { list: createDeliveryStore(context).list, queries: () => asked.length };
    }

    it('shows what is older elsewhere only after what it has not read, and loses nothing', async () => {
      const [edge] = sought;
      const first = await deliveries.store.list(wanted);
      expect(first).toEqual({ items: [edge], next: { at: edge?.timestamp, key: edge?.event_id } });
      expect(await pages(wanted)).toEqual([[edge], sought.slice(1)]);
    });

    it('asks so often of a shard and no more, and no more than a page needs', async () => {
      const far = counted();
      await far.list(wanted);
      expect(far.queries()).toBe(7 + 8);
      const near = counted();
      expect((await near.list(busy)).items).toHaveLength(busy.limit);
      expect(near.queries()).toBe(7 + 1);
    });
  });
});

describe('the state of an endpoint', () => {
  it('is nothing until something fails', async () => {
    expect(await deliveries.store.findEndpoint(newReceiver())).toBeNull();
  });

  it('counts failures from the first on, and forgets them with a success', async () => {
    const receiver = newReceiver();
    await deliveries.store.countFailure(receiver, iso(1));
    const state = await deliveries.store.countFailure(receiver, iso(2));
    expect(state).toEqual({ receiver, failing_since: iso(1), failures: 2, paused_until: null, pauses: 0 });
    expect(await deliveries.store.findEndpoint(receiver)).toEqual(state);
    expect(await deliveries.store.pause(state, iso(60))).toBe(true);
    await deliveries.store.recover(receiver);
    const recovered = { receiver, failing_since: null, failures: 0, paused_until: null, pauses: 0 };
    expect(await deliveries.store.findEndpoint(receiver)).toEqual(recovered);
    expect(await deliveries.store.countFailure(receiver, iso(3))).toMatchObject({
      failing_since: iso(3),
      failures: 1,
    });
  });

  it('is paused once for each time that it was seen', async () => {
    const receiver = newReceiver();
    const state = await deliveries.store.countFailure(receiver, iso(1));
    expect(await deliveries.store.pause(state, iso(60))).toBe(true);
    expect(await deliveries.store.pause(state, iso(61))).toBe(false);
    const paused = await deliveries.store.findEndpoint(receiver);
    expect(paused).toMatchObject({ paused_until: iso(60), pauses: 1 });
    if (!paused) throw new Error('nothing is known of it');
    expect(await deliveries.store.pause(paused, iso(120))).toBe(true);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      paused_until: iso(120),
      pauses: 2,
    });
  });

  it('is not paused when it answered meanwhile', async () => {
    const receiver = newReceiver();
    const state = await deliveries.store.countFailure(receiver, iso(1));
    await deliveries.store.recover(receiver);
    expect(await deliveries.store.pause(state, iso(60))).toBe(false);
  });

  it('of one that never failed is not made by a success', async () => {
    const receiver = newReceiver();
    await deliveries.store.recover(receiver);
    expect(await deliveries.store.findEndpoint(receiver)).toBeNull();
  });

  it('is listed, also of one that is only kept', async () => {
    const [failing, kept] = [newReceiver(), newReceiver()];
    await deliveries.store.countFailure(failing, iso(1));
    await deliveries.store.keepEndpoint(kept);
    await deliveries.store.keepEndpoint(failing);
    const { client } = store.context;
    const items = [failing, kept].map(async (receiver) => {
      const Key = endpointKey(receiver);
      return (await client.send(new GetCommand({ TableName: deliveriesTableName, Key }))).Item;
    });
    expect(await Promise.all(items)).toMatchObject(
      [failing, kept].map((receiver) => ({ pk: 'ENDPOINTS', sk: `ENDPOINT#${receiver}`, schema: 1 })),
    );
    const listed = await deliveries.store.listEndpoints();
    expect(listed).toContainEqual(expect.objectContaining({ receiver: failing, failures: 1 }));
    expect(listed).toContainEqual({
      ...{ receiver: kept, failing_since: null, failures: 0, paused_until: null, pauses: 0 },
    });
  });
});

describe('what an event costs', () => {
  const layout = {
    keys: ['pk', 'sk'],
    indexes: [{ ...deliveryIndexes.due, projected: deliveryIndexes.due.attributes }],
  };
  // As large as that of a payment comes, of a tenant's order with the longest numbers.
  const data = {
    ...{ order_no: 'x1p01HXTESTQ000000000007ABCDE', version: 999, kind: 'tenant', id: null },
    ...{ tenant_id: Number.MAX_SAFE_INTEGER, status: 'refunding', amount: '999999.99', currency: 'CNY' },
    ...{
      payment_no: 'x1p01HXTESTQ000000000007ABCDE-99',
      provider: 'alipay',
      merchant: `${'2'.repeat(16)}.${'2'.repeat(16)}`,
    },
    ...{ transaction_id: 'T'.repeat(32), paid_at: iso() },
  };
  const body = JSON.stringify({ type: 'order.paid', timestamp: iso(), data });

  it('is a write of two units when it is stored, and one of two when it was delivered', async () => {
    const receiver = `tenant:${Number.MAX_SAFE_INTEGER}` as const;
    const delivery = await stored({ receiver, body, order_no: data.order_no });
    const image = async () =>
      marshall((await deliveries.items()).find(({ pk }) => String(pk).includes(receiver)) ?? {});
    const before = await image();
    await deliveries.store.write(afterAttempt(delivery, { ...attempt, status: 200 }, START));
    const after = await image();
    const units = (write: { before?: AttributeMap; after?: AttributeMap }) =>
      unitsByPartition(layout, { before: undefined, after: undefined, ...write, transactional: false })
        .map(({ index, units }) => `${index ?? 'table'} ${units}`)
        .toSorted();
    expect(units({ after: before })).toEqual(['due 1', 'table 1']);
    expect(units({ before, after })).toEqual(['due 1', 'table 1']);
    expect(sizeOf(after)).toBeLessThanOrEqual(1_024);
  });
});

it('names the table that the stack names', () => {
  expect(deliveriesTable({ DELIVERIES_TABLE: 'settle-test-deliveries' })).toBe('settle-test-deliveries');
  expect(() => deliveriesTable({})).toThrow('DELIVERIES_TABLE');
});
