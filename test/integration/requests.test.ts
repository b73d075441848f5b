import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDynamodb } from '../../infra/local/dynamodb/engine.ts';
import type { Order } from '../../lib/orders/order.ts';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { type DynamodbProxy, isOfEndpoint, startDynamodbProxy } from '../support/dynamodb-proxy.ts';
import { forge } from '../support/forge.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { createParties, openTable } from '../support/parties.ts';

const { wechat, alipay, stripe, documents, orders } = createParties();
const paths = {
  wechat: '/api/pay/callback/wechat',
  alipay: '/api/pay/callback/alipay',
  stripe: '/api/pay/callback/stripe',
} as const;

/** The actions that the callbacks asked the table for. */
let asked: string[] = [];
let proxy: DynamodbProxy;
let system: TestSystem;
let table: ReturnType<typeof openTable>;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const engine = await startDynamodb();
  stops.push(engine.stop);
  proxy = await startDynamodbProxy(engine.endpoint, ({ caller, action }) => {
    if (isOfEndpoint(caller)) asked.push(action);
  });
  stops.push(proxy.stop);
  system = await startTestSystem({ documents, dynamodbEndpoint: proxy.url });
  stops.push(system.stop);
  table = openTable({ dynamodbEndpoint: engine.endpoint, tableName: system.tableName });
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});
beforeEach(() => {
  asked = [];
});

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

/** The flat body that a relay sends, without amount or transaction. */
function flat(name: Name, { order_no }: Order): RawMessage {
  const fields = { order_no, status: 'succeeded' };
  if (name === 'stripe') return stripe.signFlat(fields);
  const [key = ''] = { wechat, alipay }[name].document.callback_keys;
  const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
  const body = Buffer.from(JSON.stringify({ ...fields, sig }));
  return { headers: { 'content-type': 'application/json' }, body };
}

/** What is asked while this runs. */
async function requestsOf(answer: Promise<{ status: number }>) {
  asked = [];
  const { status } = await answer;
  return { status, asked };
}

const unsettled = [
  { sk: 'ORDER', status: 'pending', version: 1 },
  { sk: 'PAYMENT#1', state: 'open', version: 1 },
];
const settled = [
  { sk: 'ORDER', status: 'paid', version: 2 },
  { sk: 'PAYMENT#1', state: 'paid', version: 2 },
];

describe.each<Name>(['wechat', 'alipay', 'stripe'])('a callback of %s asks DynamoDB', (name) => {
  const once = ['TransactWriteItems'];

  it('once to settle, once for a duplicate, and once for an unknown order', async () => {
    const order = await table.store(orders[name]());
    expect(await requestsOf(send(name, paid[name](order)))).toEqual({ status: 200, asked: once });
    expect(await requestsOf(send(name, paid[name](order)))).toEqual({ status: 200, asked: once });
    const unknown = await requestsOf(send(name, paid[name](orders[name]().order)));
    expect(unknown).toEqual({ status: 404, asked: once });
  });

  it('once to settle without an amount, and once for its duplicate', async () => {
    const order = await table.store(orders[name]());
    expect(await requestsOf(send(name, flat(name, order)))).toEqual({ status: 200, asked: once });
    expect(await requestsOf(send(name, flat(name, order)))).toEqual({ status: 200, asked: once });
    expect(await table.items(order)).toMatchObject(settled);
  });

  it('three times where an exception is recorded, and twice when it comes again', async () => {
    const order = await table.store(orders[name]());
    const first = await requestsOf(send(name, paid[name](order, 1)));
    expect(first).toEqual({ status: 400, asked: ['TransactWriteItems', 'Query', 'PutItem'] });
    const again = await requestsOf(send(name, paid[name](order, 1)));
    expect(again).toEqual({ status: 400, asked: ['TransactWriteItems', 'Query'] });
  });

  it('three times where money is booked to suspense', async () => {
    const { order, payment } = orders[name]();
    await table.store({ order: { ...order, status: 'closed' }, payment });
    const answer = await requestsOf(send(name, paid[name](order)));
    expect(answer).toEqual({ status: 200, asked: ['TransactWriteItems', 'Query', 'TransactWriteItems'] });
  });

  it('never for forged messages, however many', async () => {
    const order = await table.store(orders[name]());
    const message = forge(name, paid[name](order));
    asked = [];
    const answers = await Promise.all(Array.from({ length: 500 }, () => send(name, message)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(asked).toEqual([]);
  });

  it('again, when the reply was lost after the write took effect', async () => {
    const order = await table.store(orders[name]());
    proxy.fault('TransactWriteItems', 'drop_reply', 1);
    expect((await send(name, paid[name](order))).status).toBe(200);
    expect(await table.items(order)).toMatchObject(settled);
  });

  it('again, when the request was lost or failed before it took effect', async () => {
    for (const fault of ['drop_request', 'error'] as const) {
      const order = await table.store(orders[name]());
      proxy.fault('TransactWriteItems', fault, 2);
      expect((await send(name, paid[name](order))).status).toBe(200);
      expect(await table.items(order)).toMatchObject(settled);
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
    expect(await table.items(order)).toMatchObject(unsettled);
    proxy.heal();
    expect((await send('wechat', message)).status).toBe(200);
    expect(await table.items(order)).toMatchObject(settled);
  });
});
