import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../../lib/http/api.ts';
import { ApiError } from '../../../lib/http/api-error.ts';
import { createCheckoutApi } from '../../../lib/http/checkout-api.ts';
import { createPayShopOrderApi } from '../../../lib/http/pay-shop-order-api.ts';
import { createPutShopOrderApi } from '../../../lib/http/put-shop-order-api.ts';
import { createRefundApi } from '../../../lib/http/refund-api.ts';
import { payEnvelope, success } from '../../../lib/http/reply.ts';
import type { RequestLog } from '../../../lib/http/request-log.ts';
import { viewOrder } from '../../../lib/http/view-order.ts';
import { systemIo } from '../../../lib/io.ts';
import type { Payment } from '../../../lib/orders/payment.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paidPayment, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import type { FakeMerchants } from '../orders/fake-merchants.ts';
import type { Seed } from '../orders/memory-store.ts';
import { createWorld } from '../orders/world.ts';

const auth = { issuer: 'https://issuer.test', audience: 'settle', hs256_secret: 'x'.repeat(32) };
const documents = { read: async () => JSON.stringify(auth), onFailure: () => {} };

/** What stands around an endpoint, whose lines are kept. */
function arrange(...seeds: readonly Seed[]) {
  const world = createWorld(...seeds);
  const { store, merchants, clock } = world;
  const log = captureLines();
  const io = { ...systemIo, ...world.ports.io };
  const runtime = { io, telemetry: log.telemetry, documents, orderPrefix: '', returnHosts: [] };
  return { runtime, store, merchants, clock, log };
}

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<{ statusCode: number }>;

const tokenOf = (sub: string) =>
  new SignJWT({ sub, role: 'admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime(NOW / 1000 + 3600)
    .sign(Buffer.from(auth.hs256_secret));

/** Asks an endpoint as its admin; what is sent is JSON, or said to be. */
async function ask(
  handler: unknown,
  {
    body,
    path = {},
    key,
    token,
    type = 'application/json',
  }: { body?: object | string; path?: object; key?: string; token?: string; type?: string } = {},
) {
  const headers = {
    authorization: `Bearer ${token ?? (await tokenOf('user-1'))}`,
    'content-type': type,
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const event = {
    headers,
    pathParameters: path,
    body: typeof body === 'object' ? JSON.stringify(body) : body,
  };
  const context = { awsRequestId: 'r1' } as Context;
  return (handler as Handler)(event as unknown as APIGatewayProxyEventV2, context);
}

const common = { message: 'request', request_id: 'r1', latency_ms: 0 };
const refused = new ProviderCallError('stripe', 400, 'a', 'amount_too_small', {
  field: 'amount',
  word: 'amount_too_small',
  problem: { zh: '低于支付渠道允许的最低金额', en: 'is less than the provider takes' },
});
const providerError = new ProviderCallError('stripe', 503, 'Stripe is down');

describe('the one line of a request', () => {
  /** A request that is served so, which takes 12 ms. */
  async function served(handle: (log: RequestLog) => Promise<void> | void, token?: string) {
    const { runtime, clock, log } = arrange();
    const api = createApi(runtime, {
      envelope: payEnvelope,
      role: 'admin',
      handle: async (request) => {
        clock.now += 12;
        await handle(request);
        return success(null);
      },
    });
    const { statusCode } = await ask(api, token === undefined ? {} : { token });
    return { statusCode, lines: log.lines(), metrics: log.metrics() };
  }

  it('says that it was served, and how long it took', async () => {
    expect(await served(() => {})).toEqual({
      statusCode: 200,
      lines: [{ ...common, level: 'INFO', outcome: 'served', status: 200, latency_ms: 12 }],
      metrics: [],
    });
  });

  it('says all that became known, the last word in the end', async () => {
    const { lines, metrics } = await served(({ annotate }) => {
      annotate({ order_no: 'mall-1', outcome: 'begun' });
      annotate({ provider: 'alipay', outcome: 'created' }, { PaymentRequested: 1 });
    });
    expect(lines).toMatchObject([{ order_no: 'mall-1', provider: 'alipay', outcome: 'created' }]);
    expect(metrics).toEqual(['PaymentRequested alipay: 1']);
  });

  it('says what was known when it is refused, and why in the words of the answer', async () => {
    const { lines, metrics, statusCode } = await served(({ annotate }) => {
      annotate({ order_no: 'mall-1', outcome: 'begun' });
      throw new ApiError(409, 'already_paid', { zh: '订单已支付', en: 'It is paid' });
    });
    expect(statusCode).toBe(409);
    expect(lines).toEqual([
      {
        ...common,
        level: 'INFO',
        order_no: 'mall-1',
        outcome: 'refused',
        reason: '订单已支付',
        status: 409,
        latency_ms: 12,
      },
    ]);
    expect(metrics).toEqual([]);
  });

  it('says so when nobody may ask', async () => {
    const { lines } = await served(() => {}, 'junk');
    expect(lines).toEqual([
      { ...common, level: 'INFO', outcome: 'refused', reason: '用户未认证', status: 401 },
    ]);
  });

  it('counts a failure of ours, and gives nothing away of it', async () => {
    const { lines, metrics } = await served(() => {
      throw new Error('openid-1 of 10.0.0.1');
    });
    expect(lines).toMatchObject([
      { ...common, level: 'ERROR', outcome: 'failed', status: 500, error: 'Error', latency_ms: 12 },
    ]);
    expect(metrics).toEqual(['RequestFailed: 1']);
    expect(JSON.stringify(lines)).not.toMatch(/openid-1|10\.0/);
  });

  it("counts a failure of a provider as the provider's", async () => {
    const { lines, metrics } = await served(() => {
      throw providerError;
    });
    expect(lines).toMatchObject([
      { level: 'ERROR', outcome: 'failed', status: 502, provider: 'stripe', error_message: 'Stripe is down' },
    ]);
    expect(metrics).toEqual(['ProviderFailed stripe: 1']);
  });

  it("counts what a provider refuses for its amount as the client's, which is told", async () => {
    const { lines, metrics, statusCode } = await served(() => {
      throw refused;
    });
    const reason = 'amount 低于支付渠道允许的最低金额';
    expect(statusCode).toBe(400);
    expect(lines).toMatchObject([
      { level: 'INFO', outcome: 'refused', status: 400, provider: 'stripe', reason },
    ]);
    expect(metrics).toEqual([]);
  });
});

describe('a body that is refused', () => {
  const secret = 'openid_4711';
  const order = { user_id: 'user-1', openid: 'openid-1', amount: 1, points: 0, description: '苹果' };
  const json = JSON.stringify({ ...order, openid: secret });

  it.each([
    ['is cut off', json.slice(0, -1), 400],
    ['is no JSON', secret, 400],
    ['is a string', JSON.stringify(secret), 400],
    ['is an array', `[${json}]`, 400],
    ['names a prototype', `{"__proto__":${json}}`, 400],
    ['has a wrong value', JSON.stringify({ ...order, amount: secret }), 400],
    ['has a name that is not known', JSON.stringify({ ...order, [secret]: 1 }), 400],
    ['is nested too deep', `${'['.repeat(100_000)}${json}`, 400],
    ['begins with a BOM', `\uFEFF${json}`, 400],
    ['is too large', `${json}${' '.repeat(300_000)}`, 413],
    ['is said to be something else', json, 415, `text/${secret}`],
  ])('never reaches the log: it %s', async (_, body, status, type = 'application/json') => {
    const { runtime, store, merchants, log } = arrange();
    const api = createPutShopOrderApi(runtime, { store, merchants });
    const answer = await ask(api, { path: { kind: 'mall', id: '1' }, body, type });
    expect(answer.statusCode).toBe(status);
    expect(log.lines()).toEqual([
      { ...common, level: 'INFO', outcome: 'refused', reason: expect.any(String), status },
    ]);
    expect(log.written.join()).not.toMatch(/openid|user-1|苹果/);
  });
});

describe('what each endpoint says of what it decided', () => {
  const body = { tenant_id: 7, amount: 19.99, currency: 'USD', provider: 'stripe' };
  const number = expect.stringMatching(/^p/);

  async function checkout(prepare: (merchants: FakeMerchants) => void = () => {}) {
    const { runtime, store, merchants, log } = arrange();
    prepare(merchants);
    await ask(createCheckoutApi(runtime, { store, merchants }), { body });
    return log;
  }

  it('checkout: made', async () => {
    const log = await checkout();
    expect(log.lines()).toEqual([
      {
        ...common,
        level: 'INFO',
        provider: 'stripe',
        order_no: number,
        payment_no: number,
        outcome: 'created',
        status: 201,
        PaymentRequested: 1,
      },
    ]);
    expect(log.metrics()).toEqual(['PaymentRequested stripe: 1']);
    expect(log.written.join()).not.toContain('page-1');
  });

  it.each([
    ['fails', () => Promise.reject(providerError)],
    ['makes no page', async () => ({ outcome: 'not_created', attempt: 2 }) as const],
  ])('checkout: the provider %s', async (_, createPayment) => {
    const log = await checkout(({ script }) => script('createPayment', createPayment));
    expect(log.lines()).toMatchObject([
      { ...common, level: 'ERROR', provider: 'stripe', order_no: number, outcome: 'failed', status: 502 },
    ]);
    expect(log.metrics()).toEqual(['ProviderFailed stripe: 1']);
  });

  /** Of a payment that is not the first of its order. */
  async function refundOf(prepare: (merchants: FakeMerchants) => void) {
    const order = tenantOrder({ status: 'paid', payment: 2, payments: 2, paid_by: 2 });
    const payment = paidPayment(order);
    const { runtime, store, merchants, log } = arrange({ order, payments: [payment] });
    prepare(merchants);
    const { order_no } = order;
    await ask(createRefundApi(runtime, { store, merchants, register: { find: async () => null } }), {
      body: { order_no, reason: '退款' },
      key: 'key-1',
    });
    const { payment_no } = payment;
    expect(payment_no).toBe(`${order_no}-2`);
    return { log, known: { order_no, payment_no, provider: 'stripe', refund_no: `${order_no}-r1` } };
  }

  it('refund: decided at once, which is a settlement with a line of its own', async () => {
    const { log, known } = await refundOf(() => {});
    expect(log.lines()).toEqual([
      {
        level: 'INFO',
        message: 'settlement',
        request_id: 'r1',
        ...known,
        outcome: 'refunded',
        latency_ms: 0,
        Settlement: 1,
      },
      { ...common, level: 'INFO', ...known, outcome: 'refund_succeeded', status: 200 },
    ]);
    expect(log.metrics()).toEqual(['Settlement stripe refunded: 1']);
  });

  it('refund: undecided', async () => {
    const { log, known } = await refundOf(({ script }) => script('refund', async () => ({ state: 'open' })));
    expect(log.lines()).toEqual([
      { ...common, level: 'INFO', ...known, outcome: 'refund_open', status: 202 },
    ]);
  });

  it('refund: waiting for a person at its provider', async () => {
    const { log, known } = await refundOf(({ script }) =>
      script('refund', async () => ({ state: 'abnormal', refund_id: 'R1' })),
    );
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'settlement', ...known, outcome: 'refund_abnormal', Settlement: 1 },
      { ...common, level: 'INFO', ...known, outcome: 'refund_open', status: 202 },
    ]);
  });

  it('refund: the provider does not answer, which costs the client nothing', async () => {
    const { log, known } = await refundOf(({ script }) =>
      script('refund', () => Promise.reject(providerError)),
    );
    expect(log.lines()).toMatchObject([
      {
        ...{ level: 'WARN', message: 'refund', request_id: 'r1', ...known },
        ...{ outcome: 'failed', error: 'ProviderCallError', ProviderFailed: 1 },
      },
      { ...common, ...known, outcome: 'refund_open', status: 202 },
    ]);
  });

  it('handing an order over: created, unchanged, refused', async () => {
    const { runtime, store, merchants, log } = arrange();
    const api = createPutShopOrderApi(runtime, { store, merchants });
    const order = { user_id: 'user-1', openid: 'openid-1', amount: 1, points: 0, description: '苹果' };
    const path = { kind: 'mall', id: '900001' };
    await ask(api, { path, body: order });
    await ask(api, { path, body: order });
    await ask(api, { path, body: { ...order, points: -1 } });
    expect(log.lines()).toMatchObject([
      { ...common, order_no: 'mall-900001', outcome: 'created', status: 201 },
      { ...common, order_no: 'mall-900001', outcome: 'unchanged', status: 200 },
      { ...common, outcome: 'refused', reason: 'points 须大于等于 0', status: 400 },
    ]);
    expect(log.written.join()).not.toMatch(/openid|user-1|苹果/);
  });

  const payApi = ({ runtime, store, merchants }: ReturnType<typeof arrange>) =>
    createPayShopOrderApi(runtime, { kind: 'mall', store, merchants });

  it('paying a free order: nobody is asked, and nothing is settled', async () => {
    const order = shopOrder({ amount: 0, payment: null, payments: 0, points: 5 });
    const parts = arrange({ order });
    await ask(payApi(parts), { path: { id: String(order.id) } });
    const { order_no } = order;
    expect(parts.log.lines()).toEqual([{ ...common, level: 'INFO', order_no, outcome: 'paid', status: 200 }]);
    expect(parts.merchants.calls).toEqual([]);
  });

  it('paying an order: under the number that the provider knows', async () => {
    const order = shopOrder({ payment: null, payments: 1 });
    const superseded = paymentOf(order, { state: 'closed', superseded: true });
    const parts = arrange({ order, payments: [superseded] });
    await ask(payApi(parts), { path: { id: String(order.id) } });
    const { order_no } = order;
    expect(parts.log.lines()).toEqual([
      {
        ...{ ...common, level: 'INFO', order_no, payment_no: `${order_no}-2`, provider: 'wechat' },
        ...{ outcome: 'prepaid', status: 200, PaymentRequested: 1 },
      },
    ]);
    expect(parts.log.written.join()).not.toMatch(/openid-1|page-1/);
  });

  async function view(prepare: (merchants: FakeMerchants, payment: Payment) => void) {
    const order = shopOrder();
    const payment = paymentOf(order);
    const { runtime, store, merchants, log } = arrange({ order, payments: [payment] });
    prepare(merchants, payment);
    const api = createApi(runtime, {
      envelope: payEnvelope,
      role: 'user',
      handle: async (request) => {
        await viewOrder({ ...runtime, store, merchants }, order.order_no, () => {}, request);
        return success(null);
      },
    });
    await ask(api);
    const { order_no } = order;
    return { log, known: { order_no, provider: 'wechat' }, payment_no: payment.payment_no };
  }

  it('looking at an order that was paid unheard: a settlement and a request', async () => {
    const { log, known, payment_no } = await view(({ pay }, payment) => pay(payment));
    expect(log.lines()).toMatchObject([
      {
        ...{ level: 'INFO', message: 'settlement', request_id: 'r1', ...known, payment_no },
        ...{ outcome: 'settled', Settlement: 1 },
      },
      { ...common, ...known, outcome: 'served', status: 200 },
    ]);
  });

  it('looking at an order whose provider does not answer', async () => {
    const { log, known, payment_no } = await view(({ script }) =>
      script('query', () => Promise.reject(providerError)),
    );
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'query', request_id: 'r1', ...known, payment_no, outcome: 'failed' },
      { ...common, level: 'INFO', ...known, outcome: 'served', status: 200 },
    ]);
  });
});
