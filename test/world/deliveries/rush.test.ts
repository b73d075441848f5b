import { expect, it } from 'vitest';
import { createQueue } from '../../../infra/local/queue/queue.ts';
import { isoTime } from '../../../lib/io.ts';
import { type DeliverPorts, deliver } from '../../../lib/webhooks/deliver.ts';
import type { Attempt, Receiver } from '../../../lib/webhooks/delivery.ts';
import { createEndpointStates } from '../../../lib/webhooks/endpoint-states.ts';
import { parseQueueMessage } from '../../../lib/webhooks/queue-message.ts';
import { createClock } from '../clock.ts';
import { createRandom } from '../random.ts';
import { createMemoryStore } from './memory-store.ts';

/** As the stack has it; five pollers are what Lambda begins with (Lambda developer guide, "Configuring scaling"). */
const BATCH_SIZE = 50;
const WINDOW_MS = 1_000;
const MOST_BATCHES = 50;
const POLLERS = 5;

const SECOND = 1_000;
const EVENTS_A_SECOND = 100;
const RUSH_MS = 60 * SECOND;
const TENANTS = 10;
const SLOW: Receiver = 'tenant:1';
const DEAD: Receiver = 'tenant:2';

/** A rush in virtual time: how long each event was under way to its receiver, by receiver. */
async function rush(seed: number) {
  const random = createRandom(seed);
  const began = Date.UTC(2026, 10, 11);
  const clock = createClock(
    began,
    () => random.next(),
    () => 0,
  );
  const queue = createQueue({ visibilityTimeoutMs: 180 * SECOND, maxReceiveCount: 5 }, clock.now);
  const store = createMemoryStore(() => clock.sleep(random.between(1, 8)));
  const took = new Map<Receiver, number[]>();
  const states = createEndpointStates(store, clock.now);

  const send: DeliverPorts['send'] = async ({ url }, { body }): Promise<Attempt> => {
    const receiver = `tenant:${url.pathname.slice(1)}` as Receiver;
    const at = isoTime(clock.now());
    const lasts_ms = receiver === SLOW || receiver === DEAD ? 5 * SECOND : random.between(20, 150);
    await clock.sleep(lasts_ms);
    const answered = receiver !== DEAD;
    const { timestamp } = JSON.parse(body) as { timestamp: string };
    if (answered) took.set(receiver, [...(took.get(receiver) ?? []), clock.now() - Date.parse(timestamp)]);
    return { at, status: answered ? 204 : null, error: answered ? null : 'timeout', duration_ms: lasts_ms };
  };
  const ports: DeliverPorts = {
    ...{ store, states, send, now: clock.now, report: () => {}, onUnread: () => {} },
    findEndpoint: async (receiver) =>
      receiver === 'stage'
        ? null
        : {
            url: new URL(`https://shop.example/${receiver.slice(7)}`),
            secrets: [],
            events: null,
            tenantEvents: false,
          },
  };

  let batches = 0;
  let most = 0;
  /** What has come within a window goes together. */
  const poll = () => {
    clock.after(WINDOW_MS, poll);
    const batch = batches < MOST_BATCHES ? queue.receive(BATCH_SIZE) : [];
    if (batch.length === 0) return;
    batches += 1;
    most = Math.max(most, batches);
    const one = async ({ body, receiptHandle }: (typeof batch)[number]) => {
      const message = parseQueueMessage(body);
      if (message) await deliver(message, ports);
      queue.remove(receiptHandle);
    };
    void Promise.all(batch.map(one)).then(() => {
      batches -= 1;
    });
  };
  for (let poller = 0; poller < POLLERS; poller += 1) clock.after((poller * WINDOW_MS) / POLLERS, poll);
  for (let index = 0; index < (EVENTS_A_SECOND * RUSH_MS) / SECOND; index += 1) {
    const after_ms = (index * SECOND) / EVENTS_A_SECOND;
    clock.after(after_ms, () => {
      const tenant_id = 1 + (index % TENANTS);
      const timestamp = isoTime(clock.now());
      const data = { order_no: `order-${index}`, tenant_id, version: 2 };
      const detail = {
        id: `evt_${index}`,
        type: 'order.paid',
        timestamp,
        recorded_at: timestamp,
        owner: `tenant:${tenant_id}`,
        data,
      };
      queue.send(JSON.stringify({ detail }), 0, `tenant:${tenant_id}`);
    });
  }
  await clock.run(began + RUSH_MS + 30 * SECOND);
  return { took, most };
}

it('a hundred events a second, one receiver that takes 5 s and one that is dead: the others wait for neither', async () => {
  const { took, most } = await rush(1);
  const others = [...took].filter(([receiver]) => receiver !== SLOW);
  expect(others.map(([receiver]) => receiver)).toHaveLength(TENANTS - 2);
  for (const [, waits] of others) {
    expect(waits).toHaveLength((RUSH_MS / SECOND / TENANTS) * EVENTS_A_SECOND);
    expect(Math.max(...waits)).toBeLessThan(2 * SECOND);
  }
  // With room to spare for more of the kind.
  expect(most).toBeLessThanOrEqual(MOST_BATCHES / 2 + POLLERS);
  // The slow one gets all of its own, too.
  expect(took.get(SLOW)).toHaveLength((RUSH_MS / SECOND / TENANTS) * EVENTS_A_SECOND);
});
