import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  createBackEndClient,
  type Input,
  type Result,
  type Schemas,
  SettleApiError,
} from '../../../infra/client/back-end-client.ts';
import { apiTimeout } from '../../../infra/constructs/payment-api.ts';
import type { OrderHistory } from '../../../lib/http/responses/history.ts';
import type { OrderState, OrdersPage, RefundState } from '../../../lib/http/responses/orders.ts';
import { createHttpClient } from '../../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../../support/local-system.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';

type Fetch = typeof globalThis.fetch;

/** Time that passes by waiting alone. */
function createClock() {
  const waits: number[] = [];
  let now = 0;
  const wait = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  return { waits, clock: { now: () => now, wait } };
}

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Answers one after the other, and the last one again; an error is thrown, as when nothing is answered. */
function scripted(...answers: readonly (Response | Error)[]) {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, { method = '', headers, body } = {}) => {
    const target = String(url).replace('https://pay.example.com', '');
    const parsed = typeof body === 'string' ? JSON.parse(body) : null;
    sent.push({ method, target, headers: new Headers(headers), body: parsed });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer instanceof Response) return answer.clone();
    throw answer ?? new Error('nothing is scripted');
  };
  const { waits, clock } = createClock();
  const settle = createBackEndClient({
    ...{ baseUrl: 'https://pay.example.com', getToken: () => `token-${sent.length + 1}`, fetch, clock },
  });
  return { settle, sent, waits };
}

const done = (data: unknown) => Response.json({ code: 0, msg: '成功', data });
const refused = (status: number, word: string, fields?: string) =>
  Response.json(
    { code: status, msg: '因故拒绝', data: null },
    { status, headers: { 'settle-error': word, ...(fields && { 'settle-error-field': fields }) } },
  );
const lost = () => new TypeError('fetch failed');

const refund = { order_no: 'mall-1', reason: '缺货' };
const keyOf = ({ headers }: Sent) => headers.get('idempotency-key');

describe('a call', () => {
  it('has its fields in the path, the query or the body', async () => {
    const { settle, sent } = scripted(done({}));
    await settle.getOrder({ order_no: 'a/b' });
    await settle.listOrders({ kind: 'mall', limit: 2, cursor: 'a&b' });
    await settle.listExceptions();
    await settle.putShopOrder({
      ...{ kind: 'meal', id: 7, user_id: 'u', openid: 'o', amount: 1, points: 0, description: '面' },
    });
    await settle.closeOrder({ order_no: 'mall-1' });
    expect(sent.map(({ method, target, body }) => [method, target, body])).toEqual([
      ['GET', '/api/pay/orders/a%2Fb', null],
      ['GET', '/api/pay/orders?kind=mall&limit=2&cursor=a%26b', null],
      ['GET', '/api/pay/exceptions', null],
      [
        ...['PUT', '/v2/orders/meal/7'],
        { user_id: 'u', openid: 'o', amount: 1, points: 0, description: '面' },
      ],
      ['POST', '/api/pay/orders/mall-1/close', null],
    ]);
    expect(sent[0]?.headers.get('accept-language')).toBe('zh');
  });

  it('asks for a token each time that it is sent', async () => {
    const { settle, sent } = scripted(lost(), done({}));
    await settle.getOrder({ order_no: 'mall-1' });
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([
      ...['Bearer token-1', 'Bearer token-2'],
    ]);
  });

  it('rejects with what the API says', async () => {
    const { settle, sent } = scripted(refused(400, 'missing_field', 'reason, order_no'));
    const error = await settle.createRefund(refund).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(SettleApiError);
    expect(error).toMatchObject({
      ...{ operation: 'createRefund', status: 400, word: 'missing_field', fields: ['reason', 'order_no'] },
      ...{ message: expect.stringContaining('因故拒绝'), idempotencyKey: expect.any(String) },
    });
    expect(sent).toHaveLength(1);
  });

  it('rejects with what its token could not be got for', async () => {
    const getToken = () => Promise.reject(new Error('no key'));
    const settle = createBackEndClient({ baseUrl: 'https://pay.example.com', getToken });
    await expect(settle.listWebhooks()).rejects.toThrow('no key');
  });

  it('waits as long for a reply as the API may take', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    await scripted(done({})).settle.listWebhooks();
    expect(timeout.mock.calls).toEqual([[apiTimeout.toMilliseconds()]]);
  });

  it('does not follow to where the API never leads', async () => {
    const server = await startLoopbackServer(() => ({
      ...{ status: 302, headers: { location: '/elsewhere' }, body: '' },
    }));
    const settle = createBackEndClient({
      ...{ baseUrl: server.baseUrl, getToken: () => 'token-1', clock: createClock().clock },
    });
    await expect(settle.listWebhooks()).rejects.toMatchObject({ status: 302, word: null });
    expect(new Set(server.calls.map(({ path }) => path))).toEqual(new Set(['/api/pay/webhooks']));
    await server.close();
  });
});

describe('what is asked for again', () => {
  it.each([
    ['a reply that is lost', lost()],
    ['too many requests', new Response('{"message":"Too Many Requests"}', { status: 429 })],
    ['a provider that fails', refused(502, 'provider_failed')],
    ['a function that takes too long', new Response('{"message":"Service Unavailable"}', { status: 503 })],
    ['a gateway that takes too long', new Response('<html>', { status: 504 })],
    ['an order that changes', refused(409, 'order_changing')],
    ["a page of somebody's on the way", new Response('<html>log in</html>')],
  ])('is %s', async (_, answer) => {
    const { settle, sent } = scripted(answer, answer, done({ refund_no: 'mall-1-r1' }));
    expect(await settle.createRefund(refund)).toEqual({ refund_no: 'mall-1-r1' });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(keyOf)).size).toBe(1);
    expect(sent.map(({ body }) => body)).toEqual([refund, refund, refund]);
  });

  it.each([
    ['another conflict', refused(409, 'nothing_to_refund')],
    ['a token that has expired', refused(401, 'token_expired')],
    ['what is not there', refused(404, 'order_not_found')],
  ])('is not %s', async (_, answer) => {
    const { settle, sent } = scripted(answer, done({}));
    await expect(settle.createRefund(refund)).rejects.toThrow(SettleApiError);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['redeliver', { id: 'x' }],
    ['redeliverPeriod', { from: '2026-11-21', to: '2026-11-22' }],
  ] as const)('is %s only where nothing of it was done', async (operation, input) => {
    const call = (settle: ReturnType<typeof scripted>['settle']) =>
      operation === 'redeliver'
        ? settle.redeliver(input as { id: string })
        : settle.redeliverPeriod(input as never);
    for (const answer of [lost(), new Response('', { status: 503 })]) {
      const { settle, sent } = scripted(answer, done({}));
      await expect(call(settle)).rejects.toThrow(SettleApiError);
      expect(sent).toHaveLength(1);
    }
    const { settle, sent } = scripted(new Response('', { status: 429 }), done({}));
    await call(settle);
    expect(sent).toHaveLength(2);
  });

  it('comes later and later, never at one time, and not after the deadline', async () => {
    const { settle, sent, waits } = scripted(lost());
    const error = await settle.createRefund(refund).catch((one: unknown) => one);
    expect(error).toMatchObject({ status: null, word: null, cause: lost() });
    expect(error).toMatchObject({ idempotencyKey: keyOf(sent[0] as Sent) });
    const bounds = waits.map((_, n) => Math.min(200 * 2 ** n, 5_000));
    expect(waits.every((wait, n) => wait >= (bounds[n] ?? 0) / 2 && wait <= (bounds[n] ?? 0))).toBe(true);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(30_000);
    expect(waits.length).toBeGreaterThan(5);
    expect(waits).not.toEqual(bounds);
  });

  it('has the key that it was given, and each other call one of its own', async () => {
    const { settle, sent } = scripted(done({}));
    await settle.createRefund(refund, { idempotencyKey: 'return-17' });
    await settle.createRefund(refund);
    await settle.createCheckout({ tenant_id: 7, amount: 1, provider: 'stripe' });
    await settle.closeOrder({ order_no: 'mall-1' });
    expect(sent.map(keyOf)).toEqual(['return-17', expect.any(String), expect.any(String), null]);
    expect(new Set(sent.map(keyOf)).size).toBe(4);
  });
});

describe('the pages of a list', () => {
  it('are asked for one after the other, each when it is wanted', async () => {
    const pages = ['b', null].map((cursor) => done({ orders: [{ order_no: `mall-${cursor}` }], cursor }));
    const { settle, sent } = scripted(...pages);
    const seen: string[] = [];
    for await (const { orders } of settle.pages('listOrders', { kind: 'mall' })) {
      expect(sent).toHaveLength(seen.length + 1);
      seen.push(...orders.map(({ order_no }) => order_no));
    }
    expect(seen).toEqual(['mall-b', 'mall-null']);
    expect(sent.map(({ target }) => target)).toEqual([
      ...['/api/pay/orders?kind=mall', '/api/pay/orders?kind=mall&cursor=b'],
    ]);
  });
});

describe('the types', () => {
  it('are those of the schemas', () => {
    expectTypeOf<Result<'getOrder'>>().toEqualTypeOf<OrderState>();
    expectTypeOf<Result<'createRefund'>>().toEqualTypeOf<RefundState>();
    expectTypeOf<Result<'listOrders'>>().toEqualTypeOf<OrdersPage>();
    expectTypeOf<Result<'getOrderHistory'>>().toExtend<OrderHistory>();
    expectTypeOf<Schemas['Refund']>().toEqualTypeOf<RefundState>();
    expectTypeOf<Input<'getOrder'>>().toEqualTypeOf<{ order_no: string }>();
  });

  it('ask for what is needed, and know no other fields', () => {
    const { settle } = scripted(done({}));
    const misuses = [
      // @ts-expect-error: of which order?
      () => settle.getOrder(),
      // @ts-expect-error: a field that is misspelt
      () => settle.createRefund({ ...refund, amout: 5 }),
      // @ts-expect-error: it takes no key
      () => settle.closeOrder({ order_no: 'mall-1' }, { idempotencyKey: 'x' }),
      // @ts-expect-error: it has no pages
      () => settle.pages('getOrder', { order_no: 'mall-1' }),
    ];
    expect(misuses).toHaveLength(4);
  });
});

describe('against the running system', () => {
  let system: TestSystem;
  let lastId = 0;

  beforeAll(async () => {
    system = await startTestSystem();
  });
  afterAll(() => system?.stop());

  const client = (fetch: Fetch = globalThis.fetch) =>
    createBackEndClient({
      ...{ baseUrl: system.url, getToken: () => system.tokens?.admin ?? '', fetch, language: 'en' },
      clock: createClock().clock,
    });

  /** What was done is never heard of the first time. */
  function losing() {
    const keys: (string | null)[] = [];
    const fetch: Fetch = async (url, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      const response = await globalThis.fetch(url, init);
      if (keys.length > 1) return response;
      throw lost();
    };
    return { keys, fetch };
  }

  async function paidOrder(): Promise<string> {
    const id = ++lastId;
    const settle = client();
    const order = { user_id: 'user-1', openid: 'openid-1', amount: 19.99, points: 0, description: '苹果' };
    const { order_no } = await settle.putShopOrder({ kind: 'mall', id, ...order });
    const post = createHttpClient(system.url);
    const pay = await post('POST', `/v2/orders/mall/${id}/pay`, { token: system.tokens?.user ?? '' });
    expect(pay).toMatchObject({ status: 200 });
    const simulator = createHttpClient(system.consoleUrl);
    await simulator('POST', `/simulator/payments/wechat/${order_no}/pay`, { body: {} });
    return order_no;
  }

  it('makes one refund, although the first reply is lost', async () => {
    const order_no = await paidOrder();
    const { keys, fetch } = losing();
    const made = await client(fetch).createRefund({ order_no, amount: 5, reason: '缺货' });
    expect(made).toMatchObject({ order_no, amount: '5.00', requested_by: 'admin' });
    expect(keys).toEqual([keys[0], keys[0]]);
    const { refunds } = await client().listRefunds({ order_no });
    expect(refunds.map(({ refund_no, amount }) => [refund_no, amount])).toEqual([[made.refund_no, '5.00']]);
    expect(await client().getRefund({ refund_no: made.refund_no })).toMatchObject({ order_no });
  });

  it('makes one order, although the first reply is lost', async () => {
    const { keys, fetch } = losing();
    const made = await client(fetch).createCheckout({ tenant_id: 41, amount: 19.99, provider: 'wechat' });
    expect(keys).toHaveLength(2);
    const { orders } = await client().listOrders({ tenant_id: 41 });
    expect(orders.map(({ order_no }) => order_no)).toEqual([made.order_no]);
  });

  it('closes an order, although the first reply is lost', async () => {
    const { order_no } = await client().createCheckout({ tenant_id: 42, amount: 1, provider: 'wechat' });
    const { fetch } = losing();
    expect(await client(fetch).closeOrder({ order_no })).toMatchObject({ status: 'closed' });
  });

  it('goes through the pages of a list', async () => {
    for (const amount of [1, 2, 3]) {
      await client().createCheckout({ tenant_id: 43, amount, provider: 'wechat' });
    }
    const amounts: string[] = [];
    for await (const { orders } of client().pages('listOrders', { tenant_id: 43, limit: 1 })) {
      amounts.push(...orders.map(({ amount }) => amount));
    }
    expect(amounts).toEqual(['3.00', '2.00', '1.00']);
  });

  it('says what is wrong, by word, field and in the language that was asked for', async () => {
    const order_no = await paidOrder();
    const reason = 'out of stock';
    await expect(client().createRefund({ order_no, reason, amount: 99 })).rejects.toMatchObject({
      ...{ status: 400, word: 'amount_too_large', fields: ['amount'] },
      message: expect.stringMatching(/^createRefund: [ -~]+$/),
    });
    await expect(client().getOrder({ order_no: 'mall-404' })).rejects.toMatchObject({
      ...{ status: 404, word: 'order_not_found', fields: [] },
    });
    await expect(
      client().putShopOrder({ kind: 'mall', id: 999, user_id: 'u', amount: 1, points: 0 } as never),
    ).rejects.toMatchObject({ status: 400, word: 'missing_field' });
  });
});
