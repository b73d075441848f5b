import type { WebhooksConfig } from '../config/webhooks.ts';
import { isoTime } from '../io.ts';
import { isFailing, isPaused } from '../webhooks/attempt-schedule.ts';
import { type EndpointState, type Receiver, tenantOf } from '../webhooks/delivery.ts';
import type { DeliveryStore } from '../webhooks/delivery-store.ts';
import type { FindEndpoint } from '../webhooks/endpoints.ts';
import { reachedTenant } from './access.ts';
import { type ApiRuntime, createApi } from './api.ts';
import { keptPeriod, receiverOfTenant } from './deliveries-api.ts';
import { readTenantId } from './query-parameters.ts';
import { payEnvelope, success } from './reply.ts';
import type { EndpointHealth, WebhookEndpoint, WebhooksState } from './responses/webhooks.ts';

export interface WebhooksParts {
  readonly findEndpoint: FindEndpoint;
  readonly store: Pick<DeliveryStore, 'findEndpoint' | 'listEndpoints' | 'countWaiting' | 'list'>;
}

/** Shows an endpoint and how it does, and to whom it concerns all that fail. */
export function createWebhooksApi(runtime: ApiRuntime, { findEndpoint, store }: WebhooksParts) {
  const { now } = runtime.io;

  const show = async (receiver: Receiver): Promise<WebhookEndpoint | null> => {
    const endpoint = await findEndpoint(receiver);
    if (!endpoint) return null;
    const [state, waiting] = await Promise.all([store.findEndpoint(receiver), store.countWaiting(receiver)]);
    return {
      ...health(state ?? { ...alwaysAnswered, receiver }, now()),
      ...settings(endpoint),
      waiting,
      last_delivered_at: await lastDelivered(receiver, state),
    };
  };

  /** Among what it was sent before it failed, so that a long row of failures is not searched. */
  const lastDelivered = async (receiver: Receiver, state: EndpointState | null): Promise<string | null> => {
    const period = keptPeriod(state?.failing_since ?? isoTime(now()));
    const { items } = await store.list({ receiver, ...period, state: 'delivered', after: null, limit: 1 });
    return items[0]?.ended_at ?? null;
  };

  return createApi(runtime, {
    envelope: payEnvelope,
    role: 'viewer',
    parameters: ['tenant_id'],
    handle: async ({ claims, query }) => {
      const tenant = reachedTenant(claims, readTenantId(query['tenant_id']));
      const [endpoint, states] = await Promise.all([
        tenant === null ? null : show(receiverOfTenant(tenant)),
        tenant === undefined ? store.listEndpoints() : [],
      ]);
      const failing = states.filter(({ failing_since }) => failing_since !== null);
      const data: WebhooksState = { endpoint, failing: failing.map((state) => health(state, now())) };
      return success(data);
    },
  });
}

const alwaysAnswered = { failing_since: null, failures: 0, paused_until: null, pauses: 0 };

function health(state: EndpointState, now: number): EndpointHealth {
  const { receiver, failing_since, failures, paused_until } = state;
  const tenant_id = tenantOf(receiver);
  return { tenant_id, state: wordFor(state, now), failing_since, failures, paused_until };
}

function wordFor(state: EndpointState, now: number): EndpointHealth['state'] {
  if (isFailing(state, now)) return 'failing';
  return isPaused(state) ? 'paused' : 'ok';
}

/** Without secrets: what follows the path may be one. */
const settings = ({ url, events, tenantEvents, secrets }: WebhooksConfig) => ({
  url: url.origin + url.pathname,
  events: events && [...events],
  tenant_events: tenantEvents,
  secrets: secrets.length,
});
