import { isDeepStrictEqual } from 'node:util';
import { type Inbox, keepEvent } from '../../../infra/client/receive-webhook.ts';
import type { WebhookEvent } from '../../../infra/client/webhook-events.ts';
import type { WebhooksConfig } from '../../../lib/config/webhooks.ts';
import { isoTime } from '../../../lib/io.ts';
import type { EventType } from '../../../lib/orders/kinds.ts';
import { type DeliverPorts, deliver } from '../../../lib/webhooks/deliver.ts';
import type { Attempt, Receiver } from '../../../lib/webhooks/delivery.ts';
import { createEndpointStates } from '../../../lib/webhooks/endpoint-states.ts';
import { parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { release } from '../../../lib/webhooks/release.ts';
import { type Clock, createClock } from '../clock.ts';
import { createRandom, type Random } from '../random.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

/**
 * Webhooks from one seed, in virtual time: what comes off the bus once or more and in any order, a queue that repeats,
 * functions that die wherever they wait, a table that fails, and receivers that are down for a day, hang, lose what they
 * answer, or want no more. Faults stop after 30 hours; a week later everything must have arrived.
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const FAULTS_MS = 30 * HOUR;
const END_MS = 8 * 24 * HOUR;
/** As the queue has it: how long a message that was taken is hidden, and how often it is received. */
const VISIBILITY_MS = 3 * MINUTE;
const MOST_RECEIVES = 5;
const RUN_MS = 15 * SECOND;

/** A change in how deliveries are made, by which a simulation is seen to notice. */
export interface DeliveryBug {
  readonly name: string;
  readonly ports?: (ports: DeliverPorts) => DeliverPorts;
  readonly store?: (store: MemoryStore) => Partial<MemoryStore>;
}

export interface SimulatedDeliveries {
  /** What is wrong at the end; nothing, if all goes well. */
  readonly wrong: readonly string[];
  /** How often each rare branch was taken. */
  readonly marks: ReadonlyMap<string, number>;
}

interface SimulatedEvent {
  readonly id: string;
  readonly type: EventType;
  readonly timestamp: string;
  readonly tenant_id: number | null;
  readonly data: WebhookEvent['data'];
}

interface Shop {
  readonly receiver: Receiver;
  readonly inbox: Inbox;
  readonly came: Map<string, string>;
  /** Events that it said it wants no more. */
  readonly gone: Set<string>;
  readonly habits: { readonly down: readonly [from: number, to: number]; readonly failing: number };
}

const died = Symbol('died');

export async function simulateDeliveries(seed: number, bug?: DeliveryBug): Promise<SimulatedDeliveries> {
  const random = createRandom(seed);
  const rank = random.fork('order');
  const began = Date.UTC(2026, 2, 2);
  const clock = createClock(
    began,
    () => rank.next(),
    () => 0,
  );
  const marks = new Map<string, number>();
  const mark = (name: string) => marks.set(name, (marks.get(name) ?? 0) + 1);
  const isFaulty = () => clock.now() < began + FAULTS_MS;
  const share = random.pick([0, 0.02, 0.1]);
  const happens = (name: string, probability = share) => {
    const does = isFaulty() && random.chance(probability);
    if (does) mark(name);
    return does;
  };

  const store = createMemoryStore(async () => {
    await clock.sleep(random.between(2, 30));
    if (happens('function_died', share / 4)) throw died;
    if (happens('table_failed', share / 2)) throw new Error('the table is not there');
  });
  const altered = { ...store, ...bug?.store?.(store) };
  const shops = createShops(random, began);
  const send = createReceivers({ clock, random, shops, happens, mark });
  const events = happened(random, began);

  const queue = createQueue(clock, random, happens, mark, (body) => {
    const message = parseQueueMessage(body);
    if (!message) throw new Error('the queue holds what is no message');
    const ports: DeliverPorts = {
      store: altered,
      states: createEndpointStates(altered, clock.now),
      findEndpoint: async (receiver) => {
        await clock.sleep(random.between(1, 40));
        if (happens('document_unread')) throw new Error('no document');
        return endpointOf(receiver, shops);
      },
      send,
      now: clock.now,
      report: (_delivery, outcome) => void mark(`delivery_${outcome}`),
      onUnread: () => {},
    };
    return deliver(message, bug?.ports?.(ports) ?? ports);
  });

  for (const event of events) {
    const { id, type, timestamp, data } = event;
    const detail = { id, type, timestamp, recorded_at: timestamp, owner: 'shop:mall', data };
    const body = JSON.stringify({ detail });
    const times = random.chance(0.2) ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      const late = random.chance(0.2) ? random.between(MINUTE, 3 * HOUR) : random.between(50, 20_000);
      clock.after(Date.parse(timestamp) - began + late, () => queue.send(body));
    }
  }
  scheduleRelease(clock, altered, async () => {
    const shouldStop = until(clock.now() + RUN_MS, clock);
    await release({
      ...{ store: altered, now: clock.now, shouldStop },
      send: async (message) => {
        await clock.sleep(random.between(2, 30));
        if (happens('queue_failed')) throw new Error('the queue is not there');
        queue.send(JSON.stringify(message));
      },
      onGivenUp: () => mark('waited_too_long'),
      onFailure: () => {},
    });
  });

  await clock.run(began + FAULTS_MS);
  queue.redrive();
  await clock.run(began + END_MS);
  return { wrong: judge(events, shops, altered, queue.left()), marks };
}

const until = (end: number, clock: Clock) => () => clock.now() >= end;

/** Runs by the minute where something is due, as a schedule does; it may die, and the next goes on. */
function scheduleRelease(clock: Clock, store: MemoryStore, run: () => Promise<void>): void {
  const tick = () => {
    const due = store.nextDue();
    const next = due !== null && due <= clock.now() ? run().catch(() => {}) : Promise.resolve();
    // Nothing that is due later changes before it is.
    const wait = due === null ? 10 * MINUTE : Math.max(MINUTE, Math.min(due - clock.now(), HOUR));
    void next.then(() => clock.after(Math.ceil(wait / MINUTE) * MINUTE, tick));
  };
  clock.after(MINUTE, tick);
}

/** SQS: at least once, in no order; what is not done in its time comes again, and what fails too often is set aside. */
function createQueue(
  clock: Clock,
  random: Random,
  happens: (name: string, probability?: number) => boolean,
  mark: (name: string) => void,
  consume: (body: string) => Promise<void>,
) {
  const setAside: string[] = [];
  let left = 0;
  const receive = async (body: string, receives: number): Promise<void> => {
    if (receives > MOST_RECEIVES) {
      mark('set_aside');
      setAside.push(body);
      left -= 1;
      return;
    }
    try {
      await consume(body);
      if (happens('message_repeated', 0.05))
        clock.after(random.between(SECOND, 5 * MINUTE), () => void receive(body, 1));
      else left -= 1;
    } catch {
      clock.after(VISIBILITY_MS, () => void receive(body, receives + 1));
    }
  };
  const send = (body: string) => {
    left += 1;
    clock.after(random.between(5, 3_000), () => void receive(body, 1));
  };
  return {
    send,
    /** By a person, once what made it fail is mended. */
    redrive: () => {
      for (const body of setAside.splice(0)) send(body);
    },
    left: () => left,
  };
}

const receivers: readonly Receiver[] = ['stage', 'tenant:7', 'tenant:8'];

function createShops(random: Random, began: number): ReadonlyMap<Receiver, Shop> {
  return new Map(
    receivers.map((receiver) => {
      const from = began + random.between(0, 5 * HOUR);
      const isDown = random.chance(0.4);
      const down = [from, isDown ? from + random.pick([HOUR, 10 * HOUR, 25 * HOUR]) : from] as const;
      const failing = random.pick([0, 0.1, 0.5]);
      const inbox: Inbox = { ids: new Set(), newest: new Map() };
      return [receiver, { receiver, inbox, came: new Map(), gone: new Set(), habits: { down, failing } }];
    }),
  );
}

const urlOf = (receiver: Receiver) => `https://${receiver.replace(':', '-')}.example/hooks`;

/** Tenant 9 has no endpoint; the stage hears of tenants' orders too. */
const endpointOf = (receiver: Receiver, shops: ReadonlyMap<Receiver, Shop>): WebhooksConfig | null =>
  shops.has(receiver)
    ? { url: new URL(urlOf(receiver)), secrets: [], events: null, tenantEvents: true }
    : null;

interface ReceiverParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly shops: ReadonlyMap<Receiver, Shop>;
  readonly happens: (name: string, probability?: number) => boolean;
  readonly mark: (name: string) => void;
}

/** Shops, each with the receiver of the documentation behind its own trouble. */
function createReceivers({ clock, random, shops, happens, mark }: ReceiverParts): DeliverPorts['send'] {
  return async ({ url }, { id, body }) => {
    const at = isoTime(clock.now());
    const began = clock.now();
    const shop = [...shops.values()].find(({ receiver }) => urlOf(receiver) === url.href);
    if (!shop) throw new Error('nobody is there');
    const ended = async (duration_ms: number, status: number | null, error: Attempt['error'] = null) => {
      await clock.sleep(duration_ms);
      if (happens('function_died')) throw died;
      return { at, status, error, duration_ms: clock.now() - began };
    };
    const { down, failing } = shop.habits;
    if (clock.now() >= down[0] && clock.now() < down[1]) {
      mark('receiver_down');
      return random.chance(0.5) ? ended(10, null, 'connection_failed') : ended(5_000, null, 'timeout');
    }
    if (happens('receiver_refused', failing))
      return ended(random.between(5, 900), random.pick([500, 503, 301, 404]));
    if (happens('receiver_gone', failing / 50)) {
      shop.gone.add(id);
      return ended(20, 410);
    }
    await clock.sleep(random.between(5, 400));
    if (shop.inbox.ids.has(id)) mark('came_again');
    shop.came.set(id, body);
    keepEvent(shop.inbox, id, JSON.parse(body) as WebhookEvent);
    if (happens('receiver_answer_lost', failing)) return ended(5_000, null, 'timeout');
    return ended(random.between(5, 400), 204);
  };
}

/** What happens to some orders: each has its story, and each word of it a version. */
function happened(random: Random, began: number): readonly SimulatedEvent[] {
  const events: SimulatedEvent[] = [];
  for (let order = 1; order <= random.between(1, 4); order += 1) {
    const tenant_id = random.pick([null, 7, 8, 9]);
    const order_no = `order-${order}`;
    let at = began + random.between(0, 8 * HOUR);
    const tell = (type: EventType, version: number, more: object = {}) => {
      at += random.pick([1, 500, 20_000, 2 * HOUR]);
      const id = `evt_${order}_${type.replace('.', '_')}_${version}`;
      const data = { order_no, version, tenant_id, ...more } as unknown as WebhookEvent['data'];
      events.push({ id, type, timestamp: isoTime(at), tenant_id, data });
    };
    let version = 1;
    for (let failures = random.pick([0, 0, 1, 3]); failures > 0; failures -= 1) {
      version += random.between(1, 2);
      tell('payment.failed', version, { status: 'failed' });
    }
    version += 1;
    if (random.chance(0.3)) {
      tell('order.closed', version, { status: 'closed' });
      continue;
    }
    tell('order.paid', version, { status: 'paid' });
    const refund_no = `${order_no}-r1`;
    if (random.chance(0.5)) tell('refund.succeeded', 2, { refund_no, status: 'succeeded' });
    if (random.chance(0.3)) tell('refund.failed', 3, { refund_no, status: 'failed' });
    if (random.chance(0.3)) {
      tell('exception.raised', 1, { id: `x-${order}`, state: 'open' });
      if (random.chance(0.5)) tell('exception.resolved', 2, { id: `x-${order}`, state: 'resolved' });
    }
  }
  return events;
}

function judge(
  events: readonly SimulatedEvent[],
  shops: ReadonlyMap<Receiver, Shop>,
  { deliveries }: MemoryStore,
  left: number,
): readonly string[] {
  const wrong: string[] = [];
  if (left !== 0) wrong.push(`${left} messages are left in the queue`);
  for (const delivery of deliveries.values())
    if (delivery.state === 'due') wrong.push(`${delivery.receiver} ${delivery.event_id} is due for ever`);
  for (const shop of shops.values()) {
    const { receiver, came, gone, inbox } = shop;
    const wanted = events.filter(
      ({ tenant_id }) => receiver === 'stage' || receiver === `tenant:${tenant_id}`,
    );
    for (const { id, type, timestamp, data } of wanted) {
      if (!came.has(id) && !gone.has(id)) wrong.push(`${id} never came to ${receiver}`);
      const body = came.get(id);
      if (body !== undefined && !isDeepStrictEqual(JSON.parse(body), { type, timestamp, data }))
        wrong.push(`${id} came to ${receiver} as something else`);
    }
    for (const id of came.keys())
      if (!wanted.some((event) => event.id === id)) wrong.push(`${id} came to ${receiver}, whose it is not`);
    if (gone.size > 0) continue;
    const truth = new Map<string, SimulatedEvent>();
    for (const event of wanted) {
      const subject = event.type.startsWith('refund') ? 'r' : event.type.startsWith('exception') ? 'x' : 'o';
      const key = `${subject} ${event.data.order_no}`;
      if ((truth.get(key)?.data.version ?? 0) < event.data.version) truth.set(key, event);
    }
    const known = [...inbox.newest.values()].map(
      ({ type, data }) => `${type} ${data.order_no} ${data.version}`,
    );
    const should = [...truth.values()].map(({ type, data }) => `${type} ${data.order_no} ${data.version}`);
    if (known.toSorted().join() !== should.toSorted().join())
      wrong.push(`${receiver} ends with ${known.join()}, and should with ${should.join()}`);
  }
  return wrong;
}
