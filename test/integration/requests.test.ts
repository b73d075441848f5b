import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { RawMessage } from '../../lib/providers/provider.ts';
import { forge } from '../bench/requests/callback-paths.ts';
import { type DynamodbProxy, startDynamodbProxy } from '../support/dynamodb-proxy.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { createParties, openTable } from '../support/parties.ts';

const { wechat, alipay, stripe, documents, orders } = createParties();
const paths = {
  wechat: '/v2/payments/notify',
  alipay: '/api/pay/callback/alipay',
  stripe: '/api/pay/callback/stripe',
} as const;

let proxy: DynamodbProxy;
let system: TestSystem;
let table: ReturnType<typeof openTable>;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const engine = await startDynamodb();
  stops.push(engine.stop);
  proxy = await startDynamodbProxy(engine.endpoint);
  stops.push(proxy.stop);
  system = await startTestSystem({ documents, dynamodbEndpoint: proxy.url });
  stops.push(system.stop);
  table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});
beforeEach(() => proxy.reset());

type Name = keyof typeof paths;
const paid: Record<Name, (order: Order, amount?: number) => RawMessage> = {
  wechat: (order, amount = order.amount) =>
    wechat.signNotification(wechat.transaction(order.order_no, amount)),
  alipay: (order, amount = order.amount) =>
    alipay.signNotification(alipay.trade(order.order_no, (amount / 100).toFixed(2))),
  stripe: (order, amount = order.amount) => stripe.signEvent(stripe.paidEvent(order.order_no, amount)),
};
const send = (name: Name, { headers, body }: RawMessage) =>
  createHttpClient(system.url)('POST', paths[name], { headers, body });

/** Without single updates: those are the stream consumer's, which come later, and no success is settled by one. */
const settlementRequests = () => proxy.total() - proxy.count('UpdateItem');

describe.each<Name>(['wechat', 'alipay', 'stripe'])('a callback of %s asks DynamoDB', (name) => {
  it('once to settle, once for a duplicate, and once for an unknown order', async () => {
    const order = await table.store(orders[name]());
    expect((await send(name, paid[name](order))).status).toBe(200);
    expect(settlementRequests()).toBe(1);
    expect(proxy.count('TransactWriteItems')).toBe(1);

    proxy.reset();
    expect((await send(name, paid[name](order))).status).toBe(200);
    expect(settlementRequests()).toBe(1);

    proxy.reset();
    expect((await send(name, paid[name](orders[name]()))).status).toBeGreaterThanOrEqual(400);
    expect(settlementRequests()).toBe(1);
  });

  it('twice where an exception is recorded', async () => {
    const order = await table.store(orders[name]());
    expect((await send(name, paid[name](order, 1))).status).toBeGreaterThanOrEqual(400);
    expect(proxy.count('TransactWriteItems')).toBe(2);
    expect(settlementRequests()).toBe(2);
  });

  it('never for forged messages, however many', async () => {
    const order = await table.store(orders[name]());
    const message = forge(name, paid[name](order));
    const answers = await Promise.all(Array.from({ length: 500 }, () => send(name, message)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(settlementRequests()).toBe(0);
  });

  it('again, when the reply was lost after the write took effect', async () => {
    const order = await table.store(orders[name]());
    proxy.fault('TransactWriteItems', 'drop_reply', 1);
    expect((await send(name, paid[name](order))).status).toBe(200);
    expect((await table.items(order)).map(({ sk }) => sk)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });

  it('again, when the request was lost or failed before it took effect', async () => {
    for (const fault of ['drop_request', 'error'] as const) {
      const order = await table.store(orders[name]());
      proxy.fault('TransactWriteItems', fault, 2);
      expect((await send(name, paid[name](order))).status).toBe(200);
      expect((await table.items(order)).map(({ sk }) => sk)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
    }
  });
});

describe('a database that hangs', () => {
  it('makes a callback fail inside the 5 s that a provider waits; its redelivery settles', async () => {
    const order = await table.store(orders.wechat());
    const message = paid.wechat(order);
    proxy.fault('TransactWriteItems', 'hang', 10);
    const started = performance.now();
    expect(await send('wechat', message)).toMatchObject({ status: 500, body: { code: 'FAIL' } });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect((await table.items(order)).map(({ sk }) => sk)).toEqual(['ORDER']);
    proxy.heal();
    expect((await send('wechat', message)).status).toBe(200);
    expect((await table.items(order)).map(({ sk }) => sk)).toEqual(['ENTRY#PAYMENT', 'ORDER']);
  });
});
