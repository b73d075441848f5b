import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

/** Stripe's own client, turned towards the simulator. */
function client(secretKey = bench.counterparts.stripe.secret_key): Stripe {
  const turned: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(String(input));
    return fetch(`${bench.counterparts.stripe.base_url}${pathname}${search}`, init);
  };
  return new Stripe(secretKey, { httpClient: Stripe.createFetchHttpClient(turned), maxNetworkRetries: 0 });
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const parameters = (order_no: string): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  client_reference_id: order_no,
  metadata: { order_no },
  payment_intent_data: { metadata: { order_no } },
  line_items: [
    { quantity: 1, price_data: { currency: 'usd', unit_amount: 1999, product_data: { name: '鞋' } } },
  ],
  success_url: 'https://shop.example/paid',
  cancel_url: 'https://shop.example/cart',
  expires_at: inSeconds(7_200),
});

const create = (order_no: string, changes: object = {}, options: Stripe.RequestOptions = {}) =>
  client().checkout.sessions.create({ ...parameters(order_no), ...changes }, options);

/** The last event, if its signature verifies. */
function lastEvent(): Stripe.Event {
  const { body = '', headers = {} } = bench.received.at(-1) ?? {};
  const [secret = ''] = bench.counterparts.stripe.webhook_secrets;
  return client().webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
}

it('is an account of its own', async () => {
  expect(await client().accounts.retrieveCurrent()).toMatchObject({ id: bench.counterparts.stripe.account });
});

describe('Checkout Sessions', () => {
  it('are created as asked and have a page', async () => {
    const order_no = uniqueOrderNumber();
    const session = await create(order_no);
    expect(session).toMatchObject({
      amount_total: 1999,
      currency: 'usd',
      client_reference_id: order_no,
      metadata: { order_no },
      status: 'open',
      payment_status: 'unpaid',
      livemode: false,
      url: `${bench.url}/stripe/pay/${session.id}`,
    });
    const page = await fetch(session.url ?? '');
    expect(await page.text()).toContain(order_no);
  });

  it.each([
    ['success_url', { success_url: undefined }],
    ['cancel_url', { cancel_url: 'javascript:alert(1)' }],
    ['expires_at', { expires_at: inSeconds(60) }],
    ['expires_at', { expires_at: inSeconds(90_000) }],
    [
      'line_items[0][price_data][unit_amount]',
      {
        line_items: [
          { quantity: 1, price_data: { currency: 'usd', unit_amount: -1, product_data: { name: 'x' } } },
        ],
      },
    ],
  ])('are refused with a wrong %s', async (param, changes) => {
    await expect(create(uniqueOrderNumber(), changes)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      param,
    });
  });

  it('are refused to another key', async () => {
    const call = client('sk_test_other').checkout.sessions.create(parameters(uniqueOrderNumber()));
    await expect(call).rejects.toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 });
  });

  it('are replayed under the same idempotency key, which takes no other parameters', async () => {
    const order_no = uniqueOrderNumber();
    const changes = { expires_at: inSeconds(7_000) };
    const first = await create(order_no, changes, { idempotencyKey: order_no });
    const again = await create(order_no, changes, { idempotencyKey: order_no });
    expect(again.id).toBe(first.id);
    const other = create(order_no, { expires_at: inSeconds(7_100) }, { idempotencyKey: order_no });
    await expect(other).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
  });

  it('are listed newest first, in pages, and by when they were created', async () => {
    const ids = [];
    for (const order_no of [uniqueOrderNumber(), uniqueOrderNumber(), uniqueOrderNumber()]) {
      ids.unshift((await create(order_no)).id);
    }
    const { sessions } = client().checkout;
    const page = await sessions.list({ limit: 2, created: { gte: inSeconds(-60) } });
    expect(page).toMatchObject({ has_more: true, data: [{ id: ids[0] }, { id: ids[1] }] });
    const next = await sessions.list({ limit: 1, starting_after: ids[1] ?? '' });
    expect(next.data[0]?.id).toBe(ids[2]);
    expect((await sessions.list({ created: { gt: inSeconds(60) } })).data).toEqual([]);
  });

  it('are retrieved, and expired while they are open', async () => {
    const { id } = await create(uniqueOrderNumber());
    const { sessions } = client().checkout;
    expect((await sessions.expire(id)).status).toBe('expired');
    expect(await sessions.retrieve(id)).toMatchObject({ status: 'expired', url: null });
    await expect(sessions.expire(id)).rejects.toMatchObject({ statusCode: 400 });
    await expect(sessions.retrieve('cs_test_none')).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('events', () => {
  it.each([
    ['pay', 'checkout.session.completed', { status: 'complete', payment_status: 'paid' }],
    ['fail', 'checkout.session.async_payment_failed', { status: 'complete', payment_status: 'unpaid' }],
    ['close', 'checkout.session.expired', { status: 'expired', payment_status: 'unpaid' }],
  ])('after %s verify with the stripe package: %s', async (action, type, state) => {
    const order_no = uniqueOrderNumber();
    const { id } = await create(order_no);
    const { payment } = await bench.act(`stripe/${order_no}/${action}`);
    expect(bench.received.at(-1)?.path).toBe('/api/pay/callback/stripe');
    expect(lastEvent()).toMatchObject({
      type,
      livemode: false,
      api_version: Stripe.API_VERSION,
      data: {
        object: { id, client_reference_id: order_no, payment_intent: payment.transaction_id, ...state },
      },
    });
  });

  it('that are forged do not verify', async () => {
    const order_no = uniqueOrderNumber();
    await create(order_no);
    await bench.act(`stripe/${order_no}/pay`, { forge: 'signature' });
    expect(bench.received.at(-1)?.body).toContain(order_no);
    expect(() => lastEvent()).toThrow(Stripe.errors.StripeSignatureVerificationError);
  });
});
