import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.received.length = 0;
  await setAutomatic(false);
});

const setAutomatic = (automatic: boolean) => bench.control('/refunds/stripe', { automatic });

/** Stripe's own client, turned towards the simulator. */
function client(): Stripe {
  const { base_url, secret_key } = bench.counterparts.stripe;
  const turned: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(String(input));
    return fetch(`${base_url}${pathname}${search}`, init);
  };
  return new Stripe(secret_key, { httpClient: Stripe.createFetchHttpClient(turned), maxNetworkRetries: 0 });
}

/** A session of 19.99 dollars that came to this state. */
async function payment(action: 'pay' | 'fail' = 'pay') {
  const order_no = uniqueOrderNumber();
  const session = await client().checkout.sessions.create({
    mode: 'payment',
    client_reference_id: order_no,
    payment_intent_data: { metadata: { order_no } },
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: 1999, product_data: { name: '鞋' } } },
    ],
    success_url: 'https://shop.example/paid',
  });
  const { payment } = await bench.act(`stripe/${order_no}/${action}`, { deliver: false });
  return { order_no, session: session.id, payment_intent: payment.transaction_id ?? '' };
}

type Paid = Awaited<ReturnType<typeof payment>>;

const refund = ({ order_no, payment_intent }: Paid, amount?: number, n = 1) =>
  client().refunds.create({
    payment_intent,
    ...(amount !== undefined && { amount }),
    metadata: { order_no, refund_no: `${order_no}-r${n}` },
  });

/** The events that came, if their signatures verify. */
const events = (): Stripe.Event[] =>
  bench.received.map(({ body, headers }) => {
    const [secret = ''] = bench.counterparts.stripe.webhook_secrets;
    return client().webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret);
  });

describe('a refund', () => {
  it('is pending, succeeds by itself, and events tell of each', async () => {
    await setAutomatic(true);
    const paid = await payment();
    const made = await refund(paid, 500);
    expect(made).toMatchObject({
      object: 'refund',
      status: 'pending',
      amount: 500,
      currency: 'usd',
      payment_intent: paid.payment_intent,
      metadata: { order_no: paid.order_no, refund_no: `${paid.order_no}-r1` },
    });
    await expect.poll(() => bench.received.length).toBe(3);
    expect(events()).toMatchObject([
      { type: 'refund.created', data: { object: { id: made.id, status: 'pending' } } },
      {
        type: 'charge.refunded',
        data: {
          object: {
            object: 'charge',
            amount_refunded: 500,
            refunded: false,
            payment_intent: paid.payment_intent,
            metadata: { order_no: paid.order_no },
          },
        },
      },
      { type: 'refund.updated', data: { object: { id: made.id, status: 'succeeded' } } },
    ]);
    expect((await client().refunds.retrieve(made.id)).status).toBe('succeeded');
  });

  it('fails when it is told to, even after it succeeded', async () => {
    const paid = await payment();
    const { id } = await refund(paid);
    await expect.poll(() => bench.received.length).toBe(2);
    await bench.control(`/refunds/stripe/${paid.order_no}-r1/succeed`, {});
    await bench.control(`/refunds/stripe/${paid.order_no}-r1/fail`, {});
    expect(events().slice(2)).toMatchObject([
      { type: 'refund.updated', data: { object: { id, status: 'succeeded' } } },
      { type: 'refund.updated', data: { object: { id, status: 'failed' } } },
      { type: 'refund.failed', data: { object: { id, status: 'failed' } } },
    ]);
    expect((await bench.control(`/refunds/stripe/${paid.order_no}-r1/succeed`, {})).status).toBe(409);
    expect((await refund(paid, 1999, 2)).amount).toBe(1999);
  });

  it('of more than is left is refused', async () => {
    const paid = await payment();
    await refund(paid, 1000);
    await expect(refund(paid, 1000, 2)).rejects.toMatchObject({ statusCode: 400, param: 'amount' });
    expect((await refund(paid, undefined, 3)).amount).toBe(999);
    await expect(refund(paid, 1, 4)).rejects.toMatchObject({ code: 'charge_already_refunded' });
  });

  it('is refused of what the payer’s bank disputes, until it has lost', async () => {
    const paid = await payment();
    const act = (action: string) =>
      bench.control(`/disputes/stripe/${paid.order_no}/${action}`, { deliver: false });
    await act('open');
    await expect(refund(paid)).rejects.toMatchObject({ statusCode: 400, code: 'charge_disputed' });
    await act('win');
    expect((await refund(paid, 1999, 2)).amount).toBe(1999);
  });

  it('needs a payment that was made', async () => {
    const failed = await payment('fail');
    expect(await client().paymentIntents.retrieve(failed.payment_intent)).toMatchObject({
      status: 'requires_payment_method',
      metadata: { order_no: failed.order_no },
    });
    await expect(refund(failed)).rejects.toMatchObject({ statusCode: 400, param: 'payment_intent' });
    await expect(refund({ ...failed, payment_intent: 'pi_none' })).rejects.toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
    await expect(client().refunds.create({ payment_intent: 'pi_x', amount: 0 })).rejects.toMatchObject({
      statusCode: 400,
      param: 'amount',
    });
  });

  it('is found among those of its payment, newest first and in pages', async () => {
    const paid = await payment();
    const { refunds } = client();
    const [first, second] = [await refund(paid, 1), await refund(paid, 2, 2)];
    await refund(await payment(), 3);
    const { payment_intent } = paid;
    expect(await refunds.list({ payment_intent })).toMatchObject({
      has_more: false,
      data: [{ id: second.id }, { id: first.id }],
    });
    expect(await refunds.list({ payment_intent, limit: 1 })).toMatchObject({ has_more: true });
    const next = await refunds.list({ payment_intent, starting_after: second.id });
    expect(next.data.map(({ id }) => id)).toEqual([first.id]);
  });

  it('is made once under one idempotency key', async () => {
    const paid = await payment();
    const { payment_intent } = paid;
    const make = () =>
      client().refunds.create({ payment_intent, amount: 5 }, { idempotencyKey: paid.order_no });
    expect((await make()).id).toBe((await make()).id);
    expect((await client().refunds.list({ payment_intent })).data).toHaveLength(1);
  });
});

describe('the balance', () => {
  it('was moved by payments and by refunds that succeeded', async () => {
    const paid = await payment();
    await refund(paid, 500);
    await refund(paid, 300, 2);
    await bench.control(`/refunds/stripe/${paid.order_no}-r1/succeed`, { deliver: false });
    const list = await client().balanceTransactions.list({
      created: { gte: Math.floor(Date.now() / 1000) - 60 },
      limit: 100,
      expand: ['data.source'],
    });
    const moved = list.data
      .filter(({ source }) => (source as Stripe.Charge).payment_intent === paid.payment_intent)
      .map(({ type, amount, source }) => [type, amount, (source as Stripe.Charge).metadata['order_no']]);
    expect(moved).toHaveLength(2);
    expect(moved).toContainEqual(['charge', 1999, paid.order_no]);
    expect(moved).toContainEqual(['refund', -500, paid.order_no]);
    const plain = await client().balanceTransactions.list({ limit: 1 });
    expect(plain.data[0]?.source).toMatch(/^(ch|re)_/);
  });
});
