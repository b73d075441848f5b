import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generateDocuments } from '../../../../infra/local/documents.ts';
import { holdPort } from '../../../../infra/local/http.ts';
import { startSimulators } from '../../../../infra/local/simulators/server.ts';
import { rsaKeysInPem } from '../../../support/rsa-keys.ts';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.received.length = 0;
});

describe('paying', () => {
  it('answers with the payment and what the callback was answered, and lists it', async () => {
    const payment_no = await bench.createPayment();
    bench.answers.push({ status: 200, body: '{"code":0}' });
    const { status, body } = await bench.control(`/payments/stripe/${payment_no}/pay`, {});
    expect(status).toBe(200);
    expect(body).toMatchObject({
      payment: { provider: 'stripe', payment_no, state: 'paid', amount: 1999, currency: 'USD' },
      deliveries: [{ status: 200, body: '{"code":0}' }],
    });
    const listed = (await bench.control('/payments')).body as { payments: object[] };
    expect(listed.payments).toContainEqual(expect.objectContaining({ payment_no, state: 'paid' }));
  });

  it('again repeats the message of the same transaction', async () => {
    const payment_no = await bench.createPayment();
    const first = await bench.act(`stripe/${payment_no}/pay`);
    const again = await bench.act(`stripe/${payment_no}/pay`, { times: 5, concurrency: 3 });
    expect(again.deliveries).toHaveLength(5);
    expect(again.payment.transaction_id).toBe(first.payment.transaction_id);
    expect(bench.received).toHaveLength(6);
    expect((await bench.control(`/payments/stripe/${payment_no}/fail`, {})).status).toBe(409);
  });

  it('without delivery is a callback that got lost', async () => {
    const payment_no = await bench.createPayment();
    const { payment, deliveries } = await bench.act(`stripe/${payment_no}/pay`, { deliver: false });
    expect(payment.state).toBe('paid');
    expect(deliveries).toEqual([]);
    expect(bench.received).toEqual([]);
  });

  it('retries behind the answer until the callback is taken', async () => {
    const payment_no = await bench.createPayment();
    bench.answers.push({ status: 500, body: '' }, { status: 503, body: '' });
    const { deliveries } = await bench.act(`stripe/${payment_no}/pay`);
    expect(deliveries).toEqual([{ status: 500, body: '' }]);
    const attempts = () =>
      bench.recorder
        .recorded()
        .flatMap((entry) =>
          entry.type === 'delivery' && entry.delivery.payment_no === payment_no
            ? [[entry.delivery.attempt, entry.delivery.status]]
            : [],
        );
    // Recorded once its answer is there, which is after the request has come in.
    await expect.poll(() => attempts().length).toBe(3);
    expect(attempts()).toEqual([
      [1, 500],
      [2, 503],
      [3, 200],
    ]);
    expect(bench.received).toHaveLength(3);
  });

  it('does not retry a forgery', async () => {
    const payment_no = await bench.createPayment();
    bench.answers.push({ status: 401, body: '' }, { status: 500, body: '' });
    await bench.act(`stripe/${payment_no}/pay`, { forge: 'signature' });
    await bench.act(`stripe/${payment_no}/pay`);
    // A retry of the forgery would be sent before that of the genuine one.
    await expect.poll(() => bench.received.length).toBeGreaterThan(2);
    const [secret = ''] = bench.counterparts.stripe.webhook_secrets;
    const { body = '', headers = {} } = bench.received[2] ?? {};
    const { webhooks } = new Stripe('sk_test');
    expect(() => webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret)).not.toThrow();
  });

  it.each([
    ['times', { times: 0 }],
    ['forge', { forge: 'luck' }],
    ['alter.amount', { alter: { amount: 1.5 } }],
    ['colour', { colour: 'red' }],
  ])('refuses a wrong option and names it: %s', async (name, options) => {
    const { status, body } = await bench.control(
      `/payments/stripe/${await bench.createPayment()}/pay`,
      options,
    );
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(name);
    expect(bench.received).toEqual([]);
  });

  it('knows no payment that was not created', async () => {
    expect((await bench.control('/payments/wechat/mall-0/pay', {})).status).toBe(404);
    expect((await bench.control('/payments/paypal/mall-0/pay', {})).status).toBe(404);
  });
});

describe('a flat body', () => {
  const fields = { order_no: 'mall-1', status: 'succeeded', txn_id: 'T1', amount: '1.00', currency: '' };

  it.each(['wechat', 'alipay'] as const)('carries the sig of its fields in order: %s', async (provider) => {
    bench.answers.push({ status: 404, body: 'no such order' });
    const { body } = await bench.control(`/flat/${provider}`, fields);
    expect(body).toEqual({ status: 404, body: 'no such order' });
    const sent = bench.received.at(-1);
    expect(sent?.path).toBe(`/api/pay/callback/${provider}`);
    const [key = ''] = bench.counterparts[provider].document.callback_keys;
    const text = 'amount=1.00&order_no=mall-1&status=succeeded&txn_id=T1';
    const sig = createHmac('sha256', key).update(text).digest('hex');
    expect(JSON.parse(sent?.body ?? '')).toEqual({ ...fields, sig });
  });

  it('to Stripe carries its signature header', async () => {
    await bench.control('/flat/stripe', fields);
    const { body = '', headers = {} } = bench.received.at(-1) ?? {};
    const [secret = ''] = bench.counterparts.stripe.webhook_secrets;
    const { webhooks } = new Stripe('sk_test');
    expect(webhooks.constructEvent(body, headers['stripe-signature'] ?? '', secret)).toEqual(fields);
  });
});

it('shows the tokens it was given', async () => {
  expect((await bench.control('/tokens')).body).toEqual({
    ...{ admin: 'admin-token', viewer: 'viewer-token', user: 'user-token' },
  });
});

it('tells a subscriber of every call, payment and delivery', async () => {
  const seen: string[] = [];
  const unsubscribe = bench.recorder.subscribe(({ type }) => seen.push(type));
  const payment_no = await bench.createPayment();
  await bench.act(`stripe/${payment_no}/pay`);
  unsubscribe();
  await bench.createPayment();
  expect(seen).toEqual(['payment', 'call', 'payment', 'delivery']);
});

it('signs a token of any user, role, tenant and lifetime, and names what it does not take', async () => {
  const server = await holdPort();
  const simulators = await startSimulators({
    server,
    counterparts: (await generateDocuments({ consoleUrl: server.url, rsaKeys: rsaKeysInPem })).counterparts,
    publicUrl: 'http://127.0.0.1:1',
    tokens: null,
    signToken: async (sub, claims, goodFor) => JSON.stringify([sub, claims, goodFor]),
    log: console.error,
    io: { now: Date.now, fetch },
  });
  const ask = async (query: string) =>
    (await fetch(`${simulators.url}/simulator/tokens?${query}`)).json() as Promise<Record<string, string>>;
  const signed = async (query: string) => JSON.parse((await ask(query))['token'] ?? '');
  const answers = [
    await signed('sub=u&role=user&minutes=5'),
    await signed('tenant_id=7'),
    await ask('tenant_id=x'),
    await ask('role=root'),
    await ask('roles=admin'),
  ];
  await simulators.stop();
  expect(answers).toEqual([
    ['u', { role: 'user' }, '5 minutes'],
    ['admin', { role: 'admin', tenant_id: 7 }, '60 minutes'],
    { error: 'tenant_id: not valid' },
    { error: 'role: not valid' },
    { error: 'roles: unknown' },
  ]);
});

it('stands in for nobody whose document is the user’s own', async () => {
  const server = await holdPort();
  const { url } = server;
  const given = { wechat: {}, alipay: {}, stripe: {}, wecom: {} };
  const { counterparts } = await generateDocuments({ consoleUrl: url, rsaKeys: rsaKeysInPem }, given);
  const io = { now: Date.now, fetch };
  const simulators = await startSimulators({
    server,
    counterparts,
    publicUrl: url,
    tokens: null,
    log: console.error,
    io,
  });
  const paths = ['/wechat/v3', '/alipay/gateway.do', '/stripe/v1', '/wecom/send', '/simulator/tokens'];
  const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)));
  await simulators.stop();
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
});
