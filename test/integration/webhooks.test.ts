import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliveryRelease, eventPublisher } from '../../infra/endpoints.ts';
import { localUser } from '../../infra/local/tokens.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  type ServerCall,
  startLoopbackServer,
} from '../support/loopback-server.ts';
import { webhookSecret } from '../support/webhook-secret.ts';

/** From a payment to the shop that is told of it, over HTTP; with receivers that fail, and a bus that does not take all. */

const paths = { stage: '/hooks/stage', tenant: '/hooks/tenant' } as const;
const secrets = { stage: [webhookSecret(1), webhookSecret(2)], tenant: [webhookSecret(3)] } as const;

let shop: LoopbackServer;
let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let admin: string;
let user: string;
let answer: (call: ServerCall) => ServerAnswer;
let lastId = Date.now();

beforeAll(async () => {
  shop = await startLoopbackServer((received) => answer(received));
  const endpoint = (whose: keyof typeof paths) => ({
    url: shop.baseUrl + paths[whose],
    secrets: secrets[whose],
  });
  system = await startTestSystem({
    documents: {
      wecom: null,
      webhooks: endpoint('stage'),
      tenants: { 7: { paid_to: 'stage', webhooks: endpoint('tenant') } },
    },
  });
  call = createHttpClient(system.url);
  ({ admin, user } = system.tokens ?? { admin: '', user: '' });
  answer = () => ({ body: '' });
});
afterEach(() => {
  answer = () => ({ body: '' });
});
afterAll(async () => {
  await system?.stop();
  await shop?.close();
});

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;

/** An order that costs nothing, changed once before it is paid, without a provider. */
async function payWithPoints(): Promise<string> {
  lastId += 1;
  const path = `/v2/orders/mall/${lastId}`;
  for (const [points, status] of [
    [4, 201],
    [5, 200],
  ]) {
    const body = { user_id: localUser, amount: 0, points, description: '苹果' };
    expect((await call('PUT', path, { token: admin, body })).status).toBe(status);
  }
  expect((await call('POST', `${path}/pay`, { token: user })).status).toBe(200);
  return `mall-${lastId}`;
}

/** What a shop was sent about an order, oldest first. */
const sentAbout = (order_no: string) =>
  shop.calls.filter(({ body }) => JSON.parse(body).data.order_no === order_no);

async function firstAbout(order_no: string, count = 1): Promise<readonly ServerCall[]> {
  await expect.poll(() => sentAbout(order_no).length).toBeGreaterThanOrEqual(count);
  return sentAbout(order_no);
}

const idsOf = (sent: readonly ServerCall[]) => new Set(sent.map(({ headers }) => headers['webhook-id']));

/** An attempt with this status, or this error. What is due is released every minute: there may be more of them. */
const failure = (what: number | string) =>
  expect.objectContaining(typeof what === 'number' ? { status: what } : { status: null, error: what });

const verify = (secret: string, { body, headers }: ServerCall) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

interface ListedDelivery {
  readonly id: string;
  readonly event_id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
  readonly redelivered: { readonly by: string } | null;
}

async function deliveriesOf(order_no: string, query = ''): Promise<readonly ListedDelivery[]> {
  const listed = await call('GET', `/api/pay/webhooks/deliveries?order_no=${order_no}${query}`, {
    token: admin,
  });
  expect(listed.status).toBe(200);
  return data(listed)['deliveries'] as ListedDelivery[];
}

/** Once the delivery is as it is to be. */
async function deliveryOf(order_no: string, expected: object, query = ''): Promise<ListedDelivery> {
  const deliveries = () => deliveriesOf(order_no, query);
  await expect.poll(deliveries).toMatchObject([expected]);
  const [delivery] = await deliveries();
  return delivery as ListedDelivery;
}

describe('a shop', () => {
  it('is told of a paid order, in a message that both of its secrets verify', async () => {
    const order_no = await payWithPoints();
    const [sent] = await firstAbout(order_no);
    if (!sent) throw new Error('nothing was sent');
    const event = { type: 'order.paid', timestamp: expect.any(String), data: expect.anything() };
    for (const secret of secrets.stage) expect(verify(secret, sent)).toEqual(event);
    expect(JSON.parse(sent.body).data).toMatchObject({
      ...{ order_no, status: 'paid', amount: '0.00', version: expect.any(Number), tenant_id: null },
    });
    expect(sent).toMatchObject({
      ...{ method: 'POST', path: paths.stage },
      headers: {
        'content-type': 'application/json',
        'webhook-id': expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      },
    });
    expect(() => verify(webhookSecret(4), sent)).toThrow(WebhookVerificationError);
    expect(() => verify(secrets.stage[0], { ...sent, body: sent.body.replace('paid', 'open') })).toThrow(
      WebhookVerificationError,
    );
    expect(await deliveryOf(order_no, { state: 'delivered' })).toMatchObject({
      event_id: sent.headers['webhook-id'],
      attempts: expect.arrayContaining([expect.objectContaining({ status: 200, error: null })]),
    });
  });

  it('that fails is told again, with the same id and the same bytes', async () => {
    answer = () => ({ status: 500, body: 'secret words of the shop' });
    const order_no = await payWithPoints();
    await deliveryOf(order_no, { state: 'due', attempts: expect.arrayContaining([failure(500)]) });
    answer = () => ({ body: '' });
    await system.run(deliveryRelease.name);
    const { attempts } = await deliveryOf(order_no, { state: 'delivered' });
    expect([attempts[0]?.status, attempts.at(-1)?.status]).toEqual([500, 200]);
    const sent = sentAbout(order_no);
    expect(sent.length).toBeGreaterThan(1);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(idsOf(sent).size).toBe(1);
    expect(system.logs.join()).not.toContain('secret words');
  });

  it('that wants no more is not told again, until somebody asks for it', async () => {
    answer = () => ({ status: 410, body: '' });
    const order_no = await payWithPoints();
    const { id } = await deliveryOf(order_no, { state: 'given_up', reason: 'gone' });
    await system.run(deliveryRelease.name);
    expect(sentAbout(order_no)).toHaveLength(1);
    answer = () => ({ body: '' });
    const again = await call('POST', `/api/pay/webhooks/deliveries/${id}/redeliver`, { token: admin });
    expect(again).toMatchObject({ status: 202, body: { data: { id, state: 'due' } } });
    expect(await deliveryOf(order_no, { state: 'delivered' })).toMatchObject({
      redelivered: { by: expect.any(String) },
      attempts: [{ status: 410 }, { status: 200 }],
    });
  });

  it('is told of all that happened in a period again', async () => {
    const from = new Date().toISOString();
    const order_no = await payWithPoints();
    await deliveryOf(order_no, { state: 'delivered' });
    const to = new Date().toISOString();
    const path = '/api/pay/webhooks/deliveries/redeliver';
    expect(await call('POST', path, { token: admin, body: { from, to } })).toMatchObject({ status: 202 });
    await system.run(deliveryRelease.name);
    expect(idsOf(await firstAbout(order_no, 2)).size).toBe(1);
  });

  it('hears of what the bus did not take at first', async () => {
    system.bus.failNext(1);
    expect(idsOf(await firstAbout(await payWithPoints())).size).toBe(1);
  });

  it('hears of what happened while nobody published', async () => {
    await system.crash(eventPublisher.name);
    expect(idsOf(await firstAbout(await payWithPoints())).size).toBe(1);
  });

  it('that does not answer is not waited for, and others are told', async () => {
    answer = ({ path }) => (path === paths.stage ? 'hang' : { body: '' });
    const silent = await payWithPoints();
    await firstAbout(silent);
    const { order_no } = await checkout(7);
    await close(order_no);
    expect((await firstAbout(order_no))[0]?.path).toBe(paths.tenant);
    await deliveryOf(silent, { state: 'due', attempts: expect.arrayContaining([failure('timeout')]) });
  });
});

async function checkout(tenant_id: number): Promise<{ readonly order_no: string }> {
  const body = { tenant_id, amount: 8.8, provider: 'stripe' };
  const made = await call('POST', '/api/pay/checkout', { token: admin, body });
  expect(made.status).toBe(201);
  return { order_no: String(data(made)['order_no']) };
}

async function close(order_no: string): Promise<void> {
  expect((await call('POST', `/api/pay/orders/${order_no}/close`, { token: admin })).status).toBe(200);
}

describe('a tenant', () => {
  it('is told of its own orders, of which the stage hears nothing', async () => {
    const { order_no } = await checkout(7);
    await close(order_no);
    const [sent] = await firstAbout(order_no);
    expect(sent?.path).toBe(paths.tenant);
    expect(verify(secrets.tenant[0], sent as ServerCall)).toMatchObject({
      type: 'order.closed',
      data: { tenant_id: 7, status: 'closed' },
    });
    await deliveryOf(order_no, { state: 'delivered' }, '&tenant_id=7');
    expect(await deliveriesOf(order_no)).toEqual([]);
    expect(new Set(sentAbout(order_no).map(({ path }) => path))).toEqual(new Set([paths.tenant]));
  });

  it('without an endpoint is not told, nor is anything kept for it', async () => {
    const { order_no } = await checkout(9);
    await close(order_no);
    // Behind it in the stream and in the queue.
    await firstAbout(await payWithPoints());
    expect(sentAbout(order_no)).toEqual([]);
    expect(await deliveriesOf(order_no, '&tenant_id=9')).toEqual([]);
  });
});

it('nothing that happened could not be told', () => {
  expect(system.logs.filter((line) => line.includes('unreadable'))).toEqual([]);
  expect(system.queues.failedEvents.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

it('an operator sees how the endpoints do, and no secret', async () => {
  const { status, body } = await call('GET', '/api/pay/webhooks', { token: admin });
  expect(status).toBe(200);
  const text = JSON.stringify(body);
  expect(text).toContain(paths.stage);
  for (const secret of [...secrets.stage, ...secrets.tenant]) expect(text).not.toContain(secret.slice(6));
  expect(await call('GET', '/api/pay/webhooks', { token: user })).toMatchObject({ status: 403 });
});
