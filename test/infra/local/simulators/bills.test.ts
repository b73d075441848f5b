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
  ['wechat', 0],
  // Of the payment or of the refund.
  ['alipay', 500],
  ['stripe', 500],
] as const)('%s has a bill of the day’s payments and refunds', async (provider, amountOfRefund) => {
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
  expect(rows).toContainEqual(expect.objectContaining({ ...row, amount: 1234, refund_no: null }));
  expect(rows).toContainEqual(expect.objectContaining({ ...row, amount: amountOfRefund, refund_no }));
});
