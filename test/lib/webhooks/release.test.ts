import { beforeEach, describe, expect, it } from 'vitest';
import { deliver } from '../../../lib/webhooks/deliver.ts';
import type { Delivery, Receiver } from '../../../lib/webhooks/delivery.ts';
import { createEndpointStates } from '../../../lib/webhooks/endpoint-states.ts';
import { parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { type ReleasePorts, release } from '../../../lib/webhooks/release.ts';
import { deliveryOf, START, useDeliveries } from '../../support/deliveries.ts';
import { useStore } from '../../support/store.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const deliveries = useDeliveries(useStore());
const iso = (after_ms = 0) => new Date(START + after_ms).toISOString();

interface Sent {
  readonly group: string;
  readonly event_id: string;
  readonly message: object;
}

let sent: Sent[] = [];
let givenUp: string[] = [];
let failed: string[] = [];

beforeEach(async () => {
  await deliveries.clear();
  [sent, givenUp, failed] = [[], [], []];
});

const portsWith = (changes: Partial<ReleasePorts> = {}): ReleasePorts => ({
  store: deliveries.store,
  send: async (message, group) => {
    const parsed = parseQueueMessage(JSON.stringify(message));
    if (!parsed || !('delivery' in parsed)) throw new Error('no message of a delivery');
    sent.push({ group, event_id: parsed.delivery.event_id, message });
  },
  now: () => deliveries.now,
  shouldStop: () => false,
  onGivenUp: ({ event_id }) => void givenUp.push(event_id),
  onFailure: ({ event_id }) => void failed.push(event_id),
  ...changes,
});

const run = (changes: Partial<ReleasePorts> = {}) => release(portsWith(changes));

async function stored(receiver: Receiver, changes: Partial<Delivery> = {}): Promise<Delivery> {
  const delivery = deliveryOf({ receiver, ...changes });
  await deliveries.store.add(delivery);
  return delivery;
}

const waitingSince = (receiver: Receiver, after_ms: number) =>
  stored(receiver, { waits: true, since: iso(after_ms), due_at: iso(after_ms) });

const many = async (count: number, make: (n: number) => Promise<Delivery>): Promise<Delivery[]> => {
  const made: Delivery[] = [];
  for (let n = 0; n < count; n += 50) {
    const part = Array.from({ length: Math.min(50, count - n) }, (_, index) => make(n + index));
    made.push(...(await Promise.all(part)));
  }
  return made;
};

async function pause(receiver: Receiver, until_ms: number): Promise<void> {
  const state = await deliveries.store.countFailure(receiver, iso());
  await deliveries.store.pause(state, iso(until_ms));
}

/** What is put off is in the queue, or due again later: a run that heard nothing of its own write leaves it so. */
async function expectPutOff(some: readonly Delivery[]): Promise<void> {
  const found = await Promise.all(some.map((one) => deliveries.store.find(one)));
  expect(found.map((one) => one?.due_at)).toEqual(some.map(() => iso(5 * MINUTE)));
}

const ids = (some: readonly { readonly event_id: string }[]) =>
  some.map(({ event_id }) => event_id).toSorted();

describe('what is due', () => {
  it('is put into the queue, each in the group of its receiver, and due in minutes should nothing come of it', async () => {
    const due = [await stored('stage'), await stored('tenant:7', { due_at: iso(-2_000) })];
    const later = await stored('stage', { due_at: iso(1) });
    expect(await run()).toEqual({ released: 2, overdue: 2, oldest_ms: 2_000, failing: 0 });
    expect(ids(sent)).toEqual(ids(due));
    expect(sent.map(({ group }) => group).toSorted()).toEqual(['stage', 'tenant:7']);
    for (const one of due) {
      expect(await deliveries.store.find(one)).toMatchObject({ state: 'due', due_at: iso(5 * MINUTE) });
    }
    expect(await deliveries.store.find(later)).toEqual(later);
    expect((await run()).released).toBe(0);
    deliveries.now += 5 * MINUTE;
    expect((await run()).released).toBe(3);
  });

  it('is put off before it is sent, so that what is not sent is due again', async () => {
    const due = await stored('stage');
    const send = async () => {
      throw new Error('the queue is down');
    };
    expect(await run({ send })).toMatchObject({ released: 0, overdue: 1 });
    expect(failed).toEqual([due.event_id]);
    expect(await deliveries.store.find(due)).toMatchObject({ due_at: iso(5 * MINUTE) });
  });

  it('is left when the queue takes nothing, after some', async () => {
    await many(100, () => stored('stage'));
    const send = async () => {
      throw new Error('the queue is down');
    };
    await run({ send });
    // Twenty, and what was under way beside the twentieth.
    expect(failed.length).toBeGreaterThanOrEqual(20);
    expect(failed.length).toBeLessThan(40);
    const putOff = (await deliveries.items()).filter(({ due_at }) => due_at !== iso());
    expect(putOff).toHaveLength(failed.length);
  });

  it('is sent once by two runs at once', async () => {
    const due = await many(60, () => stored('stage'));
    await Promise.all([run(), run()]);
    expect(new Set(ids(sent)).size).toBe(sent.length);
    await expectPutOff(due);
  });

  it('is left for the next run when the time is over', async () => {
    const due = await many(150, () => stored('stage', { due_at: iso(-1) }));
    let asked = 0;
    await run({ shouldStop: () => ++asked > 50 });
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(50);
    await run();
    expect(new Set(ids(sent)).size).toBe(sent.length);
    await expectPutOff(due);
  });
});

describe('an endpoint that is paused', () => {
  it('is sent one of what waits for it, the oldest, once its pause is over', async () => {
    await pause('tenant:7', MINUTE);
    const [first] = [await waitingSince('tenant:7', 1), await waitingSince('tenant:7', 2)];
    await run();
    expect(sent).toEqual([]);
    deliveries.now += MINUTE;
    expect(await run()).toMatchObject({ released: 1, overdue: 0 });
    expect(ids(sent)).toEqual([first.event_id]);
  });

  it('has what became due wait too, and does not keep others from being sent', async () => {
    await pause('tenant:7', HOUR);
    const retries = await many(200, (n) => stored('tenant:7', { since: iso(-n), due_at: iso(-1_000) }));
    const others = await many(3, () => stored('tenant:8'));
    await run();
    expect(ids(sent)).toEqual(ids(others));
    expect(ids(await deliveries.store.listWaiting('tenant:7', 1_000))).toEqual(ids(retries));
    expect((await deliveries.store.listWaiting('tenant:7', 1))[0]?.due_at).toBe(iso(-199));
  });

  it('loses what has waited for three days, however much, and nothing else', async () => {
    await pause('tenant:7', 100 * HOUR);
    const old = await many(250, (n) => waitingSince('tenant:7', n));
    const young = await waitingSince('tenant:7', HOUR);
    deliveries.now += 72 * HOUR + 1_000;
    expect(await run()).toMatchObject({ released: 0, failing: 1 });
    expect(givenUp.toSorted()).toEqual(ids(old));
    const [one] = old;
    expect(one && (await deliveries.store.find(one))).toMatchObject({
      state: 'given_up',
      reason: 'time_over',
    });
    expect(await deliveries.store.find(young)).toEqual(young);
  });

  it('has all that waits sent once it takes something again', async () => {
    await pause('tenant:7', MINUTE);
    const waiting = await many(250, (n) => waitingSince('tenant:7', n));
    deliveries.now += MINUTE;
    await run();
    const [probe] = sent;
    const message = probe && parseQueueMessage(JSON.stringify(probe.message));
    if (!message) throw new Error('nothing was tried');
    deliveries.now += 1_000;
    const taken = { at: iso(MINUTE + 1_000), status: 200, error: null, duration_ms: 1 };
    await deliver(message, {
      ...{ store: deliveries.store, states: createEndpointStates(deliveries.store, () => deliveries.now) },
      findEndpoint: async () => ({
        ...{
          url: new URL('https://shop.example'),
          secrets: [webhookSecret(1)],
          events: null,
          tenantEvents: false,
        },
      }),
      ...{ send: async () => taken, now: () => deliveries.now, report: () => {}, onUnread: () => {} },
    });
    expect((await run()).released).toBe(249);
    expect(ids(sent)).toEqual(ids(waiting));
  });
});

describe('one with much', () => {
  /** A store in memory: what is due, or waits, of receivers whose endpoints are kept. */
  function createMemory(listed: readonly { readonly receiver: Receiver; readonly waits: boolean }[]) {
    let due = listed.map(({ receiver, waits }, n) => ({
      ...{ receiver, waits, timestamp: iso(), event_id: `evt_${n}`, due_at: iso(-10_000 + n) },
    }));
    const kept = new Set(due.filter(({ waits }) => waits).map(({ receiver }) => receiver));
    const change = (event_id: string, changes: Partial<(typeof due)[number]>) => {
      due = due.map((one) => (one.event_id === event_id ? { ...one, ...changes } : one));
      return true;
    };
    const store: ReleasePorts['store'] = {
      listEndpoints: async () =>
        [...kept].map((receiver) => ({
          ...{ receiver, failing_since: null, failures: 0, paused_until: null, pauses: 0 },
        })),
      keepEndpoint: async (receiver) => void kept.add(receiver),
      listDue: async (now, limit) =>
        due.filter(({ waits, due_at }) => !waits && due_at <= now).slice(0, 8 * limit),
      listWaiting: async (receiver, limit) =>
        due.filter((one) => one.waits && one.receiver === receiver).slice(0, limit),
      postpone: async ({ event_id }, due_at) => change(event_id, { due_at, waits: false }),
      setWaiting: async ({ event_id }) => change(event_id, { waits: true }),
      giveUp: async () => false,
    };
    return { store, waiting: () => due.filter(({ waits }) => waits).length };
  }

  const times = (count: number, receiver: Receiver, waits: boolean) =>
    Array.from({ length: count }, () => ({ receiver, waits }));
  const sentTo = (group: string) => sent.filter((one) => one.group === group).map(({ event_id }) => event_id);

  it('has its turn with others: a slice each, the oldest first', async () => {
    const { store } = createMemory([...times(1_500, 'tenant:7', true), ...times(150, 'tenant:8', true)]);
    await run({ store });
    expect(sentTo('tenant:7')).toHaveLength(1_500);
    expect(sentTo('tenant:8')).toEqual(Array.from({ length: 150 }, (_, n) => `evt_${1_500 + n}`));
    // Two slices of its own, and as many of the other's beside them.
    expect(sent.findLastIndex(({ group }) => group === 'tenant:8')).toBeLessThan(400);
  });

  it('is sent so much in a run; the rest waits, apart from what others have that is due', async () => {
    const { store, waiting } = createMemory([
      ...times(3_200, 'tenant:7', false),
      ...times(30, 'tenant:8', false),
    ]);
    expect((await run({ store })).overdue).toBe(800);
    expect(sentTo('tenant:8')).toHaveLength(30);
    const first = sentTo('tenant:7').length;
    // What was under way as the bound was reached goes beyond it.
    expect(first).toBeGreaterThanOrEqual(3_000);
    expect(first).toBeLessThan(3_020);
    expect(waiting()).toBe(3_200 - first);
    await run({ store });
    expect(sentTo('tenant:7')).toHaveLength(3_200);
  });

  it('is sent so much of what waits beside what is due, to the last one', async () => {
    const { store, waiting } = createMemory([
      ...times(50, 'tenant:7', false),
      ...times(3_200, 'tenant:7', true),
    ]);
    expect((await run({ store })).released).toBe(3_000);
    expect(waiting()).toBe(250);
  });
});

it('counts the endpoints without a success for a day', async () => {
  await deliveries.store.countFailure('tenant:7', iso());
  await deliveries.store.countFailure('tenant:8', iso(HOUR));
  deliveries.now += 24 * HOUR;
  expect((await run()).failing).toBe(1);
  await deliveries.store.recover('tenant:7');
  expect((await run()).failing).toBe(0);
});

it('fails when the table cannot be read', async () => {
  const listDue = async () => {
    throw new Error('the table is down');
  };
  const { listEndpoints, keepEndpoint, listWaiting, postpone, setWaiting, giveUp } = deliveries.store;
  const store = { listEndpoints, keepEndpoint, listWaiting, postpone, setWaiting, giveUp, listDue };
  await expect(run({ store })).rejects.toThrow('the table is down');
});
