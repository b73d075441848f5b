import type Stripe from 'stripe';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseStripeDocument } from '../../../../lib/config/stripe.ts';
import { type Io, systemIo } from '../../../../lib/io.ts';
import { createStripeGateway } from '../../../../lib/providers/stripe/gateway.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  startLoopbackServer,
} from '../../../support/loopback-server.ts';
import { createStripeParty } from '../../../support/stripe.ts';

const { document } = createStripeParty();
const NOW = Date.parse('2024-05-13T09:55:00.000Z');
const payment_no = 'p01HXTESTQ000000000007ABCDE';
const payment = {
  payment_no,
  amount: 1999,
  currency: 'USD',
  appid: null,
  begun_at: '2024-05-13T09:49:22.500Z',
  expires_at: '2024-05-13T11:49:22.500Z',
  description: '租户 7 订单',
  attempt: 1,
  return_url: null,
  handed_out: null,
};
/** The same, its session's id kept. */
const handedOut = {
  ...payment,
  handed_out: { page: null, id: 'cs_test_a1', good_until: payment.expires_at },
};
const session = {
  id: 'cs_test_a1',
  object: 'checkout.session',
  mode: 'payment',
  client_reference_id: payment_no,
  metadata: { order_no: payment_no },
  livemode: false,
  status: 'complete',
  payment_status: 'paid',
  payment_intent: 'pi_1',
  amount_total: 1999,
  currency: 'usd',
} satisfies Partial<Stripe.Checkout.Session>;
const event = {
  type: 'succeeded',
  payment_no,
  provider: 'stripe',
  merchant: 'acct_1SettleParty.test',
  amount: 1999,
  currency: 'USD',
  transaction_id: 'pi_1',
};
const list = (
  data: readonly object[],
  has_more = false,
  headers: Record<string, string> = {},
): ServerAnswer => ({
  headers,
  body: { object: 'list', data, has_more },
});
const failure = (status: number, error: object = {}, headers: Record<string, string> = {}): ServerAnswer => ({
  status,
  headers,
  body: { error: { type: status < 500 ? 'invalid_request_error' : 'api_error', message: '秘密', ...error } },
});
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

/** A gateway whose Stripe gives each call, named by method and path, its answers in turn, the last one for ever. */
async function startGateway(answers: Readonly<Record<string, readonly ServerAnswer[]>>, now = NOW) {
  const rest = new Map(Object.entries(answers).map(([call, list]) => [call, [...list]]));
  server = await startLoopbackServer(({ method, path }) => {
    const turn = rest.get(`${method} ${path}`) ?? [];
    return (turn.length > 1 ? turn.shift() : turn[0]) ?? failure(404, { code: 'resource_missing' });
  });
  const config = parseStripeDocument({ ...document, base_url: server.baseUrl });
  return createStripeGateway(config, { fetch: systemIo.fetch, now: () => now });
}

const SESSIONS = 'GET /v1/checkout/sessions';
const SESSION = 'GET /v1/checkout/sessions/cs_test_a1';
const EXPIRE = 'POST /v1/checkout/sessions/cs_test_a1/expire';
const asked = () => server?.calls.map(({ method, path }) => `${method} ${path}`);

/** A payment intent, expanded with its charge. */
const intent = (changes: object = {}, charge: object | null = null) => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  latest_charge: charge && { id: 'ch_1', object: 'charge', amount: 1999, ...charge },
  ...changes,
});

describe('query', () => {
  const query = async (body: object) => (await startGateway({ [SESSION]: [{ body }] })).query(handedOut);

  it.each([
    ['paid', {}, event],
    [
      'free',
      { payment_status: 'no_payment_required', payment_intent: null },
      { ...event, transaction_id: null },
    ],
    [
      'expired',
      { status: 'expired', payment_status: 'unpaid', payment_intent: null },
      { ...event, type: 'closed', transaction_id: null },
    ],
    [
      'of the other side of the account',
      { livemode: true },
      { ...event, merchant: 'acct_1SettleParty.live' },
    ],
    [
      'of another amount, for the payment to be compared with',
      { amount_total: 2000 },
      { ...event, amount: 2000 },
    ],
    ['of another currency', { currency: 'eur' }, { ...event, currency: 'EUR' }],
    [
      'returned in part',
      { payment_intent: intent({}, { amount_refunded: 500 }) },
      { ...event, returned: 500 },
    ],
    ['returned', { payment_intent: intent({}, { amount_refunded: 1999 }) }, { ...event, returned: 1999 }],
    ['disputed', { payment_intent: intent({}, { amount_refunded: 0, disputed: true }) }, event],
    ['paid, its charge not there', { payment_intent: intent() }, event],
  ])('says of a session that it is %s, in one request', async (_name, changes, expected) => {
    expect(await query({ ...session, ...changes })).toEqual({ state: 'decided', event: expected });
    expect(asked()).toEqual([SESSION]);
    expect(server?.calls[0]?.query.get('expand[0]')).toBe('payment_intent.latest_charge');
  });

  it('says that a session is open', async () => {
    const open = { ...session, status: 'open', payment_status: 'unpaid', payment_intent: null };
    expect(await query(open)).toEqual({ state: 'open' });
  });

  it.each([
    ['processing', { state: 'open' }],
    ['requires_action', { state: 'open' }],
    ['requires_payment_method', { state: 'decided', event: { ...event, type: 'failed' } }],
    ['canceled', { state: 'decided', event: { ...event, type: 'failed' } }],
  ])('knows by the payment intent what became of a late payment: %s', async (status, expected) => {
    // What is returned of a payment that failed was never taken.
    const payment_intent = intent({ status }, { amount_refunded: 1999 });
    const late = { ...session, payment_status: 'unpaid', payment_intent };
    expect(await query(late)).toEqual(expected);
    expect(asked()).toEqual([SESSION]);
  });

  it.each([
    ['not there', 404, failure(404, { code: 'resource_missing' })],
    ["another payment's", 'client_reference_id', { body: { ...session, client_reference_id: 'p-other' } }],
    ['another one', 'id', { body: { ...session, id: 'cs_2' } }],
  ])('decides nothing when the session whose id was kept is %s', async (_name, fault, answer) => {
    const gateway = await startGateway({ [SESSION]: [answer], [SESSIONS]: [list([])] });
    const error = typeof fault === 'string' ? unusable(fault) : callError(fault);
    await expect(gateway.query(handedOut)).rejects.toEqual(error);
    await expect(gateway.close(handedOut)).rejects.toEqual(error);
    expect(asked()).toEqual([SESSION, SESSION]);
  });

  it.each([
    ['in an unknown state', 'status', { status: 'finished' }],
    ['paid in an unknown way', 'data.object.payment_status', { payment_status: 'maybe' }],
    ['unpaid, its intent unknown', 'payment_intent', { payment_status: 'unpaid' }],
    ['without an amount', 'data.object.amount_total', { amount_total: null }],
    ['without a currency', 'data.object.currency', { currency: 'us dollars' }],
    ['without a side', 'livemode', { livemode: 'false' }],
    [
      'without what was returned',
      'latest_charge.amount_refunded',
      { payment_intent: intent({}, { amount_refunded: '5' }) },
    ],
  ])('decides nothing on a session %s, and names the field', async (_name, field, changes) => {
    await expect(query({ ...session, ...changes })).rejects.toEqual(unusable(field));
  });

  it.each([
    ['500', 500, failure(500)],
    ["a proxy's page", 502, { status: 502, body: '<html>' }],
    ['a wrong key', 401, failure(401)],
    ['too many requests', 429, failure(429)],
    ['a redirect', null, { status: 302, headers: { location: '/elsewhere' }, body: '' }],
    ['null', null, { body: 'null' }],
    ['nothing', null, { body: '' }],
  ])('decides nothing on an answer that is no use: %s', async (_name, status, answer) => {
    const gateway = await startGateway({ [SESSION]: [answer as ServerAnswer] });
    const result = gateway.query(handedOut);
    await expect(result).rejects.toEqual(callError(status));
    await expect(result).rejects.not.toThrow(/秘密|sk_test/);
  });
});

describe('a payment whose session id was not kept', () => {
  const open = { ...session, status: 'open', payment_status: 'unpaid', payment_intent: null };
  const CREATE = 'POST /v1/checkout/sessions';
  const replayed = { body: open, headers: { 'Idempotent-Replayed': 'true' } };
  const none = { [CREATE]: [failure(400, { param: 'expires_at' })], [SESSIONS]: [list([session])] };
  /** The key has been forgotten by then. */
  const aDayLater = Date.parse(payment.begun_at) + 24 * 3_600_000 - 5 * 60_000;

  it('is found by the same creation again, under its key', async () => {
    const gateway = await startGateway({ [CREATE]: [replayed], [SESSION]: [{ body: session }] });
    expect(await gateway.query({ ...payment, attempt: 3 })).toEqual({ state: 'decided', event });
    expect(new Set(asked())).toEqual(new Set([CREATE, SESSION]));
    expect(server?.calls[0]?.headers['idempotency-key']).toBe(`${payment_no}:3`);
    expect(server?.calls[0]?.form.get('line_items[0][price_data][product_data][name]')).toBe('租户 7 订单');
  });

  it('that is made only now is closed for good', async () => {
    const answers = {
      [CREATE]: [{ body: open }],
      [SESSION]: [{ body: open }],
      [EXPIRE]: [{ body: { ...open, status: 'expired' } }],
    };
    expect(await (await startGateway(answers)).close(payment)).toBe('closed');
    expect(asked()).toEqual([CREATE, SESSION, EXPIRE]);
  });

  it('has none when Stripe refuses to make one, and never takes that for closed', async () => {
    const gateway = await startGateway(none);
    expect(await gateway.query(payment)).toEqual({ state: 'absent' });
    expect(await gateway.close(payment)).toBe('absent');
    expect(asked()).toEqual([CREATE, CREATE]);
  });

  it.each([
    ['the key is being used', 409, failure(409, { type: 'idempotency_error' })],
    ['Stripe fails and its sessions cannot be looked through', 500, failure(500)],
    ["there is a proxy's page", 400, { status: 400, body: '<html>' }],
    ['the key is wrong', 401, failure(401)],
    ['there are too many requests', 429, failure(429)],
  ])('is not decided while %s', async (_name, status, answer) => {
    for (const verb of ['query', 'close'] as const) {
      const gateway = await startGateway({ [CREATE]: [answer], [SESSIONS]: [failure(503)] });
      await expect(gateway[verb](payment)).rejects.toEqual(callError(status));
      await server?.close();
    }
  });

  it.each([
    ['what would be asked for has changed since', NOW, failure(400, { type: 'idempotency_error' })],
    ['Stripe failed when it was made', NOW, failure(500, {}, { 'Idempotent-Replayed': 'true' })],
    ['the key is forgotten', aDayLater, failure(400, { param: 'expires_at' })],
  ])('is looked for among the sessions of its time when %s', async (_name, now, answer) => {
    const strangers = [
      { ...session, client_reference_id: 'p-other' },
      // Of Payment Links that were given our reference, of a subscription, and of another order of ours.
      { ...session, metadata: {} },
      { ...session, metadata: null },
      { ...session, mode: 'subscription' },
      { ...session, metadata: { order_no: 'mall-1' } },
      { ...session, metadata: 'odd' },
    ];
    const answers = { [CREATE]: [answer], [SESSION]: [{ body: session }] };
    const found = await startGateway({ ...answers, [SESSIONS]: [list(strangers), list([session])] }, now);
    expect(await found.query(payment)).toEqual({ state: 'decided', event });
    expect(asked()?.includes(CREATE)).toBe(now === NOW);
    await server?.close();
    const absent = await startGateway({ ...answers, [SESSIONS]: [list(strangers)] }, now);
    expect(await absent.query(payment)).toEqual({ state: 'absent' });
  });

  it.each([
    ['too many', null, list([{ ...session, client_reference_id: 'p-other' }], true)],
    ['no list', null, { body: { object: 'list' } }],
  ])('is never taken for absent when there are %s, and says so each time', async (_name, status, page) => {
    const gateway = await startGateway({ [SESSIONS]: [page] }, aDayLater);
    for (const verb of ['query', 'close', 'query'] as const) {
      await expect(gateway[verb](payment)).rejects.toEqual(callError(status));
    }
  });

  it('names the reason when there are too many', async () => {
    const page = list([{ ...session, client_reference_id: 'p-other' }], true);
    await expect((await startGateway({ [SESSIONS]: [page] }, aDayLater)).query(payment)).rejects.toThrow(
      'more sessions than 1000 to look through',
    );
  });
});

describe('close', () => {
  const open = { ...session, status: 'open', payment_status: 'unpaid', payment_intent: null };
  const expired = { ...open, status: 'expired' };

  it('expires the session whose id was kept, and looks for none', async () => {
    const gateway = await startGateway({ [SESSION]: [{ body: open }], [EXPIRE]: [{ body: expired }] });
    expect(await gateway.close(handedOut)).toBe('closed');
    expect(asked()).toEqual([SESSION, EXPIRE]);
  });

  it('never asks twice under one key, for then it would hear of a failure for a day', async () => {
    const gateway = await startGateway({ [SESSION]: [{ body: open }], [EXPIRE]: [failure(500)] });
    await expect(gateway.close(handedOut)).rejects.toEqual(callError(500));
    await expect(gateway.close(handedOut)).rejects.toEqual(callError(500));
    const [, first, , second] = server?.calls.map(({ headers }) => headers['idempotency-key']) ?? [];
    expect(first).not.toBe(second);
  });

  it.each([
    ['expired', expired, 'closed'],
    ['paid', session, 'not_closed'],
  ])('looks again at a session that was %s meanwhile', async (_name, current, expected) => {
    const answers = { [SESSION]: [{ body: open }, { body: current }], [EXPIRE]: [failure(400)] };
    expect(await (await startGateway(answers)).close(handedOut)).toBe(expected);
    expect(asked()).toEqual([SESSION, EXPIRE, SESSION]);
    expect(server?.calls[2]?.query.get('expand[0]')).toBe('payment_intent');
  });

  it.each([
    ['expired', expired, 'closed'],
    ['paid', session, 'not_closed'],
  ])('leaves a session alone that is %s', async (_name, current, expected) => {
    expect(await (await startGateway({ [SESSION]: [{ body: current }] })).close(handedOut)).toBe(expected);
    expect(asked()).toEqual([SESSION]);
  });

  it.each([
    ['requires_payment_method', 'closed'],
    ['processing', 'not_closed'],
  ])('knows a late payment by its intent: %s', async (status, expected) => {
    const late = { ...session, payment_status: 'unpaid', payment_intent: intent({ status }) };
    expect(await (await startGateway({ [SESSION]: [{ body: late }] })).close(handedOut)).toBe(expected);
  });

  it.each([
    ['500', callError(500), failure(500)],
    ['another session', unusable('id'), { body: { ...expired, id: 'cs_2' } }],
    ['an unknown state', unusable('status'), { body: { ...expired, status: 'gone' } }],
  ])('does not take %s for closed', async (_name, error, answer) => {
    const gateway = await startGateway({ [SESSION]: [{ body: open }], [EXPIRE]: [answer] });
    await expect(gateway.close(handedOut)).rejects.toEqual(error);
  });

  it('does not take one that stays open for closed', async () => {
    const gateway = await startGateway({ [SESSION]: [{ body: open }], [EXPIRE]: [{ body: open }] });
    expect(await gateway.close(handedOut)).toBe('not_closed');
  });
});

describe('refund', () => {
  const REFUNDS = 'GET /v1/refunds';
  const CREATE = 'POST /v1/refunds';
  const request = {
    payment_no,
    refund_no: `${payment_no}-r1`,
    transaction_id: 'pi_1',
    paid_amount: 1999,
    amount: 500,
    currency: 'USD',
    reason: '不要了',
  };
  const refund = {
    id: 're_1',
    object: 'refund',
    amount: 500,
    currency: 'usd',
    payment_intent: 'pi_1',
    metadata: { order_no: payment_no, refund_no: request.refund_no },
    status: 'succeeded',
  } satisfies Partial<Stripe.Refund>;
  const succeeded = { state: 'succeeded', refund_id: 're_1' };
  const none = list([]);
  const replayed = (status: number, error: object = {}) =>
    failure(status, error, { 'Idempotent-Replayed': 'true' });
  const keys = () =>
    server?.calls.filter(({ method }) => method === 'POST').map(({ headers }) => headers['idempotency-key']);

  it('returns part of a payment, under a key of its own', async () => {
    const answers = {
      [REFUNDS]: [list([], false, { 'request-id': 'req_1' })],
      [CREATE]: [{ body: refund }],
    };
    const gateway = await startGateway(answers);
    expect(await gateway.refund(request)).toEqual(succeeded);
    expect(asked()).toEqual([REFUNDS, CREATE]);
    expect(server?.calls[1]?.headers).not.toHaveProperty('x-stripe-client-telemetry');
    expect(Object.fromEntries(server?.calls[0]?.query ?? [])).toEqual({
      payment_intent: 'pi_1',
      limit: '100',
    });
    expect(Object.fromEntries(server?.calls[1]?.form ?? [])).toEqual({
      payment_intent: 'pi_1',
      amount: '500',
      'metadata[order_no]': payment_no,
      'metadata[refund_no]': request.refund_no,
    });
    expect(keys()).toEqual([request.refund_no]);
  });

  it('makes none when there is one already, however long ago', async () => {
    const other = (n: number) => ({
      ...refund,
      id: `re_${n}`,
      metadata: { order_no: payment_no, refund_no: `${payment_no}-r${n}` },
    });
    const gateway = await startGateway({
      [REFUNDS]: [list([other(4), other(3), other(2)], true), list([refund])],
      [CREATE]: [failure(500)],
    });
    expect(await gateway.refund(request)).toEqual(succeeded);
    expect(asked()).toEqual([REFUNDS, REFUNDS]);
    expect(server?.calls[1]?.query.get('starting_after')).toBe('re_2');
  });

  it.each([
    ['full', [{ ...refund, metadata: {} }]],
    ['empty', []],
  ])(
    'is neither made nor taken for absent when its payment has too many, on pages that are %s',
    async (_name, data) => {
      const gateway = await startGateway({ [REFUNDS]: [list(data, true)], [CREATE]: [{ body: refund }] });
      for (const verb of ['refund', 'queryRefund'] as const) {
        await expect(gateway[verb](request)).rejects.toEqual(callError(null));
      }
      expect(asked()).toEqual(Array(20).fill(REFUNDS));
    },
  );

  it.each([
    ['succeeded', succeeded],
    ['pending', { state: 'open' }],
    ['requires_action', { state: 'open' }],
    ['failed', { state: 'failed', refund_id: 're_1' }],
    ['canceled', { state: 'failed', refund_id: 're_1' }],
  ])('that is %s', async (status, expected) => {
    const made = await startGateway({ [REFUNDS]: [none], [CREATE]: [{ body: { ...refund, status } }] });
    expect(await made.refund(request)).toEqual(expected);
    await server?.close();
    const found = await startGateway({ [REFUNDS]: [list([{ ...refund, status }])] });
    expect(await found.queryRefund(request)).toEqual(expected);
  });

  it('is absent when there is none under its number', async () => {
    const other = { ...refund, metadata: { order_no: payment_no, refund_no: `${payment_no}-r2` } };
    const gateway = await startGateway({ [REFUNDS]: [list([other, { ...refund, metadata: null }])] });
    expect(await gateway.queryRefund(request)).toEqual({ state: 'absent' });
  });

  it.each([
    ['another payment', { payment_intent: 'pi_2' }],
    ['a payment of another number', { metadata: { ...refund.metadata, order_no: 'mall-1' } }],
    ['another amount', { amount: 501 }],
    ['another currency', { currency: 'eur' }],
    ['an unknown state', { status: 'maybe' }],
    ['no state', { status: null }],
  ])('is not known by an answer of %s', async (_name, changes) => {
    const made = await startGateway({ [REFUNDS]: [none], [CREATE]: [{ body: { ...refund, ...changes } }] });
    await expect(made.refund(request)).rejects.toEqual(callError(200));
    await server?.close();
    const found = await startGateway({ [REFUNDS]: [list([{ ...refund, ...changes }])] });
    await expect(found.queryRefund(request)).rejects.toEqual(callError(200));
  });

  it.each([null, { order_no: payment_no }, { order_no: payment_no, refund_no: `${payment_no}-r2` }])(
    'is not known by an answer to its creation of another number: %j',
    async (metadata) => {
      const gateway = await startGateway({
        [REFUNDS]: [none],
        [CREATE]: [{ body: { ...refund, metadata } }],
      });
      await expect(gateway.refund(request)).rejects.toEqual(callError(200));
    },
  );

  it('names the field by which its state is not known', async () => {
    const gateway = await startGateway({ [REFUNDS]: [list([{ ...refund, status: 'maybe' }])] });
    await expect(gateway.queryRefund(request)).rejects.toEqual(unusable('status'));
  });

  it('needs the payment intent', async () => {
    const gateway = await startGateway({});
    await expect(gateway.refund({ ...request, transaction_id: null })).rejects.toEqual(callError(null));
    await expect(gateway.queryRefund({ ...request, transaction_id: null })).rejects.toEqual(callError(null));
    expect(asked()).toEqual([]);
  });

  describe('after a 5xx', () => {
    it('is found when it was made after all', async () => {
      const gateway = await startGateway({ [REFUNDS]: [none, list([refund])], [CREATE]: [failure(500)] });
      expect(await gateway.refund(request)).toEqual(succeeded);
      expect(asked()).toEqual([REFUNDS, CREATE, REFUNDS]);
    });

    it('is not tried under another key while it may still appear', async () => {
      const gateway = await startGateway({ [REFUNDS]: [none], [CREATE]: [failure(500)] });
      await expect(gateway.refund(request)).rejects.toEqual(callError(500));
      expect(keys()).toEqual([request.refund_no]);
    });

    it('is tried under the next key once Stripe only repeats itself', async () => {
      const gateway = await startGateway({
        [REFUNDS]: [none],
        [CREATE]: [replayed(500), replayed(502), { body: refund }],
      });
      expect(await gateway.refund(request)).toEqual(succeeded);
      expect(keys()).toEqual(['', ':2', ':3'].map((end) => `${request.refund_no}${end}`));
    });

    it('is given up for now when it never ends', async () => {
      const gateway = await startGateway({ [REFUNDS]: [none], [CREATE]: [replayed(500)] });
      await expect(gateway.refund(request)).rejects.toEqual(callError(500));
      expect(keys()).toHaveLength(5);
    });

    it('is not made when the look-up before it fails', async () => {
      const gateway = await startGateway({ [REFUNDS]: [failure(500)], [CREATE]: [{ body: refund }] });
      await expect(gateway.refund(request)).rejects.toEqual(callError(500));
      expect(keys()).toEqual([]);
    });
  });

  it.each([
    ['all was returned', { code: 'charge_already_refunded' }],
    ['the bank took it back', { code: 'charge_disputed' }],
    ['the bank may take it back', { code: 'refund_disputed_payment' }],
    ['nothing goes back the way that it was paid', { code: 'charge_not_refundable' }],
    ['less is left', { param: 'amount' }],
  ])('fails for good when %s, unless by itself', async (_name, error) => {
    for (const refusal of [failure(400, error), replayed(400, error)]) {
      const failed = await startGateway({ [REFUNDS]: [none], [CREATE]: [refusal] });
      expect(await failed.refund(request)).toEqual({ state: 'failed', refund_id: null });
      expect(keys()).toHaveLength(1);
      await server?.close();
      const echo = await startGateway({ [REFUNDS]: [none, list([refund])], [CREATE]: [refusal] });
      expect(await echo.refund(request)).toEqual(succeeded);
      await server?.close();
    }
    const unclear = await startGateway({ [REFUNDS]: [none, failure(500)], [CREATE]: [failure(400, error)] });
    await expect(unclear.refund(request)).rejects.toEqual(callError(400));
  });

  it.each([
    ['the balance is too low', 400, { code: 'balance_insufficient' }],
    ['the payment is not there', 404, { code: 'resource_missing', param: 'payment_intent' }],
    ['the key was used for another amount', 400, { type: 'idempotency_error', param: 'amount' }],
    ['the key is in use', 409, { type: 'idempotency_error', code: 'idempotency_key_in_use' }],
    ['there are too many requests', 429, { code: 'rate_limit' }],
  ])('decides nothing while %s', async (_name, status, error) => {
    const gateway = await startGateway({ [REFUNDS]: [none], [CREATE]: [failure(status, error)] });
    await expect(gateway.refund(request)).rejects.toEqual(callError(status));
    expect(keys()).toHaveLength(1);
  });

  it('lets one that was refused for a while be asked for again', async () => {
    const refusal = replayed(400, { code: 'balance_insufficient' });
    const gateway = await startGateway({ [REFUNDS]: [none], [CREATE]: [refusal, { body: refund }] });
    expect(await gateway.refund(request)).toEqual(succeeded);
  });

  it('spends no more than 11 s on it, look-up included', async () => {
    vi.useFakeTimers();
    const fetch: Io['fetch'] = async (_url, init) => {
      if (init?.method === 'POST') return new Promise((_, reject) => onAbort(init, reject));
      await vi.advanceTimersByTimeAsync(6_000);
      return Response.json({ object: 'list', data: [], has_more: false });
    };
    const start = Date.now();
    const gateway = createStripeGateway(parseStripeDocument(document), { fetch, now: Date.now });
    const end = gateway.refund(request).then(
      () => expect.unreachable(),
      (error: unknown) => ({ error, after: Date.now() - start }),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await end).toEqual({ error: callError(null), after: 11_000 });
    expect(String((await end).error)).toContain('StripeConnectionError');
  });
});

const onAbort = ({ signal }: RequestInit, reject: (reason: unknown) => void) =>
  signal?.addEventListener('abort', () => reject(signal.reason));

describe('an error', () => {
  it("carries Stripe's code and the request's number, and nothing else of the answer", async () => {
    const gateway = await startGateway({
      [SESSION]: [failure(400, { code: 'parameter_invalid_empty' }, { 'request-id': 'req_1' })],
    });
    const result = gateway.query(handedOut);
    await expect(result).rejects.toMatchObject({ code: 'parameter_invalid_empty' });
    await expect(result).rejects.toThrow(/^StripeInvalidRequestError parameter_invalid_empty req_1$/);
  });

  it.each([
    [
      'a code and a number of another form',
      failure(400, { code: 'a b' }, { 'request-id': 'req 1' }),
      'StripeInvalidRequestError',
    ],
    ["a proxy's page", { status: 502, body: '<html>' }, 'StripeAPIError'],
    ['null', { body: 'null' }, 'the answer could not be read'],
  ])('says nothing of what is not Stripe’s: %s', async (_name, answer, message) => {
    const gateway = await startGateway({ [SESSION]: [answer] });
    await expect(gateway.query(handedOut)).rejects.toThrow(new RegExp(`^${message}$`));
  });
});
