import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { create as createDeliver } from '../../functions/deliver-webhook.ts';
import { create as createRelease } from '../../functions/release-deliveries.ts';
import { systemIo } from '../../lib/io.ts';
import { createRuntime } from '../../lib/runtime.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import type { DeliveryKey } from '../../lib/webhooks/delivery.ts';
import {
  deliveriesTableName,
  deliveryOf,
  newEventId,
  queuedEvent,
  useDeliveries,
} from '../support/deliveries.ts';
import { logFields } from '../support/log-fields.ts';
import { useStore } from '../support/store.ts';
import { type ReceiverAnswer, startReceiver, verified } from '../support/webhook-receiver.ts';
import { webhookSecret } from '../support/webhook-secret.ts';

const store = useStore();
const deliveries = useDeliveries(store);
const [current, next, retired] = [webhookSecret(1), webhookSecret(2), webhookSecret(3)];

let documents: Record<string, unknown>;
let lines: string[] = [];
let queue: object[] = [];
let answer: () => ReceiverAnswer;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  await deliveries.clear();
  // Receivers look at their own clock.
  deliveries.now = Date.now();
  [documents, lines, queue] = [{}, [], []];
  answer = () => 204;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(answers: () => ReceiverAnswer = () => answer()) {
  const started = await startReceiver({ answer: answers });
  closing.push(started.close);
  return started;
}

/** Each in an execution environment of its own. */
const runtime = (name: string) =>
  createRuntime(name, {
    environment: {
      ...{ tableName: store.context.tableName, stage: 'test', publicUrl: 'https://pay.example.com' },
      ...{ orderPrefix: '', returnHosts: [], shipping: null },
    },
    io: { ...systemIo, now: () => deliveries.now },
    client: store.context.client,
    readDocument: async (name) => {
      const document = documents[name];
      if (document instanceof Error) throw document;
      return document === undefined ? null : JSON.stringify(document);
    },
    writeLine: (line) => lines.push(line),
  });

const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 58_000 } as Context;

const batchOf = (messages: readonly unknown[]) =>
  ({
    Records: messages.map((message, index) => ({
      messageId: `message-${index}`,
      body: typeof message === 'string' ? message : JSON.stringify(message),
    })),
  }) as SQSEvent;

const deliverer = (allowLoopback = true) =>
  createDeliver(runtime('deliver-webhook'), deliveriesTableName, allowLoopback);
const deliver = (...messages: readonly unknown[]) => deliverer()(batchOf(messages), context);
const send = async (message: object) => void queue.push(message);
const release = (left_ms = 58_000) =>
  createRelease(
    runtime('release-deliveries'),
    send,
    deliveriesTableName,
  )({}, { ...context, getRemainingTimeInMillis: () => left_ms });

const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const timestamp = () => new Date(deliveries.now).toISOString();
const keyOf = (event_id: string, at = timestamp()): DeliveryKey => ({
  receiver: 'stage',
  timestamp: at,
  event_id,
});

describe('deliver-webhook', () => {
  it('sends an event, signed with both secrets of a rotation, and says so in one line', async () => {
    const { url, received } = await receiver();
    documents['webhooks'] = { url, secrets: [current, next] };
    const id = newEventId();
    expect(await deliver(queuedEvent({ id, timestamp: timestamp() }))).toEqual({ batchItemFailures: [] });
    const [webhook] = received;
    if (!webhook || received.length !== 1) throw new Error('not received once');
    const body = {
      type: 'order.paid',
      timestamp: timestamp(),
      data: { order_no: 'mall-1', version: 2, tenant_id: null },
    };
    for (const secret of [current, next]) expect(verified(secret, webhook)).toEqual(body);
    expect(() => verified(retired, webhook)).toThrow('No matching signature');
    expect(logged()).toEqual([
      expect.objectContaining({
        ...{ level: 'INFO', message: 'webhook', function: 'deliver-webhook', request_id: 'request-1' },
        ...{ order_no: 'mall-1', events: [`order.paid ${id}`], receiver: 'stage' },
        ...{ outcome: 'delivered', status: 204, WebhookDelivered: 1, WebhookLatency: 0 },
      }),
    ]);
  });

  it('signs anew for each attempt, so that none comes too late', async () => {
    const { url, received } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    answer = () => 500;
    const at = timestamp();
    const id = newEventId();
    deliveries.now -= 3_600_000;
    await deliver(queuedEvent({ id, timestamp: at }));
    deliveries.now += 3_600_000;
    await release();
    answer = () => 200;
    await deliver(...queue);
    const [first, second] = received;
    if (!first || !second) throw new Error('not received twice');
    expect(() => verified(current, first)).toThrow('too old');
    expect(verified(current, second)).toMatchObject({ type: 'order.paid' });
    expect(second.body).toBe(first.body);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(await deliveries.store.find(keyOf(id, at))).toMatchObject({ state: 'delivered' });
  });

  it("sends a registered tenant its own, to its own endpoint, and the stage's nothing of it", async () => {
    const [shop, seven] = [await receiver(), await receiver()];
    documents['webhooks'] = { url: shop.url, secrets: [current] };
    documents['tenants/7'] = { paid_to: 'stage', webhooks: { url: seven.url, secrets: [next] } };
    await putTenant(store.context, { tenant_id: 7, paid_to: 'stage', merchants: {} });
    await deliver(queuedEvent({ tenant_id: 7, timestamp: timestamp() }));
    expect(shop.received).toEqual([]);
    expect(seven.received.map((webhook) => verified(next, webhook))).toEqual([
      expect.objectContaining({ data: expect.objectContaining({ tenant_id: 7 }) }),
    ]);
  });

  it('takes the messages of a batch side by side: one that hangs holds up none', async () => {
    const { promise: others, resolve: othersCame } = Promise.withResolvers<void>();
    let rest = 9;
    const { url, received } = await startReceiver({
      answer:
        ({ headers }) =>
        (response) => {
          if (headers['webhook-id'] === slow) {
            // It answers only once all others were answered.
            void others.then(() => response.writeHead(200).end());
          } else {
            response.writeHead(200).end(() => {
              rest -= 1;
              if (rest === 0) othersCame();
            });
          }
        },
    }).then((started) => {
      closing.push(started.close);
      return started;
    });
    const slow = newEventId();
    documents['webhooks'] = { url, secrets: [current] };
    const events = [slow, ...Array.from({ length: 9 }, newEventId)].map((id) =>
      queuedEvent({ id, timestamp: timestamp() }),
    );
    expect(await deliver(...events)).toEqual({ batchItemFailures: [] });
    expect(received).toHaveLength(10);
    expect(logged().map(({ outcome }) => outcome)).toEqual(Array(10).fill('delivered'));
  });

  it('makes no second delivery of a message that comes again', async () => {
    const { url, received } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    const event = queuedEvent({ timestamp: timestamp() });
    await deliver(event, event);
    await deliver(event);
    expect(received).toHaveLength(1);
  });

  it('hands back the messages that it cannot read, and those alone', async () => {
    const { url, received } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    const secret = 'a text of a stranger';
    expect(await deliver('{', queuedEvent({ timestamp: timestamp() }), { detail: { id: secret } })).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    expect(received).toHaveLength(1);
    expect(logged().filter(({ outcome }) => outcome === 'not_stored')).toHaveLength(2);
    expect(lines.join()).not.toContain(secret);
  });

  it('says nothing secret, nothing of an answer and nothing unknown in its lines or the table', async () => {
    const { url } = await receiver(() => (response) => {
      response.writeHead(500, { 'x-trace': 'words-of-a-stranger' }).end('words-of-a-stranger');
    });
    documents['webhooks'] = {
      url: `${url}/token-in-the-path?key=token-in-the-query`,
      secrets: [current, next],
    };
    documents['tenants/7'] = {
      paid_to: 'stage',
      webhooks: { url: 'https://seven.example', secrets: [`${retired}=`] },
    };
    await putTenant(store.context, { tenant_id: 7, paid_to: 'stage', merchants: {} });
    await deliver(
      queuedEvent({ timestamp: timestamp() }),
      queuedEvent({ tenant_id: 7, timestamp: timestamp() }),
    );
    await release();
    const written = [...lines, JSON.stringify(await deliveries.items())].join();
    for (const word of [current, next, retired].map((secret) => secret.slice('whsec_'.length, -2))) {
      expect(written).not.toContain(word);
    }
    expect(written).not.toMatch(/token-in|words-of-a-stranger|v1,|127\.0\.0\.1|seven\.example/);
    expect(
      logged()
        .flatMap(Object.keys)
        .filter((field) => !logFields.has(field)),
    ).toEqual([]);
    expect(logged()).toContainEqual(
      expect.objectContaining({ document: 'tenants/7', outcome: 'refused', DocumentRefused: 1 }),
    );
    const failed = logged().filter(({ message, outcome }) => message === 'webhook' && outcome === 'failed');
    const ofReceiver = Object.groupBy(failed, ({ receiver }) => String(receiver));
    expect(ofReceiver).toEqual({
      stage: [expect.objectContaining({ status: 500, WebhookFailed: 1 })],
      'tenant:7': [expect.objectContaining({ reason: 'document_unread' })],
    });
    expect(ofReceiver['tenant:7']?.[0]).not.toHaveProperty('WebhookFailed');
  });

  it('refuses the loopback where no variable allows it', async () => {
    const { url, port, received } = await receiver();
    for (const address of [url, `https://127.0.0.1:${port}/`, `https://localhost:${port}/`]) {
      documents['webhooks'] = { url: address, secrets: [current] };
      await deliverer(false)(batchOf([queuedEvent({ timestamp: timestamp() })]), context);
    }
    expect(received).toEqual([]);
    expect(logged().filter(({ outcome }) => outcome === 'refused')).toHaveLength(3);
  });

  it('gives up what is gone, in a line that counts', async () => {
    const { url } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    answer = () => 410;
    await deliver(queuedEvent({ timestamp: timestamp() }));
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        outcome: 'given_up',
        reason: 'gone',
        WebhookGivenUp: 1,
        WebhookFailed: 1,
      }),
    ]);
  });
});

describe('release-deliveries', () => {
  it('puts what is due into the queue, and says how it is', async () => {
    const { url } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    answer = () => 500;
    await deliver(queuedEvent({ timestamp: timestamp() }));
    deliveries.now += 60_000;
    lines = [];
    await release();
    expect(queue).toHaveLength(1);
    expect(logged()).toEqual([
      expect.objectContaining({
        ...{ level: 'INFO', message: 'release', outcome: 'completed', ReleaseCompleted: 1 },
        ...{ DeliveriesOverdue: 1, OldestDeliveryAge: 60, EndpointsFailing: 0 },
      }),
    ]);
  });

  it('takes nothing more in its last 12 s, in which what is under way may end', async () => {
    await deliveries.store.add(deliveryOf({ due_at: timestamp() }));
    await release(11_999);
    expect(queue).toEqual([]);
    await release(12_000);
    expect(queue).toHaveLength(1);
  });

  it('counts what it gives up, and the endpoint that fails', async () => {
    const { url } = await receiver();
    documents['webhooks'] = { url, secrets: [current] };
    answer = () => 500;
    const state = await deliveries.store.countFailure('stage', timestamp());
    await deliveries.store.pause(state, new Date(deliveries.now + 60_000).toISOString());
    const id = newEventId();
    const at = timestamp();
    await deliver(queuedEvent({ id, timestamp: at }));
    deliveries.now += 72 * 3_600_000;
    lines = [];
    await release();
    expect(queue).toEqual([]);
    expect(await deliveries.store.find(keyOf(id, at))).toMatchObject({
      state: 'given_up',
      reason: 'time_over',
    });
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'ERROR', outcome: 'given_up', receiver: 'stage', WebhookGivenUp: 1 }),
      expect.objectContaining({ message: 'release', EndpointsFailing: 1 }),
    ]);
  });

  it('fails in a line of its own where the table cannot be read', async () => {
    const broken = createRelease(runtime('release-deliveries'), send, 'settle-no-such-table')({}, context);
    await expect(broken).rejects.toThrow();
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'ERROR', message: 'release', outcome: 'failed' }),
    ]);
  });
});
