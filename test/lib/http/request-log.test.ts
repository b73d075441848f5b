import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../../lib/http/api.ts';
import { ApiError } from '../../../lib/http/api-error.ts';
import { type CheckoutParts, createCheckoutApi } from '../../../lib/http/checkout-api.ts';
import { payEnvelope } from '../../../lib/http/envelope.ts';
import { createPayShopOrderApi } from '../../../lib/http/pay-shop-order-api.ts';
import { createPutShopOrderApi } from '../../../lib/http/put-shop-order-api.ts';
import { createRefundApi } from '../../../lib/http/refund-api.ts';
import type { RequestLog } from '../../../lib/http/request-log.ts';
import type { Claims } from '../../../lib/http/token.ts';
import { createOrderView } from '../../../lib/http/view-order.ts';
import { systemIo } from '../../../lib/io.ts';
import type { PaymentPage } from '../../../lib/orders/checkout.ts';
import { settle } from '../../../lib/orders/settle.ts';
import { settleRefund } from '../../../lib/orders/settle-refund.ts';
import { ProviderCallError } from '../../../lib/providers/errors.ts';
import { createCheckoutStore } from '../../../lib/store/checkout-store.ts';
import { createEventStore } from '../../../lib/store/event-store.ts';
import { putOrder } from '../../../lib/store/order-store.ts';
import { createRequestRefundStore } from '../../../lib/store/refund-store.ts';
import { createHandOverStore, createPayStore } from '../../../lib/store/shop-order-store.ts';
import { createViewStore } from '../../../lib/store/view-store.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW, paymentOf, shopOrder, tenantOrder } from '../../support/orders.ts';
import { createProvider } from '../../support/provider.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const io = { ...systemIo, now: () => NOW };
const claims: Claims = { sub: 'user-1', role: 'admin' };
const verifyToken = async () => async () => claims;

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<{ statusCode: number }>;

/** Asks an endpoint; what is sent is JSON. */
async function ask(
  handler: unknown,
  { body, path = {}, key }: { body?: object; path?: object; key?: string } = {},
) {
  const headers = {
    'content-type': 'application/json',
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  const event = { headers, pathParameters: path, body: body && JSON.stringify(body) };
  const context = { awsRequestId: 'r1' } as Context;
  return (handler as Handler)(event as unknown as APIGatewayProxyEventV2, context);
}

const common = { message: 'request', request_id: 'r1', latency_ms: 0 };
const providerError = new ProviderCallError('stripe', 503, 'Stripe is down');

describe('the one line of a request', () => {
  /** A request that is served so. */
  async function served(handle: (log: RequestLog) => Promise<void> | void, parts: object = {}) {
    const { telemetry, lines, metrics } = captureLines();
    let ticks = 0;
    const api = createApi({
      envelope: payEnvelope,
      telemetry,
      now: () => NOW + 12 * ticks++,
      verifyToken,
      role: 'admin',
      handle: async (request) => {
        await handle(request);
        return payEnvelope.success(200, '成功', null);
      },
      ...parts,
    });
    const { statusCode } = await ask(api);
    return { statusCode, lines: lines(), metrics: metrics() };
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
      throw new ApiError(409, '订单已支付');
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
    const refusing = { verifyToken: async () => () => Promise.reject(new ApiError(401, '用户未认证')) };
    const { lines } = await served(() => {}, refusing);
    expect(lines).toEqual([
      { ...common, level: 'INFO', outcome: 'refused', reason: '用户未认证', status: 401, latency_ms: 12 },
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
});

describe('what each endpoint says of what it decided', () => {
  const checkoutApi = (
    log: ReturnType<typeof captureLines>,
    createPaymentPage: () => Promise<PaymentPage>,
  ) => {
    const gateway = async () => ({ merchant: 'test', createPaymentPage, pages: 'asked_for' as const });
    const gateways: CheckoutParts['gateways'] = { wechat: gateway, alipay: gateway, stripe: gateway };
    const { telemetry } = log;
    return createCheckoutApi({
      telemetry,
      verifyToken,
      store: createCheckoutStore(store.context),
      io,
      orderPrefix: '',
      gateways,
    });
  };
  const body = { tenant_id: 7, amount: 19.99, currency: 'USD', provider: 'stripe' };
  const order_no = expect.stringMatching(/^p/);

  it('checkout: made', async () => {
    const log = captureLines();
    await ask(
      checkoutApi(log, async () => ({ outcome: 'created', pay_url: 'https://pay.test/secret' })),
      { body },
    );
    expect(log.lines()).toEqual([
      {
        ...common,
        level: 'INFO',
        provider: 'stripe',
        order_no,
        outcome: 'created',
        status: 201,
        PaymentRequested: 1,
      },
    ]);
    expect(log.metrics()).toEqual(['PaymentRequested stripe: 1']);
  });

  it.each([
    ['fails', () => Promise.reject(providerError)],
    ['makes no page', async () => ({ outcome: 'not_created', attempt: 2 }) as const],
  ])('checkout: the provider %s', async (_, createPaymentPage) => {
    const log = captureLines();
    await ask(checkoutApi(log, createPaymentPage), { body });
    expect(log.lines()).toMatchObject([
      { ...common, level: 'ERROR', provider: 'stripe', order_no, outcome: 'failed', status: 502 },
    ]);
    expect(log.metrics()).toEqual(['ProviderFailed stripe: 1']);
  });

  async function refundOf(settings: (provider: ReturnType<typeof createProvider>) => void) {
    const log = captureLines();
    const order = tenantOrder();
    const events = createEventStore(store.context);
    await putOrder(store.context, order);
    await settle(events, paymentOf(order), io.now);
    const provider = createProvider();
    settings(provider);
    const ports = {
      store: createRequestRefundStore(store.context),
      gateway: provider.gateway,
      settleRefund: (event: Parameters<typeof settleRefund>[1]) => settleRefund(events, event, io.now),
      now: io.now,
    };
    const api = createRefundApi({ telemetry: log.telemetry, verifyToken, ports });
    await ask(api, { body: { order_no: order.order_no, reason: '退款' }, key: order.order_no });
    const known = { order_no: order.order_no, provider: 'stripe' };
    return { log, known, refund_no: `${order.order_no}-r1` };
  }

  it('refund: decided at once, which is a settlement with a line of its own', async () => {
    const { log, known, refund_no } = await refundOf(() => {});
    expect(log.lines()).toEqual([
      {
        level: 'INFO',
        message: 'settlement',
        request_id: 'r1',
        ...known,
        refund_no,
        outcome: 'refunded',
        latency_ms: 0,
        Settlement: 1,
      },
      { ...common, level: 'INFO', ...known, refund_no, outcome: 'refund_succeeded', status: 200 },
    ]);
    expect(log.metrics()).toEqual(['Settlement stripe refunded: 1']);
  });

  it('refund: undecided', async () => {
    const { log, known, refund_no } = await refundOf(({ settings }) => {
      settings.decideLater = true;
    });
    expect(log.lines()).toEqual([
      { ...common, level: 'INFO', ...known, refund_no, outcome: 'refund_open', status: 202 },
    ]);
  });

  it('refund: waiting for a person at its provider', async () => {
    const { log, known, refund_no } = await refundOf(({ settings }) => {
      settings.refundState = 'abnormal';
    });
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'settlement', refund_no, outcome: 'refund_abnormal', Settlement: 1 },
      { ...common, level: 'INFO', ...known, refund_no, outcome: 'refund_open', status: 202 },
    ]);
  });

  it('refund: the provider does not answer, which costs the client nothing', async () => {
    const { log, known, refund_no } = await refundOf(({ failing }) => failing.add('refund'));
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'refund', request_id: 'r1', ...known, outcome: 'failed', error: 'Error' },
      { ...common, ...known, refund_no, outcome: 'refund_open', status: 202 },
    ]);
  });

  const putApi = (log: ReturnType<typeof captureLines>, provider = createProvider()) =>
    createPutShopOrderApi({
      telemetry: log.telemetry,
      verifyToken,
      wechat: async () => ({ merchant: 'mch/app', gateway: await provider.gateway('wechat') }),
      store: createHandOverStore(store.context),
      settle: (event) => settle(createEventStore(store.context), event, io.now),
      orderPrefix: '',
      now: io.now,
    });

  it('handing an order over: created, unchanged, refused', async () => {
    const log = captureLines();
    const order = { user_id: 'user-1', openid: 'openid-1', amount: 1, points: 0, description: '苹果' };
    const path = { kind: 'mall', id: '900001' };
    await ask(putApi(log), { path, body: order });
    await ask(putApi(log), { path, body: order });
    await ask(putApi(log), { path, body: { ...order, points: -1 } });
    expect(log.lines()).toMatchObject([
      { ...common, order_no: 'mall-900001', outcome: 'created', status: 201 },
      { ...common, order_no: 'mall-900001', outcome: 'unchanged', status: 200 },
      { ...common, outcome: 'refused', reason: 'points 须大于等于 0', status: 400 },
    ]);
    expect(log.written.join()).not.toMatch(/openid|user-1|苹果/);
  });

  it('paying a free order: a settlement and a request', async () => {
    const log = captureLines();
    const order = shopOrder({ amount: 0, provider: null, merchant: null, points: 5 });
    await putOrder(store.context, order);
    const api = createPayShopOrderApi({
      kind: 'mall',
      verifyToken,
      wechat: () => Promise.reject(new Error('not asked')),
      store: { ...createPayStore(store.context), ...createEventStore(store.context) },
      publicUrl: 'https://settle.test',
      orderPrefix: '',
      telemetry: log.telemetry,
      io,
    });
    await ask(api, { path: { id: String(order.id) } });
    const { order_no: paid } = order;
    expect(log.lines()).toMatchObject([
      { message: 'settlement', request_id: 'r1', order_no: paid, provider: 'none', outcome: 'settled' },
      { ...common, order_no: paid, outcome: 'paid', status: 200 },
    ]);
    expect(log.metrics()).toEqual(['Settlement none settled: 1']);
  });

  async function view(
    provider: ReturnType<typeof createProvider>,
    order = shopOrder({ expires_at: new Date(NOW + 3_600_000).toISOString() }),
  ) {
    const log = captureLines();
    await putOrder(store.context, order);
    const viewOrder = createOrderView({
      store: createViewStore(store.context),
      gateway: provider.gateway,
      io,
    });
    const api = createApi({
      envelope: payEnvelope,
      telemetry: log.telemetry,
      now: io.now,
      verifyToken,
      role: 'user',
      handle: async (request) => {
        await viewOrder(order.order_no, () => {}, request);
        return payEnvelope.success(200, '成功', null);
      },
    });
    await ask(api);
    return { log, order };
  }

  it('looking at an order that was paid unheard: a settlement and a request', async () => {
    const provider = createProvider();
    const order = shopOrder({ expires_at: new Date(NOW + 3_600_000).toISOString() });
    provider.pay(order);
    const { log } = await view(provider, order);
    const known = { order_no: order.order_no, provider: 'wechat' };
    expect(log.lines()).toMatchObject([
      { level: 'INFO', message: 'settlement', request_id: 'r1', ...known, outcome: 'settled', Settlement: 1 },
      { ...common, ...known, outcome: 'served', status: 200 },
    ]);
  });

  it('looking at an order whose provider does not answer', async () => {
    const provider = createProvider();
    provider.failing.add('query');
    const { log, order } = await view(provider);
    const known = { order_no: order.order_no, provider: 'wechat' };
    expect(log.lines()).toMatchObject([
      { level: 'WARN', message: 'query', request_id: 'r1', ...known, outcome: 'failed' },
      { ...common, level: 'INFO', ...known, outcome: 'served', status: 200 },
    ]);
  });
});
