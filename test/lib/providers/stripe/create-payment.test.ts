import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { type Io, systemIo } from '../../../../lib/io.ts';
import type { PaymentRequest } from '../../../../lib/orders/provider-gateway.ts';
import { createStripeGateway } from '../../../../lib/providers/stripe/gateway.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  type ServerCall,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document } = createStripeParty();
const request: PaymentRequest = {
  payment_no: 'p01HXTESTQ000000000007ABCDE-2',
  amount: 1999,
  currency: 'USD',
  appid: null,
  scene: 'desktop',
  description: '租户 7 订单',
  openid: null,
  payer_client_ip: null,
  begun_at: '2024-05-13T09:49:22.500Z',
  expires_at: '2024-05-13T11:49:22.500Z',
  handed_out: null,
  attempt: 1,
  return_url: null,
};
const session = {
  id: 'cs_test_a1',
  object: 'checkout.session',
  mode: 'payment',
  client_reference_id: request.payment_no,
  metadata: { order_no: request.payment_no },
  amount_total: 1999,
  currency: 'usd',
  status: 'open',
  url: 'https://checkout.stripe.com/c/pay/cs_test_a1',
};
const handed_out = { page: null, id: session.id, good_until: request.expires_at };
const created = { outcome: 'created', page: session.url, handed_out };
const apiError = { status: 500, body: { error: { type: 'api_error', message: 'secret detail' } } };
const list = (data: object[], has_more = false): ServerAnswer => ({
  body: { object: 'list', data, has_more },
});
const other = (id: string) => ({ ...session, id, client_reference_id: 'p-other' });
const callError = (status: number | null) =>
  expect.objectContaining({ name: 'ProviderCallError', provider: 'stripe', status });
/** An answer's field that is of no use. */
const unusable = (field: string) =>
  expect.objectContaining({
    name: 'ProviderCallError',
    status: 200,
    message: `the answer has no usable ${field}`,
  });

let server: LoopbackServer | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
  server = undefined;
});

/** Creates the session at a Stripe that answers so. */
async function create(
  answer: (call: ServerCall) => ServerAnswer,
  changes: object = {},
  io: Pick<Io, 'fetch' | 'now'> = systemIo,
) {
  server = await startLoopbackServer(answer);
  const config = parseStripeDocument({ ...document, base_url: `${server.baseUrl}/stripe` });
  return createStripeGateway(config, io).createPayment({ ...request, ...changes });
}

const createThenList = (creation: ServerAnswer, ...pages: ServerAnswer[]) => {
  const rest = [...pages];
  return (call: ServerCall) => (call.method === 'POST' ? creation : (rest.shift() ?? apiError));
};

describe('createPayment', () => {
  it('asks for a session of the payment, under a key of its own', async () => {
    expect(await create(() => ({ body: session }))).toEqual(created);
    expect(server?.calls).toHaveLength(1);
    const call = server?.calls[0];
    expect(call).toMatchObject({ method: 'POST', path: '/stripe/v1/checkout/sessions' });
    expect(call?.headers).toMatchObject({
      authorization: `Bearer ${document.secret_key}`,
      'idempotency-key': `${request.payment_no}:1`,
      'stripe-version': '2026-10-28.endive',
    });
    expect(Object.fromEntries(call?.form ?? [])).toEqual({
      mode: 'payment',
      client_reference_id: request.payment_no,
      'metadata[order_no]': request.payment_no,
      'payment_intent_data[metadata][order_no]': request.payment_no,
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '1999',
      'line_items[0][price_data][product_data][name]': '租户 7 订单',
      expires_at: String(Date.parse('2024-05-13T11:49:22Z') / 1000),
      success_url: document.success_url,
      cancel_url: document.cancel_url,
    });
  });

  it.each([
    ['30 minutes', '2024-05-13T10:19:22.500Z', '2024-05-13T10:20:22Z'],
    ['31 minutes and more', '2024-05-13T10:20:23.500Z', '2024-05-13T10:20:23Z'],
  ])('opens no session for less than Stripe takes a moment later: %s', async (_, expires_at, until) => {
    await create(() => ({ body: session }), { expires_at });
    expect(Object.fromEntries(server?.calls[0]?.form ?? [])).toMatchObject({
      expires_at: String(Date.parse(until) / 1000),
    });
  });

  it('asks the same when it is asked again, and under another key once the attempt is raised', async () => {
    await create(() => ({ body: session }));
    const first = server?.calls[0];
    await server?.close();
    await create(() => ({ body: session }));
    expect(server?.calls[0]?.form.toString()).toBe(first?.form.toString());
    expect(server?.calls[0]?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    await server?.close();
    await create(() => ({ body: session }), { attempt: 2 });
    expect(server?.calls[0]?.headers['idempotency-key']).toBe(`${request.payment_no}:2`);
  });

  it('leads back where it is asked to, however often it is asked again, and looked for', async () => {
    const return_url = 'https://shop.example.com/orders?id=7&session={CHECKOUT_SESSION_ID}';
    await create(() => ({ body: session }), { return_url, scene: 'mobile' });
    const first = server?.calls[0];
    expect(first?.form.get('success_url')).toBe(return_url);
    expect(first?.form.get('cancel_url')).toBe(document.cancel_url);
    await server?.close();
    await create(() => ({ body: session }), { return_url, scene: 'mobile', version: 3 });
    expect(server?.calls[0]?.form.toString()).toBe(first?.form.toString());
    await server?.close();
    // What became of it is asked by the very same creation.
    server = await startLoopbackServer(() => ({ body: session }));
    const config = parseStripeDocument({ ...document, base_url: `${server.baseUrl}/stripe` });
    const now = () => Date.parse(request.begun_at) + 60_000;
    await createStripeGateway(config, { ...systemIo, now }).query({ ...request, return_url });
    const [creation] = server.calls;
    expect(creation?.form.toString()).toBe(first?.form.toString());
    expect(creation?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  it.each([
    ['another payment', callError(null), { ...session, client_reference_id: 'p-other' }],
    ['another amount', callError(null), { ...session, amount_total: 2000 }],
    ['another currency', callError(null), { ...session, currency: 'eur' }],
    ['no address', unusable('url'), { ...session, url: null }],
    ['no id', unusable('id'), { ...session, id: undefined }],
    ['an unknown state', unusable('status'), { ...session, status: 'maybe' }],
    ['nothing at all', callError(null), {}],
    ['text', callError(null), 'thank you'],
    ['null', callError(null), null],
  ])('refuses an answer for %s', async (_name, error, body) => {
    await expect(create(() => ({ body }))).rejects.toEqual(error);
    expect(server?.calls).toHaveLength(1);
  });

  it.each([400, 401, 402, 409, 429])('fails on %i, and looks nothing up', async (status) => {
    const error = { type: 'invalid_request_error', code: 'parameter_missing', message: 'secret detail' };
    const failure = create(() => ({ status, body: { error } }));
    await expect(failure).rejects.toEqual(callError(status));
    await expect(failure).rejects.toThrow(/parameter_missing/);
    await expect(failure).rejects.not.toThrow(/secret detail/);
    expect(server?.calls).toHaveLength(1);
  });

  it('follows no redirect with the key', async () => {
    await expect(create(() => ({ status: 302, body: 'elsewhere' }))).rejects.toEqual(callError(null));
    expect(server?.calls).toHaveLength(1);
  });
});

describe('a session whose id was kept', () => {
  const isRetrieval = ({ method, path }: ServerCall) =>
    method === 'GET' && path === `/stripe/v1/checkout/sessions/${session.id}`;
  const retrieve = (body: object) =>
    create((call) => (isRetrieval(call) ? { body } : apiError), { handed_out });

  it('is handed out again, and no other is made', async () => {
    expect(await retrieve(session)).toEqual(created);
    expect(server?.calls).toHaveLength(1);
  });

  it.each(['complete', 'expired'])('is over when it is %s', async (status) => {
    expect(await retrieve({ ...session, status, url: null })).toEqual({ outcome: 'over' });
    expect(server?.calls).toHaveLength(1);
  });

  it.each([
    ['of another payment', 200, { ...session, client_reference_id: 'p-other' }],
    ['of another id', 200, { ...session, id: 'cs_2' }],
    ['of another amount', null, { ...session, amount_total: 1 }],
  ])('is refused when it is %s', async (_name, status, body) => {
    await expect(retrieve(body)).rejects.toEqual(callError(status));
    expect(server?.calls).toHaveLength(1);
  });

  it.each([404, 500])('is waited for while Stripe answers %i, and no other is made', async (status) => {
    const failure = create(() => ({ ...apiError, status }), { handed_out });
    await expect(failure).rejects.toEqual(callError(status));
    expect(server?.calls.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('an answer that Stripe repeats', () => {
  const replay = (now: object) =>
    create((call) =>
      call.method === 'POST'
        ? { body: session, headers: { 'Idempotent-Replayed': 'true' } }
        : { body: { ...session, ...now } },
    );

  it('is looked at again, as it may be old', async () => {
    expect(await replay({})).toEqual(created);
    expect(server?.calls.map(({ method, path }) => [method, path])).toEqual([
      ['POST', '/stripe/v1/checkout/sessions'],
      ['GET', `/stripe/v1/checkout/sessions/${session.id}`],
    ]);
  });

  it.each(['complete', 'expired'])('is of no use to a payer once the session is %s', async (status) => {
    expect(await replay({ status, url: null })).toEqual({ outcome: 'over' });
  });
});

describe('after a received 5xx', () => {
  it.each([
    ['an error of Stripe', apiError],
    ["a proxy's page", { status: 502, body: '<html>' }],
    ['JSON that is no error', { status: 503, body: session }],
  ])('%s, finds the session that was made after all', async (_name, answer) => {
    expect(await create(createThenList(answer, list([other('cs_1'), session])))).toEqual(created);
    const query = Object.fromEntries(server?.calls[1]?.query ?? []);
    expect(query).toEqual({
      'created[gte]': String(Date.parse('2024-05-13T09:44:22Z') / 1000),
      'created[lt]': String(Date.parse('2024-05-13T09:59:22Z') / 1000),
      limit: '100',
    });
  });

  it('looks through the pages, first of the time when its payment was begun and then of all its time', async () => {
    const first = list(['cs_0', 'cs_1', 'cs_2'].map(other), true);
    const pages = [first, list([other('cs_3')]), list([session])];
    expect(await create(createThenList(apiError, ...pages))).toEqual(created);
    const asked = server?.calls.slice(1).map(({ query }) => [...query.keys(), query.get('starting_after')]);
    expect(asked).toEqual([
      ['created[gte]', 'created[lt]', 'limit', null],
      ['created[gte]', 'created[lt]', 'limit', 'starting_after', 'cs_2'],
      ['created[gte]', 'created[lte]', 'limit', null],
    ]);
    const last = server?.calls.at(-1)?.query;
    expect(last?.get('created[gte]')).toBe(String(Date.parse('2024-05-13T09:59:22Z') / 1000));
    expect(last?.get('created[lte]')).toBe(String(Date.parse('2024-05-13T11:54:22Z') / 1000));
  });

  it('raises the attempt when there surely is none', async () => {
    expect(
      await create(createThenList(apiError, list([other('cs_1')], true), list([]), list([])), { attempt: 3 }),
    ).toEqual({
      outcome: 'not_created',
      attempt: 4,
    });
  });

  it.each([
    ['fails', apiError],
    ['is refused', { status: 401, body: { error: { type: 'invalid_request_error' } } }],
    ['is answered with something else', { body: { object: 'list' } }],
  ])('changes nothing when the look-up %s', async (_name, page) => {
    const failure = create((call) => (call.method === 'POST' ? apiError : page));
    await expect(failure).rejects.toEqual(callError(500));
    expect(server?.calls).toHaveLength(2);
  });

  it.each([
    ['', [other('cs_1')]],
    [', for its pages are empty', []],
  ])('changes nothing when the look-up never ends%s, and says so', async (_name, data) => {
    const failure = create((call) => (call.method === 'POST' ? apiError : list(data, true)));
    await expect(failure).rejects.toEqual(callError(null));
    await expect(failure).rejects.toThrow('more sessions than 1000 to look through');
    expect(server?.calls).toHaveLength(11);
  });

  it('refuses a found session of another amount', async () => {
    const found = { ...session, amount_total: 1 };
    await expect(create(createThenList(apiError, list([found])))).rejects.toEqual(callError(null));
  });

  it.each(['complete', 'expired'])('is over when the session that is found is %s', async (status) => {
    const found = { ...session, status, url: null };
    expect(await create(createThenList(apiError, list([found])))).toEqual({ outcome: 'over' });
  });
});

describe('an amount that Stripe does not take', () => {
  const config = parseStripeDocument(document);

  it.each([
    ['amount_too_small', { zh: '低于支付渠道允许的最低金额', en: 'is less than the provider takes' }],
    ['amount_too_large', { zh: '高于支付渠道允许的最高金额', en: 'is more than the provider takes' }],
  ])('is told as a fault of the field: %s', async (code, problem) => {
    const body = { error: { type: 'invalid_request_error', code, message: 'secret detail' } };
    const fetch: Io['fetch'] = async () => Response.json(body, { status: 400 });
    await expect(
      createStripeGateway(config, { fetch, now: Date.now }).createPayment(request),
    ).rejects.toMatchObject({
      name: 'ProviderCallError',
      code,
      refusal: { field: 'amount', word: code, problem },
    });
  });
});

describe('when no answer comes', () => {
  const config = parseStripeDocument(document);

  it('gives up after 5.5 s, keeps the attempt and looks nothing up', async () => {
    vi.useFakeTimers();
    const fetch = vi.fn<Io['fetch']>(
      (_url, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
        }),
    );
    const failure = expect(
      createStripeGateway(config, { fetch, now: Date.now }).createPayment(request),
    ).rejects.toEqual(callError(null));
    await vi.advanceTimersByTimeAsync(5_499);
    expect(fetch.mock.lastCall?.[1]?.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await failure;
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('gives up when the connection fails', async () => {
    const fetch = vi.fn<Io['fetch']>(() => Promise.reject(new TypeError('fetch failed')));
    await expect(
      createStripeGateway(config, { fetch, now: Date.now }).createPayment(request),
    ).rejects.toEqual(callError(null));
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(fetch.mock.lastCall?.[0]).toBe('https://api.stripe.com/v1/checkout/sessions');
  });

  it('spends no longer on the whole look-up', async () => {
    vi.useFakeTimers();
    const fetch: Io['fetch'] = async (_url, init) => {
      if (init?.method === 'POST') return Response.json(apiError.body, { status: 500 });
      await vi.advanceTimersByTimeAsync(3_000);
      if (init?.signal?.aborted) throw init.signal.reason;
      return Response.json({ object: 'list', data: [other('cs_1')], has_more: true });
    };
    const start = Date.now();
    await expect(
      createStripeGateway(config, { fetch, now: Date.now }).createPayment(request),
    ).rejects.toEqual(callError(500));
    expect(Date.now() - start).toBe(6_000);
  });
});
