import { describe, expect, it } from 'vitest';
import { parseWebhooksDocument, type WebhooksConfig } from '../../../lib/config/webhooks.ts';
import type { EventType } from '../../../lib/orders/kinds.ts';
import { sentAgain } from '../../../lib/webhooks/attempt-schedule.ts';
import { type DeliverPorts, deliver } from '../../../lib/webhooks/deliver.ts';
import type { Attempt, Delivery, Receiver } from '../../../lib/webhooks/delivery.ts';
import { createEndpointStates } from '../../../lib/webhooks/endpoint-states.ts';
import { dueAgainMessage, parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { deliveryOf, newEventId, queuedEvent, START, useDeliveries } from '../../support/deliveries.ts';
import { useStore } from '../../support/store.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const deliveries = useDeliveries(useStore());
const iso = (after_ms = 0) => new Date(START + after_ms).toISOString();

const endpointOf = (name: string, changes = {}): WebhooksConfig =>
  parseWebhooksDocument(
    name,
    { url: 'https://shop.example/hooks', secrets: [webhookSecret(1)], ...changes },
    { allowLoopback: false },
  );

/** As the function joins them, in an execution environment of its own; of each test its own receivers. */
function createWorld(endpoints: Readonly<Partial<Record<Receiver, WebhooksConfig | Error>>>) {
  const sent: { readonly url: string; readonly id: string; readonly body: string }[] = [];
  const reported: string[] = [];
  const world = {
    sent,
    reported,
    endpoints: { ...endpoints } as Partial<Record<Receiver, WebhooksConfig | Error>>,
    answer: (): number | Attempt['error'] => 204,
    now: () => deliveries.now,
  };
  const attemptOf = (result: number | Attempt['error']): Attempt => ({
    ...{ at: new Date(deliveries.now).toISOString(), duration_ms: 3 },
    ...(typeof result === 'number' ? { status: result, error: null } : { status: null, error: result }),
  });
  const ports: DeliverPorts = {
    store: deliveries.store,
    states: createEndpointStates(deliveries.store, world.now),
    now: world.now,
    findEndpoint: async (receiver) => {
      const found = world.endpoints[receiver] ?? null;
      if (found instanceof Error) throw found;
      return found;
    },
    send: async ({ url }, { id, body }) => {
      sent.push({ url: url.href, id, body });
      return attemptOf(world.answer());
    },
    report: ({ receiver }, outcome) => void reported.push(`${receiver} ${outcome}`),
    onUnread: (receiver) => void reported.push(`${receiver} unread`),
  };
  return { world, ports };
}

const messageOf = (event: object) => {
  const message = parseQueueMessage(JSON.stringify(event));
  if (!message) throw new Error('no message');
  return message;
};

/** What is stored of an event's delivery. */
async function found(receiver: Receiver, event_id: string, timestamp = iso()): Promise<Delivery> {
  const delivery = await deliveries.store.find({ receiver, timestamp, event_id });
  if (!delivery) throw new Error(`no delivery of ${event_id}`);
  return delivery;
}

const dueAgain = (delivery: Delivery) => messageOf(dueAgainMessage(delivery, deliveries.now));

let tenants = 100;
const newTenant = () => ({ tenant_id: ++tenants, receiver: `tenant:${tenants}` as Receiver });

describe('an event', () => {
  it("goes to the stage's endpoint and is stored as delivered", async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id })), ports);
    const delivery = await found('stage', id);
    expect(delivery).toEqual({
      ...{ receiver: 'stage', event_id: id, timestamp: iso(), type: 'order.paid', order_no: 'mall-1' },
      ...{
        state: 'delivered',
        version: 2,
        waits: false,
        since: iso(),
        tries: 1,
        due_at: null,
        ended_at: iso(),
      },
      attempts: [{ at: iso(), status: 204, error: null, duration_ms: 3 }],
      ...{ reason: null, redelivered: null, body: expect.any(String) },
    });
    expect(world.sent).toEqual([{ url: 'https://shop.example/hooks', id, body: delivery.body }]);
    expect(Object.keys(JSON.parse(delivery.body))).toEqual(['type', 'timestamp', 'data']);
    expect(world.reported).toEqual(['stage delivered']);
    expect(await deliveries.store.findEndpoint('stage')).toBeNull();
  });

  it("of a tenant goes to the tenant's, and to the stage's where that wants it", async () => {
    const { tenant_id, receiver } = newTenant();
    const own = endpointOf(`tenants/${tenant_id}`);
    const { world, ports } = createWorld({ stage: endpointOf('webhooks'), [receiver]: own });
    await deliver(messageOf(queuedEvent({ tenant_id })), ports);
    expect(world.reported).toEqual([`${receiver} delivered`]);
    world.endpoints['stage'] = endpointOf('webhooks', { tenant_events: true });
    await deliver(messageOf(queuedEvent({ tenant_id })), ports);
    expect(world.reported.slice(1).toSorted()).toEqual(['stage delivered', `${receiver} delivered`]);
  });

  it('that nobody wants is not stored', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks', { events: ['order.closed'] }) });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id })), ports);
    expect(world).toMatchObject({ sent: [], reported: [] });
    expect(await deliveries.store.find({ receiver: 'stage', timestamp: iso(), event_id: id })).toBeNull();
  });

  it('that comes again, here or elsewhere, makes no second delivery', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const message = messageOf(queuedEvent());
    await deliver(message, ports);
    await deliver(message, ports);
    await Promise.all([deliver(message, createWorld(world.endpoints).ports), deliver(message, ports)]);
    expect(world.sent).toHaveLength(1);
    expect(world.reported).toEqual(['stage delivered', 'stage repeated', 'stage repeated']);
  });

  it('that comes twice at once is sent once', async () => {
    const worlds = [1, 2, 3].map(() => createWorld({ stage: endpointOf('webhooks') }));
    const message = messageOf(queuedEvent());
    await Promise.all(worlds.map(({ ports }) => deliver(message, ports)));
    expect(worlds.flatMap(({ world }) => world.sent)).toHaveLength(1);
  });

  it('is due again when it was not taken, with what was answered', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    world.answer = () => 503;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    const failed = await found(receiver, id);
    expect(failed).toMatchObject({ state: 'due', tries: 1, due_at: iso(), attempts: [{ status: 503 }] });
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      failures: 1,
      failing_since: iso(),
    });
    deliveries.now += 60_000;
    world.answer = () => 'timeout';
    await deliver(dueAgain(failed), ports);
    const again = await found(receiver, id);
    expect(again).toMatchObject({
      state: 'due',
      tries: 2,
      due_at: iso(180_000),
      attempts: [{}, { error: 'timeout' }],
    });
    deliveries.now += 180_000;
    world.answer = () => 200;
    await deliver(dueAgain(again), ports);
    expect(await found(receiver, id)).toMatchObject({ state: 'delivered', tries: 3, due_at: null });
    expect(new Set(world.sent.map(({ body }) => body)).size).toBe(1);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({ failures: 0, failing_since: null });
  });

  it('is given up at once when its receiver is gone', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    world.answer = () => 410;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id })), ports);
    expect(await found('stage', id)).toMatchObject({ state: 'given_up', reason: 'gone', due_at: null });
    expect(world.reported).toEqual(['stage given_up']);
  });

  it('is given up after three days', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    world.answer = () => 500;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    for (let attempts = 1; attempts < 12; attempts += 1) {
      const delivery = await found(receiver, id);
      deliveries.now = Math.max(deliveries.now + 1, Date.parse(delivery.due_at ?? ''));
      await deliver(dueAgain(delivery), ports);
    }
    const given_up = await found(receiver, id);
    expect(given_up).toMatchObject({ state: 'given_up', reason: 'time_over', tries: 12 });
    expect((deliveries.now - START) / 3_600_000).toBeCloseTo(69.7, 1);
    expect(world.reported.at(-1)).toBe(`${receiver} given_up`);
  });
});

describe('a function that dies', () => {
  it('between storing and attempting leaves the delivery due in minutes', async () => {
    const { ports } = createWorld({ stage: endpointOf('webhooks') });
    const died = new Error('died');
    const message = messageOf(queuedEvent({ id: newEventId() }));
    const send = async () => {
      throw died;
    };
    await expect(deliver(message, { ...ports, send })).rejects.toBe(died);
    if (!('event' in message)) throw new Error('no event');
    const stored = await found('stage', message.event.id);
    expect(stored).toMatchObject({ state: 'due', due_at: iso(300_000), attempts: [] });
    // The message comes again, and does nothing; what is due is attempted.
    const { world, ports: next } = createWorld({ stage: endpointOf('webhooks') });
    await deliver(message, next);
    expect(world.sent).toEqual([]);
    deliveries.now += 300_000;
    expect(await deliveries.store.listDue(iso(300_000), 1_000)).toContainEqual(
      expect.objectContaining({ event_id: message.event.id }),
    );
    await deliver(dueAgain(stored), next);
    expect(world.sent).toHaveLength(1);
    expect(await found('stage', message.event.id)).toMatchObject({ state: 'delivered', attempts: [{}] });
  });

  it('at each attempt is not given the delivery for longer than three days', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const send = async () => {
      throw new Error('died');
    };
    const id = newEventId();
    await expect(deliver(messageOf(queuedEvent({ id })), { ...ports, send })).rejects.toThrow('died');
    deliveries.now += 72 * 3_600_000 - 1;
    await expect(deliver(dueAgain(await found('stage', id)), { ...ports, send })).rejects.toThrow('died');
    deliveries.now += 1;
    await deliver(dueAgain(await found('stage', id)), ports);
    expect(world).toMatchObject({ sent: [], reported: ['stage given_up'] });
    expect(await found('stage', id)).toMatchObject({
      ...{ state: 'given_up', reason: 'time_over', tries: 0, attempts: [], due_at: null },
    });
  });

  it('after the attempt has it attempted again', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const id = newEventId();
    const write = async () => {
      throw new Error('died');
    };
    const store = { ...deliveries.store, add: deliveries.store.add, find: deliveries.store.find, write };
    await expect(deliver(messageOf(queuedEvent({ id })), { ...ports, store })).rejects.toThrow('died');
    expect(world.sent).toHaveLength(1);
    expect(await found('stage', id)).toMatchObject({ state: 'due', due_at: iso(300_000) });
  });
});

describe('a delivery that is due again', () => {
  it('is attempted once, however often its message comes', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    world.answer = () => 500;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    deliveries.now += 60_000;
    const message = dueAgain(await found(receiver, id));
    deliveries.now += 1;
    for (const _ of [1, 2, 3]) await deliver(message, ports);
    expect(world.sent).toHaveLength(2);
    expect(world.reported).toEqual(
      ['failed', 'failed', 'repeated', 'repeated'].map((word) => `${receiver} ${word}`),
    );
  });

  it('is attempted when its message had to wait so long that another was sent', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    world.answer = () => 500;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    const messages: ReturnType<typeof dueAgain>[] = [];
    for (let n = 0; n < 3; n += 1) {
      deliveries.now += 300_000;
      const delivery = await found(receiver, id);
      await deliveries.store.postpone(
        { ...delivery, due_at: delivery.due_at ?? '' },
        iso(deliveries.now - START + 300_000),
      );
      messages.push(dueAgain(delivery));
    }
    world.answer = () => 200;
    deliveries.now += 1;
    for (const message of messages) await deliver(message, ports);
    expect(world.sent).toHaveLength(2);
    expect(await found(receiver, id)).toMatchObject({ state: 'delivered' });
  });

  it('is not when it is over, or is not there any more', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id })), ports);
    const delivered = await found('stage', id);
    await deliver(dueAgain(delivered), ports);
    await deliver(dueAgain({ ...delivered, event_id: newEventId() }), ports);
    expect(world.sent).toHaveLength(1);
    expect(world.reported).toEqual(['stage delivered', 'stage repeated']);
  });

  it('is when somebody wants it sent again', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id })), ports);
    deliveries.now += 1;
    const again = sentAgain(await found('stage', id), 'admin-1', deliveries.now, false);
    await deliveries.store.write(again);
    await deliver(dueAgain(again), ports);
    expect(world.sent).toHaveLength(2);
    expect(await found('stage', id)).toMatchObject({ state: 'delivered', tries: 1, attempts: [{}, {}] });
  });

  it.each([
    ['there is no endpoint any more', null],
    ['its endpoint does not want such events any more', { events: ['order.closed'] }],
  ] as const)('is over when %s', async (_, changes) => {
    const { receiver, tenant_id } = newTenant();
    const name = `tenants/${tenant_id}`;
    const { world, ports } = createWorld({ [receiver]: endpointOf(name) });
    world.answer = () => 500;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    if (changes) world.endpoints[receiver] = endpointOf(name, changes);
    else delete world.endpoints[receiver];
    deliveries.now += 60_000;
    await deliver(dueAgain(await found(receiver, id)), ports);
    expect(world.sent).toHaveLength(1);
    expect(await found(receiver, id)).toMatchObject({
      state: 'given_up',
      reason: 'not_wanted',
      due_at: null,
    });
    expect(world.reported.at(-1)).toBe(`${receiver} not_wanted`);
  });

  it('is not said to be over where another came first', async () => {
    const { world, ports } = createWorld({ stage: endpointOf('webhooks') });
    const delivery = deliveryOf();
    await deliveries.store.add(delivery);
    deliveries.now += 72 * 3_600_000;
    const store = { ...ports.store, write: async () => false };
    await deliver(dueAgain(delivery), { ...ports, store });
    expect(world).toMatchObject({ sent: [], reported: ['stage repeated'] });
  });
});

describe('an endpoint whose document cannot be read', () => {
  it("keeps what it may want until it can, and does not keep another's from being sent", async () => {
    const { receiver, tenant_id } = newTenant();
    const stage = endpointOf('webhooks', { tenant_events: true });
    const { world, ports } = createWorld({ stage, [receiver]: new Error('no secrets') });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    expect(world.sent).toHaveLength(1);
    expect(world.reported.toSorted()).toEqual([
      'stage delivered',
      `${receiver} failed`,
      `${receiver} unread`,
    ]);
    const kept = await found(receiver, id);
    expect(kept).toMatchObject({
      state: 'due',
      tries: 1,
      attempts: [{ error: 'document_unread', status: null }],
    });
    expect(await deliveries.store.findEndpoint(receiver)).toBeNull();
    world.endpoints[receiver] = endpointOf(`tenants/${tenant_id}`);
    deliveries.now += 60_000;
    await deliver(dueAgain(kept), ports);
    expect(await found(receiver, id)).toMatchObject({ state: 'delivered' });
  });

  it('is not told of what it turns out not to want', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({
      stage: new Error('no secrets'),
      [receiver]: endpointOf(`tenants/${tenant_id}`),
    });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    world.endpoints['stage'] = endpointOf('webhooks');
    deliveries.now += 60_000;
    await deliver(dueAgain(await found('stage', id)), ports);
    expect(await found('stage', id)).toMatchObject({ state: 'given_up', reason: 'not_wanted' });
    expect(world.sent.filter(({ id: one }) => one === id)).toHaveLength(1);
  });
});

describe('an endpoint that is dead', () => {
  /** Fails for so long that it is paused. */
  async function dead() {
    const tenant = newTenant();
    const { world, ports } = createWorld({ [tenant.receiver]: endpointOf(`tenants/${tenant.tenant_id}`) });
    world.answer = () => 500;
    for (let n = 0; n < 11; n += 1) {
      await deliver(messageOf(queuedEvent({ tenant_id: tenant.tenant_id })), ports);
      deliveries.now += 1_000;
    }
    return { ...tenant, world, ports };
  }

  it('is left alone after ten failures over ten seconds: new events wait', async () => {
    const { receiver, tenant_id, world, ports } = await dead();
    expect(world.sent).toHaveLength(11);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      failures: 11,
      pauses: 1,
      paused_until: iso(70_000),
    });
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    expect(world.sent).toHaveLength(11);
    expect(await found(receiver, id)).toMatchObject({
      state: 'due',
      waits: true,
      attempts: [],
      due_at: iso(11_000),
    });
    expect(world.reported.at(-1)).toBe(`${receiver} waiting`);
  });

  it('is so for other execution environments too, and after its pause until something is taken', async () => {
    const { receiver, tenant_id } = await dead();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    deliveries.now += 3_600_000;
    await deliver(messageOf(queuedEvent({ tenant_id })), ports);
    expect(world).toMatchObject({ sent: [], reported: [`${receiver} waiting`] });
  });

  it('is tried with what is due again, and paused longer when that fails', async () => {
    const { receiver, tenant_id, ports, world } = await dead();
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    deliveries.now = START + 70_000;
    await deliver(dueAgain(await found(receiver, id)), ports);
    expect(world.sent).toHaveLength(12);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      pauses: 2,
      paused_until: iso(190_000),
    });
  });

  /** Waits for the endpoint, in this order. */
  async function waitsFor({ receiver, tenant_id }: ReturnType<typeof newTenant>, ...types: EventType[]) {
    const waiting: Delivery[] = [];
    for (const type of types) {
      const data = { order_no: 'mall-1', version: 2, tenant_id };
      const since = iso(20_000 + waiting.length);
      const body = JSON.stringify({ type, timestamp: iso(), data });
      const delivery = deliveryOf({ receiver, type, body, waits: true, since, due_at: since });
      await deliveries.store.add(delivery);
      waiting.push(delivery);
    }
    return waiting;
  }

  it.each([
    ['taken', 204, 'delivered', { paused_until: null }],
    ['refused', 500, 'failed', { paused_until: iso(190_000), pauses: 2 }],
  ])(
    'is tried with the first that is wanted of what waits, and no other: %s',
    async (_, status, outcome, state) => {
      const { world, ports, ...tenant } = await dead();
      const { receiver, tenant_id } = tenant;
      const kinds = ['order.closed', 'order.closed', 'order.closed', 'order.paid', 'order.paid'] as const;
      const waiting = await waitsFor(tenant, ...kinds);
      world.endpoints[receiver] = endpointOf(`tenants/${tenant_id}`, { events: ['order.paid'] });
      world.answer = () => status;
      deliveries.now = START + 70_000;
      const [first] = waiting;
      if (first) await deliver(dueAgain(first), ports);
      expect(world.sent.slice(11).map(({ id }) => id)).toEqual([waiting[3]?.event_id]);
      expect(world.reported.slice(11)).toEqual(
        ['not_wanted', 'not_wanted', 'not_wanted', outcome].map((word) => `${receiver} ${word}`),
      );
      expect(await deliveries.store.findEndpoint(receiver)).toMatchObject(state);
      expect(await deliveries.store.listWaiting(receiver, 10)).toMatchObject([
        { event_id: waiting[4]?.event_id },
      ]);
    },
  );

  it('is not tried before its pause is over, by what is not wanted', async () => {
    const { world, ports, ...tenant } = await dead();
    const [first] = await waitsFor(tenant, 'order.closed', 'order.paid');
    world.endpoints[tenant.receiver] = endpointOf('tenants/1', { events: ['order.paid'] });
    deliveries.now = START + 70_000 - 1;
    if (first) await deliver(dueAgain(first), ports);
    expect(world.sent).toHaveLength(11);
    expect(await deliveries.store.countWaiting(tenant.receiver)).toBe(1);
  });

  it('leaves to the next run what else is not wanted, after some', async () => {
    const { world, ports, ...tenant } = await dead();
    const [first] = await waitsFor(tenant, ...Array.from({ length: 103 }, () => 'order.closed' as const));
    world.endpoints[tenant.receiver] = endpointOf('tenants/1', { events: ['order.paid'] });
    deliveries.now = START + 70_000;
    if (first) await deliver(dueAgain(first), ports);
    expect(await deliveries.store.countWaiting(tenant.receiver)).toBe(2);
  });

  it('takes events at once again after a success, wherever that was', async () => {
    const { receiver, tenant_id, ports } = await dead();
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    const elsewhere = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    deliveries.now = START + 70_000;
    await deliver(dueAgain(await found(receiver, id)), elsewhere.ports);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      failures: 0,
      pauses: 0,
      paused_until: null,
    });
    deliveries.now += 5_000;
    const here = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    await deliver(messageOf(queuedEvent({ tenant_id })), { ...ports, send: here.ports.send });
    expect(here.world.sent).toHaveLength(1);
  });

  it('answers again by what was due again, though the environment that sees it knew of no failure', async () => {
    const { receiver, tenant_id } = newTenant();
    const [one, other] = [1, 2].map(() => createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) }));
    if (!one || !other) throw new Error('no worlds');
    await deliver(messageOf(queuedEvent({ tenant_id })), other.ports);
    one.world.answer = () => 500;
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), one.ports);
    deliveries.now += 1_000;
    await deliver(dueAgain(await found(receiver, id)), other.ports);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({ failures: 0, failing_since: null });
  });

  it('is not paused when others of its events are taken', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    let n = 0;
    world.answer = () => (++n % 12 === 0 ? 200 : 500);
    for (let event = 0; event < 60; event += 1) {
      await deliver(messageOf(queuedEvent({ tenant_id })), ports);
      deliveries.now += 500;
    }
    expect(world.sent).toHaveLength(60);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({ pauses: 0 });
  });

  it.each([200, 410])('is one no more once it decides about what it is sent: %i', async (status) => {
    const { receiver, tenant_id, world, ports } = await dead();
    const id = newEventId();
    await deliver(messageOf(queuedEvent({ id, tenant_id })), ports);
    world.answer = () => status;
    deliveries.now = START + 70_000;
    await deliver(dueAgain(await found(receiver, id)), ports);
    expect(await deliveries.store.findEndpoint(receiver)).toMatchObject({
      ...{ failing_since: null, failures: 0, paused_until: null, pauses: 0 },
    });
  });

  it('is not one that wants no events of some kind', async () => {
    const { receiver, tenant_id } = newTenant();
    const { world, ports } = createWorld({ [receiver]: endpointOf(`tenants/${tenant_id}`) });
    world.answer = () => 410;
    for (let event = 0; event < 20; event += 1) {
      await deliver(messageOf(queuedEvent({ tenant_id, type: 'payment.failed' })), ports);
      deliveries.now += 1_000;
    }
    expect(await deliveries.store.findEndpoint(receiver)).toBeNull();
    world.answer = () => 204;
    await deliver(messageOf(queuedEvent({ tenant_id, type: 'order.paid' })), ports);
    expect(world.reported.at(-1)).toBe(`${receiver} delivered`);
  });

  it('holds up nobody: another of the same message is sent while it hangs', async () => {
    const { receiver, tenant_id } = newTenant();
    const stage = endpointOf('webhooks', { tenant_events: true, url: 'https://fast.example/' });
    const slow = endpointOf(`tenants/${tenant_id}`, { url: 'https://slow.example/' });
    const { world, ports } = createWorld({ stage, [receiver]: slow });
    const { promise: hanging, resolve: answer } = Promise.withResolvers<Attempt>();
    const send: typeof ports.send = (endpoint, message) =>
      endpoint.url.hostname === 'slow.example' ? hanging : ports.send(endpoint, message);
    const id = newEventId();
    const done = deliver(messageOf(queuedEvent({ id, tenant_id })), { ...ports, send });
    await expect.poll(() => world.reported).toEqual(['stage delivered']);
    expect(await found('stage', id)).toMatchObject({ state: 'delivered' });
    answer({ at: iso(), status: 200, error: null, duration_ms: 4_900 });
    await done;
    expect(await found(receiver, id)).toMatchObject({
      state: 'delivered',
      attempts: [{ duration_ms: 4_900 }],
    });
  });
});

it('fails with the store, once every receiver was seen to', async () => {
  const { receiver, tenant_id } = newTenant();
  const stage = endpointOf('webhooks', { tenant_events: true });
  const { world, ports } = createWorld({ stage, [receiver]: endpointOf(`tenants/${tenant_id}`) });
  const add = async (delivery: Delivery) => {
    if (delivery.receiver === 'stage') throw new Error('the table is down');
    return deliveries.store.add(delivery);
  };
  const store = { ...deliveries.store, add };
  const message = messageOf(queuedEvent({ tenant_id }));
  await expect(deliver(message, { ...ports, store })).rejects.toThrow('the table is down');
  expect(world.reported).toEqual([`${receiver} delivered`]);
  await deliver(message, ports);
  expect(world.reported.slice(1).toSorted()).toEqual(['stage delivered', `${receiver} repeated`]);
});
