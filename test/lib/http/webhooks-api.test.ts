import { describe, expect, it } from 'vitest';
import type { WebhooksConfig } from '../../../lib/config/webhooks.ts';
import { createWebhooksApi } from '../../../lib/http/webhooks-api.ts';
import type { Delivery, EndpointState, Receiver } from '../../../lib/webhooks/delivery.ts';
import { deliveryOf } from '../../support/deliveries.ts';
import { NOW } from '../../support/orders.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';
import { createMemoryDeliveries } from '../webhooks/memory-deliveries.ts';
import { admin, callApi, createApiWorld } from './api-world.ts';

const ofTenant = (tenant_id: number) => ({ ...admin, tenant_id });
const hoursAgo = (hours: number) => new Date(NOW - hours * 3_600_000).toISOString();

const configs: Readonly<Partial<Record<Receiver, WebhooksConfig>>> = {
  stage: {
    url: new URL('https://shop.example.com/webhooks?key=not-to-be-shown'),
    secrets: [webhookSecret(1), webhookSecret(2)],
    events: null,
    tenantEvents: true,
  },
  'tenant:7': {
    url: new URL('https://seven.example.com/'),
    secrets: [webhookSecret(3)],
    events: ['order.paid'],
    tenantEvents: false,
  },
};

const troubled = (receiver: Receiver, changes: Partial<EndpointState> = {}): EndpointState => ({
  ...{ receiver, failing_since: hoursAgo(1), failures: 3, paused_until: null, pauses: 0 },
  ...changes,
});

function create(states: readonly EndpointState[], deliveries: readonly Delivery[] = []) {
  const world = createMemoryDeliveries(...deliveries);
  for (const state of states) world.endpoints.set(state.receiver, state);
  const findEndpoint = async (receiver: Receiver) => configs[receiver] ?? null;
  const api = createWebhooksApi(createApiWorld().runtime, { findEndpoint, store: world.store });
  return (query: Record<string, string> = {}, by = admin) => callApi(api, { by, query });
}

const untroubled = { state: 'ok', failing_since: null, failures: 0, paused_until: null };

describe('an endpoint', () => {
  it('of the stage is shown without what is secret of it', async () => {
    const { status, data } = await create([])();
    expect(status).toBe(200);
    expect(data).toEqual({
      endpoint: {
        ...{ tenant_id: null, url: 'https://shop.example.com/webhooks', events: null, tenant_events: true },
        ...{ ...untroubled, secrets: 2, waiting: 0, last_delivered_at: null },
      },
      failing: [],
    });
  });

  it('of a tenant is shown to its token, and where it is named', async () => {
    const endpoint = {
      ...{ tenant_id: 7, url: 'https://seven.example.com/', events: ['order.paid'], tenant_events: false },
      ...{ ...untroubled, secrets: 1, waiting: 0, last_delivered_at: null },
    };
    const ask = create([troubled('stage')]);
    for (const [query, by] of [
      [{}, ofTenant(7)],
      [{ tenant_id: '7' }, ofTenant(7)],
      [{ tenant_id: '7' }, admin],
    ] as const) {
      expect((await ask(query, by)).data).toEqual({ endpoint, failing: [] });
    }
  });

  it("is none where there is no document, and another tenant's looks like that", async () => {
    const ask = create([]);
    for (const [query, by] of [
      [{ tenant_id: '8' }, admin],
      [{ tenant_id: '7' }, ofTenant(8)],
      [{}, ofTenant(8)],
    ] as const) {
      expect((await ask(query, by)).data).toEqual({ endpoint: null, failing: [] });
    }
  });

  it.each<[string, Partial<EndpointState>, string]>([
    ['that failed a while ago', {}, 'ok'],
    ['that is left alone', { paused_until: hoursAgo(-1) }, 'paused'],
    [
      'that has taken nothing for a day',
      { failing_since: hoursAgo(24), paused_until: hoursAgo(-1) },
      'failing',
    ],
  ])('%s is told so', async (_, changes, state) => {
    const known = troubled('stage', changes);
    const { endpoint } = (await create([known])()).data;
    const { failing_since, failures, paused_until } = known;
    expect(endpoint).toMatchObject({ state, failing_since, failures, paused_until });
  });

  it('tells how many wait, and when it took the newest that it has taken', async () => {
    const ended_at = hoursAgo(1.9);
    const ask = create(
      [troubled('stage')],
      [
        deliveryOf({ timestamp: hoursAgo(3), state: 'delivered', ended_at: hoursAgo(2.9) }),
        deliveryOf({ timestamp: hoursAgo(2), state: 'delivered', ended_at }),
        deliveryOf({ timestamp: hoursAgo(0.5), waits: true }),
        deliveryOf({ timestamp: hoursAgo(0.5), waits: true, receiver: 'tenant:7' }),
      ],
    );
    expect((await ask()).data).toMatchObject({ endpoint: { waiting: 1, last_delivered_at: ended_at } });
  });
});

describe('endpoints that fail', () => {
  const states = [
    troubled('tenant:9', { failing_since: hoursAgo(30), failures: 120, paused_until: hoursAgo(-1) }),
    troubled('tenant:8', { failing_since: null, failures: 0 }),
  ];

  it('are told to who reaches them all', async () => {
    const { failing_since, failures, paused_until } = states[0] ?? {};
    expect((await create(states)()).data.failing).toEqual([
      { tenant_id: 9, state: 'failing', failing_since, failures, paused_until },
    ]);
  });

  it('are not told to a tenant, nor to who asks for one', async () => {
    for (const by of [ofTenant(9), admin]) {
      expect((await create(states)({ tenant_id: '9' }, by)).data.failing).toEqual([]);
    }
    expect((await create(states)({}, ofTenant(9))).data.failing).toEqual([]);
  });
});

it.each([
  [{ tenant_id: 'x' }, 'tenant_id'],
  [{ tenant: '7' }, 'tenant 不是允许的参数'],
])('refuses %j', async (query, word) => {
  expect(await create([])(query as Record<string, string>)).toMatchObject({
    status: 400,
    message: expect.stringContaining(word as string),
  });
});
