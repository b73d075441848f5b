import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { isOfEndpoint, startDynamodbProxy } from '../support/dynamodb-proxy.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { type LoopbackServer, startLoopbackServer } from '../support/loopback-server.ts';
import { createParties, openTable } from '../support/parties.ts';

const { wechat, alipay, stripe, documents, orders } = createParties();
const paths = {
  notify: '/v2/payments/notify',
  wechat: '/api/pay/callback/wechat',
  alipay: '/api/pay/callback/alipay',
  stripe: '/api/pay/callback/stripe',
} as const;
type Path = keyof typeof paths;

/** The actions that the callbacks asked the table for. */
let asked: string[] = [];
let provider: LoopbackServer;
let system: TestSystem;
let table: ReturnType<typeof openTable>;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const engine = await startDynamodb();
  stops.push(engine.stop);
  const proxy = await startDynamodbProxy(engine.endpoint, ({ caller, action }) => {
    if (isOfEndpoint(caller)) asked.push(action);
  });
  stops.push(proxy.stop);
  // A merchant that uses a public key has no platform certificates.
  provider = await startLoopbackServer(() => ({ status: 404, headers: wechat.signBody('{}'), body: '{}' }));
  stops.push(provider.close);
  system = await startTestSystem({
    documents: { ...documents, wechat: { ...wechat.document, base_url: provider.baseUrl } },
    dynamodbEndpoint: proxy.url,
  });
  stops.push(system.stop);
  table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});
beforeEach(() => {
  asked = [];
});

const send = (path: Path, { headers, body }: RawMessage) =>
  createHttpClient(system.url)('POST', paths[path], { headers, body });

/** How often each status came, of so many requests with 64 under way at a time. */
async function tally(requests: number, run: (index: number) => Promise<{ status: number }>) {
  const statuses: Record<number, number> = {};
  let started = 0;
  const worker = async () => {
    while (started < requests) {
      started += 1;
      const { status } = await run(started);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return statuses;
}

/** As a provider does, whose message was not taken in its time: on a busy machine a thousand at once may not be. */
async function sendUntilTaken(path: Path, message: RawMessage): Promise<number> {
  for (let time = 1; time < 5; time += 1) {
    const { status } = await send(path, message);
    if (status < 500) return status;
  }
  return (await send(path, message)).status;
}

const paid: Record<Path, (order: Order) => RawMessage> = {
  notify: (order) => wechat.signNotification(wechat.transaction(order.order_no, order.amount)),
  wechat: (order) => wechat.signNotification(wechat.transaction(order.order_no, order.amount)),
  alipay: (order) => alipay.signNotification(alipay.trade(order.order_no, '19.99')),
  stripe: (order) => stripe.signEvent(stripe.paidEvent(order.order_no, order.amount)),
};
const newOrder = (path: Path): Promise<Order> =>
  table.store<Order>(path === 'notify' ? orders.shop() : orders[path]());
const untouched = [
  { sk: 'ORDER', status: 'pending', version: 1 },
  { sk: 'PAYMENT#1', state: 'open', version: 1 },
];

describe('at once', { timeout: 90_000 }, () => {
  it.each<Path>(['notify', 'wechat', 'alipay', 'stripe'])(
    'a thousand copies of a message on %s have one effect, and each is answered with success in the end',
    async (path) => {
      const order = await newOrder(path);
      const message = paid[path](order);
      const copies = Array.from({ length: 1_000 }, () => sendUntilTaken(path, message));
      expect(new Set(await Promise.all(copies))).toEqual(new Set([200]));
      expect(await table.items(order)).toMatchObject([
        { sk: 'ORDER', status: 'paid', version: 2 },
        { sk: 'PAYMENT#1', state: 'paid', version: 2, amount: order.amount, debit: expect.any(String) },
      ]);
    },
  );
});

describe('in bulk', { timeout: 180_000 }, () => {
  it('ten thousand forged messages ask DynamoDB nothing', async () => {
    const kinds: Path[] = ['notify', 'wechat', 'alipay', 'stripe'];
    const targets = await Promise.all(kinds.map(newOrder));
    const messages = targets.map((order, index) => paid[kinds[index] ?? 'notify'](order));
    const statuses = await tally(10_000, (index) => {
      const kind = index % kinds.length;
      const { headers, body } = messages[kind] as RawMessage;
      const note = Buffer.from(kinds[kind] === 'alipay' ? `&extra=${index}` : ' '.repeat(1 + (index % 50)));
      return send(kinds[kind] as Path, { headers, body: Buffer.concat([body, note]) });
    });
    expect(statuses).toEqual({ 401: 10_000 });
    expect(asked).toEqual([]);
    for (const order of targets) {
      expect(await table.items(order)).toMatchObject(untouched);
    }
  });

  it('ten thousand unknown serials make at most one download, and a genuine message passes meanwhile', async () => {
    const target = await newOrder('notify');
    const { headers, body } = paid.notify(target);
    const statuses = await tally(10_000, () => {
      const serial = randomBytes(20).toString('hex').toUpperCase();
      return send('notify', { headers: { ...headers, 'wechatpay-serial': serial }, body });
    });
    expect(statuses).toEqual({ 401: 10_000 });
    expect(provider.calls.map(({ path }) => path)).toEqual(['/v3/certificates']);
    expect(asked).toEqual([]);
    expect((await send('notify', { headers, body })).status).toBe(200);
    expect(asked).toContain('TransactWriteItems');
  });
});
