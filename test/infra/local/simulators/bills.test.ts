import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Provider } from '../../../../lib/orders/kinds.ts';
import { type Bench, startBench } from './bench.ts';
import { type Caller, createCallers, newPayment } from './callers.ts';

let bench: Bench;
let callers: Readonly<Record<Provider, Caller>>;
beforeAll(async () => {
  bench = await startBench();
  callers = createCallers(bench);
});
afterAll(() => bench.stop());

/** The provider's calendar day of a time in milliseconds. */
const dayOf = (provider: Provider, time_ms: number): string =>
  new Date(time_ms + (provider === 'stripe' ? 0 : 8 * 3_600_000)).toISOString().slice(0, 10);

const DAY_MS = 24 * 3_600_000;

it.each([
  ['wechat', 7000, -3000],
  ['alipay', 7000, -3000],
  ['stripe', 66_000, 0],
] as const)('%s has a bill of the day’s payments and refunds', async (provider, fee, feeOfRefund) => {
  const caller = callers[provider];
  const payment = newPayment();
  const { payment_no, amount, currency } = payment;
  const days = [dayOf(provider, Date.now())];
  await caller.start(payment);
  expect(await caller.bill(dayOf(provider, Date.now() - DAY_MS))).toEqual([]);

  const { payment: made } = await bench.act(`${provider}/${payment_no}/pay`, { deliver: false });
  const { transaction_id } = made;
  const refund_no = `${payment_no}-r1`;
  const refund = {
    payment_no,
    refund_no,
    transaction_id,
    currency,
    paid_amount: amount,
    amount: 500,
    reason: '',
  };
  await caller.gateway.refund(refund);
  await expect.poll(async () => (await caller.gateway.queryRefund(refund)).state).toBe('succeeded');

  days.push(dayOf(provider, Date.now()));
  const rows = (await Promise.all([...new Set(days)].map(caller.bill))).flat();
  expect(rows).toHaveLength(2);
  const row = { payment_no, transaction_id, currency };
  expect(rows).toContainEqual(expect.objectContaining({ ...row, kind: 'payment', amount: 1234, fee }));
  expect(rows).toContainEqual(
    expect.objectContaining({ ...row, kind: 'refund', amount: 500, refund_no, fee: feeOfRefund }),
  );
});

/** What a bill and the account of the merchant say of a payment. */
async function booksOf(provider: Provider, payment_no: string) {
  const bill = await Promise.all(
    [...new Set([dayOf(provider, Date.now() - 60_000), dayOf(provider, Date.now())])].map(
      callers[provider].bill,
    ),
  );
  const { body } = await bench.control(`/accounts/${provider}`);
  const { movements } = body as { movements: { kind: string; payment_no: string; amount: number }[] };
  return {
    rows: bill.flat().filter((row) => row.kind !== 'other' && row.payment_no === payment_no),
    movements: movements.filter((movement) => movement.payment_no === payment_no),
  };
}

it.each(['wechat', 'alipay', 'stripe'] as const)(
  'a refund of the console of %s is in the bill, and in the account',
  async (provider) => {
    const payment = newPayment();
    const { payment_no } = payment;
    await callers[provider].start(payment);
    await bench.act(`${provider}/${payment_no}/pay`, { deliver: false });
    const path = `/payments/${provider}/${payment_no}/refund`;
    expect(await bench.control(path, { amount: 1235, deliver: false })).toMatchObject({ status: 409 });
    expect(await bench.control(path, { amount: 34, deliver: false })).toMatchObject({
      status: 200,
      body: { refund: { state: 'succeeded', amount: 34 }, deliveries: [] },
    });
    expect(await bench.control(path, { deliver: false })).toMatchObject({
      body: { refund: { amount: 1200 } },
    });
    expect(await bench.control(path, { deliver: false })).toMatchObject({ status: 409 });
    const { rows, movements } = await booksOf(provider, payment_no);
    const amounts = rows.map((row) => [row.kind, 'amount' in row && row.amount]);
    expect(amounts.toSorted()).toEqual([
      ['payment', 1234],
      ['refund', 1200],
      ['refund', 34],
    ]);
    expect(movements.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['payment', 1234],
      ['refund', -34],
      ['refund', -1200],
    ]);
    expect(await callers[provider].gateway.query(payment)).toMatchObject({
      event: { type: 'succeeded', returned: provider === 'wechat' ? 'unknown' : 1234 },
    });
  },
);

it.each(['wechat', 'alipay'] as const)(
  '%s bills what was paid with coupons at its total',
  async (provider) => {
    const caller = callers[provider];
    const payment = newPayment();
    await caller.start(payment);
    const days = [dayOf(provider, Date.now())];
    const discount = { merchant: 200, provider: 34 };
    await bench.act(`${provider}/${payment.payment_no}/pay`, { deliver: false, discount });
    days.push(dayOf(provider, Date.now()));
    const rows = (await Promise.all([...new Set(days)].map(caller.bill))).flat();
    const { payment_no, amount } = payment;
    expect(rows).toContainEqual(expect.objectContaining({ kind: 'payment', payment_no, amount }));
    const said = provider === 'wechat' ? { amount, discount } : { amount };
    const answer = await caller.gateway.query(payment);
    expect(answer).toMatchObject({ state: 'decided', event: said });
    // Asked, Alipay does not say.
    expect('event' in answer && 'discount' in answer.event).toBe(provider === 'wechat');
  },
);

it('a refund that is sent back and a dispute are in Stripe’s balance, with its fee', async () => {
  const payment = newPayment();
  const { payment_no } = payment;
  await callers.stripe.start(payment);
  await bench.act(`stripe/${payment_no}/pay`, { deliver: false });
  const returned = await bench.control(`/payments/stripe/${payment_no}/refund`, {
    amount: 100,
    deliver: false,
  });
  const { id } = (returned.body as { refund: { id: string } }).refund;
  await bench.control(`/refunds/stripe/${id}/fail`, { deliver: false });
  const act = (action: string) =>
    bench.control(`/disputes/stripe/${payment_no}/${action}`, { deliver: false });
  expect(await act('win')).toMatchObject({ status: 409 });
  for (const action of ['open', 'withdraw', 'win', 'reinstate']) {
    expect(await act(action)).toMatchObject({ status: 200 });
  }
  for (const action of ['withdraw', 'reinstate', 'lose']) {
    expect(await act(action)).toMatchObject({ status: 409 });
  }
  const { rows, movements } = await booksOf('stripe', payment_no);
  const seen = rows.map((row) => [row.kind, 'amount' in row && [row.amount, row.fee]]);
  expect(seen.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
    ['dispute', [-1234, 0]],
    ['dispute', [1234, 1_500_000]],
    ['payment', [1234, 66_000]],
    ['refund', [-100, 0]],
    ['refund', [100, 0]],
  ]);
  expect(movements.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['payment', 1234],
    ['refund', -100],
    ['refund_failure', 100],
    ['dispute', -1234],
    ['dispute', 1234],
  ]);
});

it('a bank debit that failed is in Stripe’s balance, and taken back with its fee', async () => {
  const payment = newPayment();
  const { payment_no } = payment;
  await callers.stripe.start(payment);
  await bench.act(`stripe/${payment_no}/fail`, { deliver: false });
  const { rows } = await booksOf('stripe', payment_no);
  expect(rows.toSorted((a, b) => a.kind.localeCompare(b.kind))).toMatchObject([
    { kind: 'payment', amount: 1234, fee: 66_000, unpaid: 'failed' },
    { kind: 'refund', amount: 1234, fee: -66_000, ofUnpaid: true },
  ]);
});

it.each(['wechat', 'alipay'] as const)('nothing is disputed at %s', async (provider) => {
  const payment = newPayment();
  await callers[provider].start(payment);
  expect(await bench.control(`/disputes/${provider}/${payment.payment_no}/open`, {})).toMatchObject({
    status: 409,
  });
});

it.each(['wechat', 'alipay', 'stripe'] as const)(
  'a refund that %s does not take on for now is asked for again',
  async (provider) => {
    const payment = newPayment();
    const { payment_no, currency } = payment;
    await callers[provider].start(payment);
    const { payment: made } = await bench.act(`${provider}/${payment_no}/pay`, { deliver: false });
    const refund = {
      ...{ payment_no, currency, refund_no: `${payment_no}-r1`, transaction_id: made.transaction_id },
      ...{ paid_amount: 1234, amount: 500, reason: '' },
    };
    for (const refusal of ['balance', 'frequency']) {
      await bench.control(`/refunds/${provider}`, { refusal });
      await expect(callers[provider].gateway.refund(refund)).rejects.toMatchObject({
        name: 'ProviderCallError',
      });
    }
    await bench.control(`/refunds/${provider}`, { refusal: null });
    expect((await callers[provider].gateway.refund(refund)).state).toMatch(/^(open|succeeded)$/);
  },
);
