import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleTenant } from '../../../../infra/local/documents.ts';
import { type Provider, providers } from '../../../../lib/orders/kinds.ts';
import type { PaymentReference } from '../../../../lib/orders/provider-gateway.ts';
import { VerificationError } from '../../../../lib/providers/message.ts';
import { type Bench, startBench } from './bench.ts';
import { type Caller, createCallers, newPayment } from './callers.ts';

type Callers = Readonly<Record<Provider, Caller>>;

let bench: Bench;
let stage: Callers;
let tenant: Callers;
beforeAll(async () => {
  bench = await startBench();
  stage = createCallers(bench);
  tenant = createCallers(bench, exampleTenant);
});
afterAll(() => bench.stop());

/** A payment of one number at both merchants. */
async function startBoth(provider: Provider): Promise<PaymentReference> {
  const payment = newPayment();
  await stage[provider].start(payment);
  await tenant[provider].start(payment);
  return payment;
}

const pay = (provider: Provider, { payment_no }: PaymentReference, of: Callers, options: object = {}) =>
  bench.control(`/payments/${provider}/${payment_no}/pay?merchant=${of[provider].merchant}`, options);

/** The one message about the payment, as it was sent. */
function toldOf({ payment_no }: PaymentReference) {
  const deliveries = bench.recorder
    .recorded()
    .flatMap((entry) => (entry.type === 'delivery' ? [entry.delivery] : []))
    .filter((delivery) => delivery.payment_no === payment_no);
  expect(deliveries).toHaveLength(1);
  const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = deliveries;
  return { url, message: { headers, body: Buffer.from(body) } };
}

describe.each(providers)('two merchants at %s', (provider) => {
  it('may use one number, and see what is their own', async () => {
    const payment = await startBoth(provider);
    expect((await bench.control(`/payments/${provider}/${payment.payment_no}/pay`, {})).status).toBe(409);
    expect((await pay(provider, payment, tenant, { deliver: false })).status).toBe(200);
    expect(await tenant[provider].gateway.query(payment)).toMatchObject({
      state: 'decided',
      event: { type: 'succeeded', merchant: tenant[provider].merchant },
    });
    expect(await stage[provider].gateway.query(payment)).toEqual({ state: 'open' });
    const shown = async (of: Callers) =>
      (await bench.control(`/payments/${provider}/${payment.payment_no}?merchant=${of[provider].merchant}`))
        .body;
    expect(await shown(stage)).toMatchObject({ payment: { merchant: stage[provider].merchant } });
    expect(await shown(tenant)).toMatchObject({ payment: { state: 'paid' } });
  });

  it('are told at their own addresses, each under its own keys', async () => {
    const payment = newPayment();
    await tenant[provider].start(payment);
    await pay(provider, payment, tenant);
    const { url, message } = toldOf(payment);
    expect(url).toBe(`${bench.publicUrl}/api/pay/callback/${provider}/${exampleTenant}`);
    expect(await tenant[provider].receive(message)).toMatchObject({
      type: 'succeeded',
      payment_no: payment.payment_no,
      merchant: tenant[provider].merchant,
    });
    await expect((async () => stage[provider].receive(message))()).rejects.toThrow(VerificationError);
  });

  it('return only what is their own', async () => {
    const payment = newPayment();
    await tenant[provider].start(payment);
    await pay(provider, payment, tenant, { deliver: false });
    const { body } = await bench.control(`/payments/${provider}/${payment.payment_no}`);
    const { transaction_id } = (body as { payment: { transaction_id: string } }).payment;
    const { payment_no, amount, currency } = payment;
    const request = {
      ...{ payment_no, refund_no: `${payment_no}-r1`, transaction_id, paid_amount: amount, amount, currency },
      reason: '尺码不合适',
    };
    expect(await stage[provider].gateway.refund(request).catch(() => 'refused')).not.toMatchObject({
      state: expect.stringMatching(/^(open|succeeded)$/),
    });
    expect((await tenant[provider].gateway.refund(request)).state).not.toBe('failed');
  });

  it('have bills of their own', async () => {
    const payment = newPayment();
    await tenant[provider].start(payment);
    await pay(provider, payment, tenant, { deliver: false });
    const day = (offset_h: number) => new Date(Date.now() + offset_h * 3_600_000).toISOString().slice(0, 10);
    const numbers = async ({ bill }: Caller) =>
      (await bill(day(provider === 'stripe' ? 0 : 8)).catch(() => [])).flatMap((row) =>
        'payment_no' in row ? [row.payment_no] : [],
      );
    expect(await numbers(tenant[provider])).toContain(payment.payment_no);
    expect(await numbers(stage[provider])).not.toContain(payment.payment_no);
  });

  it('have flat bodies sent to their own addresses', async () => {
    const payment = newPayment();
    await tenant[provider].start(payment);
    await bench.control(`/flat/${provider}`, { order_no: payment.payment_no, status: 'succeeded' });
    expect(toldOf(payment).url).toBe(`${bench.publicUrl}/api/pay/callback/${provider}/${exampleTenant}`);
  });

  it('are both known to the control, and no other', async () => {
    const { status, body } = await bench.control(`/accounts/${provider}?merchant=nobody`);
    expect([status, body]).toEqual([404, { error: `${provider} has no merchant nobody here` }]);
  });
});

describe('a request in the name of another merchant', () => {
  const wechatOf = (tenant_id: number) => bench.counterparts.tenants.get(tenant_id)?.wechat?.document;

  it.each(['private_key', 'serial_no'] as const)('is refused by WeChat Pay: %s', async (field) => {
    const own = wechatOf(exampleTenant);
    const changed = { ...bench.counterparts.wechat, document: { ...bench.counterparts.wechat.document } };
    Object.assign(changed.document, { [field]: own?.[field] });
    const thief = createCallers({ ...bench, counterparts: { ...bench.counterparts, wechat: changed } });
    await expect(thief.wechat.gateway.query(newPayment())).rejects.toThrow('401');
  });

  it('is refused by Alipay', async () => {
    const own = bench.counterparts.tenants.get(exampleTenant)?.alipay?.document;
    const { alipay } = bench.counterparts;
    const changed = { ...alipay, document: { ...alipay.document, private_key: own?.private_key ?? '' } };
    const thief = createCallers({ ...bench, counterparts: { ...bench.counterparts, alipay: changed } });
    await expect(thief.alipay.gateway.query(newPayment())).rejects.toThrow('isv.invalid-signature');
  });

  it('finds no session of another Stripe account', async () => {
    const payment = newPayment();
    await tenant.stripe.start(payment);
    const { body } = await bench.control(`/payments/stripe/${payment.payment_no}`);
    const { id, pay_url } = (body as { payment: { id: string; pay_url: string } }).payment;
    const { base_url, secret_key } = bench.counterparts.stripe;
    const headers = { authorization: `Bearer ${secret_key}` };
    expect((await fetch(`${base_url}/v1/checkout/sessions/${id}`, { headers })).status).toBe(404);
    expect((await fetch(pay_url)).status).toBe(200);
  });
});

describe('apps at WeChat Pay', () => {
  it('are bound to a merchant, one or several, and what is paid in one says so', async () => {
    const [bound = ''] = Object.keys(bench.counterparts.wechat.document.apps ?? {});
    const payment = { ...newPayment(), appid: bound };
    await stage.wechat.start(payment);
    await pay('wechat', payment, stage);
    expect(await stage.wechat.receive(toldOf(payment).message)).toMatchObject({
      type: 'succeeded',
      appid: bound,
    });
  });

  it('of another merchant are refused', async () => {
    const appid = bench.counterparts.tenants.get(exampleTenant)?.wechat?.document.appid ?? '';
    const thief = {
      ...bench.counterparts.wechat,
      document: { ...bench.counterparts.wechat.document, appid },
    };
    const callers = createCallers({ ...bench, counterparts: { ...bench.counterparts, wechat: thief } });
    const created = callers.wechat.start(newPayment());
    await expect(created).rejects.toThrow('APPID_MCHID_NOT_MATCH');
  });
});
