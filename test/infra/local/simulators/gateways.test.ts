import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Provider, providers } from '../../../../lib/orders/kinds.ts';
import type { PaymentReference } from '../../../../lib/orders/provider-gateway.ts';
import type { ReceiveMessage } from '../../../../lib/providers/message.ts';
import { type Bench, startBench } from './bench.ts';
import { type Caller, createCallers, newPayment } from './callers.ts';

let bench: Bench;
let callers: Readonly<Record<Provider, Caller>>;
beforeAll(async () => {
  bench = await startBench();
  callers = createCallers(bench);
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.received.length = 0;
});

async function started(provider: Provider): Promise<PaymentReference> {
  const payment = newPayment();
  await callers[provider].start(payment);
  return payment;
}

async function paid(provider: Provider) {
  const payment = await started(provider);
  const { payment_no } = payment;
  const { payment: made } = await bench.act(`${provider}/${payment_no}/pay`, { deliver: false });
  const request = (n: number, amount: number) => ({
    payment_no,
    refund_no: `${payment_no}-r${n}`,
    transaction_id: made.transaction_id,
    paid_amount: payment.amount,
    amount,
    currency: payment.currency,
    reason: '尺码不合适',
  });
  return { payment, request, transaction_id: made.transaction_id };
}

/** All that came and can be read: word of what other tests asked for may come in between, from other providers too. */
async function understood(receive: ReceiveMessage) {
  const told = bench.received.map(async ({ headers, body }) => receive({ headers, body: Buffer.from(body) }));
  return (await Promise.allSettled(told)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

describe.each(providers)('%s, as Settle calls it', (provider) => {
  it('says what became of a payment', async () => {
    const { gateway } = callers[provider];
    // Stripe is asked by making the same session again: there is one then.
    const unknown = provider === 'stripe' ? 'open' : 'absent';
    expect(await gateway.query(newPayment())).toEqual({ state: unknown });
    expect(await gateway.query(await started(provider))).toEqual({ state: 'open' });
    const { payment, transaction_id } = await paid(provider);
    const { payment_no, amount, currency } = payment;
    expect(await gateway.query(payment)).toMatchObject({
      state: 'decided',
      event: { type: 'succeeded', payment_no, amount, currency, transaction_id },
    });
  });

  it('closes what waits and nothing else', async () => {
    const { gateway } = callers[provider];
    const waiting = await started(provider);
    expect(await gateway.close(waiting)).toBe('closed');
    expect(await gateway.query(waiting)).toMatchObject({ state: 'decided', event: { type: 'closed' } });
    expect(await gateway.close((await paid(provider)).payment)).toBe('not_closed');
  });

  it('returns a part, then the rest, and never more', async () => {
    const { gateway } = callers[provider];
    const { payment, request } = await paid(provider);
    const part = request(1, 234);
    expect(await gateway.queryRefund(part)).toEqual({ state: 'absent' });
    const first = await gateway.refund(part);
    expect(first.state).toBe(provider === 'alipay' ? 'succeeded' : 'open');
    await expect.poll(async () => (await gateway.queryRefund(part)).state).toBe('succeeded');
    expect(await gateway.refund(part)).toEqual(await gateway.queryRefund(part));
    expect(await gateway.refund(request(2, 1001))).toMatchObject({ state: 'failed' });
    await gateway.refund(request(3, 1000));
    expect(await gateway.refund(request(4, 1))).toMatchObject({ state: 'failed' });
    expect(await gateway.query(payment)).toMatchObject({ event: { type: 'succeeded', amount: 1234 } });
  });

  it('tells of a refund that succeeded', async () => {
    const { gateway, receive } = callers[provider];
    const { request } = await paid(provider);
    const part = request(1, 234);
    await gateway.refund(part);
    const success = { type: 'refund_succeeded', payment_no: part.payment_no, refund_no: part.refund_no };
    await expect.poll(() => understood(receive)).toContainEqual(expect.objectContaining(success));
  });
});

it.each(['wechat', 'stripe'] as const)('%s says that a refund failed', async (provider) => {
  await bench.control(`/refunds/${provider}`, { automatic: false });
  const { gateway, receive } = callers[provider];
  const { request } = await paid(provider);
  const part = request(1, 234);
  await gateway.refund(part);
  await bench.control(`/refunds/${provider}/${part.refund_no}/fail`, {});
  expect(await gateway.queryRefund(part)).toMatchObject({ state: 'failed' });
  const failure = { type: 'refund_failed', refund_no: part.refund_no };
  expect(await understood(receive)).toContainEqual(expect.objectContaining(failure));
  await bench.control(`/refunds/${provider}`, { automatic: true });
});

it('WeChat Pay says that a refund waits for the merchant, and what became of it', async () => {
  await bench.control('/refunds/wechat', { automatic: false });
  const { gateway, receive } = callers.wechat;
  const { request } = await paid('wechat');
  const part = request(1, 234);
  await gateway.refund(part);
  await bench.control(`/refunds/wechat/${part.refund_no}/refuse`, {});
  expect(await gateway.queryRefund(part)).toMatchObject({ state: 'abnormal' });
  const told = (type: string) => expect.objectContaining({ type, refund_no: part.refund_no });
  expect(await understood(receive)).toContainEqual(told('refund_abnormal'));
  await bench.control(`/refunds/wechat/${part.refund_no}/succeed`, {});
  expect(await gateway.queryRefund(part)).toMatchObject({ state: 'succeeded' });
  expect(await understood(receive)).toContainEqual(told('refund_succeeded'));
  await bench.control('/refunds/wechat', { automatic: true });
});

it('WeChat Pay repairs a refund that waits for the merchant, and no other', async () => {
  await bench.control('/refunds/wechat', { automatic: false });
  const { gateway, receive } = callers.wechat;
  const { request } = await paid('wechat');
  const part = request(1, 234);
  await gateway.refund(part);
  expect(await gateway.repairRefund(part)).toEqual({ state: 'open' });
  expect(await gateway.queryRefund(part)).toEqual({ state: 'open' });
  await bench.control(`/refunds/wechat/${part.refund_no}/refuse`, {});
  await bench.control('/refunds/wechat', { automatic: true });
  expect(await gateway.repairRefund(part)).toEqual({ state: 'open' });
  const success = { type: 'refund_succeeded', refund_no: part.refund_no };
  await expect.poll(() => understood(receive)).toContainEqual(expect.objectContaining(success));
  expect(await gateway.repairRefund(part)).toMatchObject({ state: 'succeeded' });
});

it.each(['alipay', 'stripe'] as const)('%s has no such repair', async (provider) => {
  const { request } = await paid(provider);
  expect(await callers[provider].gateway.repairRefund(request(1, 1))).toEqual({ state: 'unsupported' });
});

it('Stripe says that an asynchronous payment failed', async () => {
  const payment = await started('stripe');
  await bench.act(`stripe/${payment.payment_no}/fail`, { deliver: false });
  expect(await callers.stripe.gateway.query(payment)).toMatchObject({
    state: 'decided',
    event: { type: 'failed' },
  });
});
