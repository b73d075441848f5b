import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.received.length = 0;
});

const events = () => bench.received.map(({ body }) => JSON.parse(body));
const stateOf = async (order_no: string) =>
  ((await bench.control(`/payments/stripe/${order_no}`)).body as { payment: { state: string } }).payment
    .state;

async function heldUnder(payment_no: string): Promise<object[]> {
  const { payments } = (await bench.control('/payments')).body as { payments: { payment_no: string }[] };
  return payments.filter((payment) => payment.payment_no === payment_no);
}

describe('trouble with a payment', () => {
  it('tells of other states, in the order that was asked for', async () => {
    const order_no = await bench.createPayment();
    const { payment } = await bench.act(`stripe/${order_no}/pay`, { messages: ['paid', 'failed', 'closed'] });
    expect(payment.state).toBe('paid');
    expect(events().map(({ type }) => type)).toEqual([
      'checkout.session.completed',
      'checkout.session.async_payment_failed',
      'checkout.session.expired',
    ]);
  });

  it('names another merchant', async () => {
    await bench.act(`stripe/${await bench.createPayment()}/pay`, { alter: { merchant: true } });
    expect(events()).toMatchObject([{ livemode: true }]);
  });

  it('names a further transaction, and keeps its own', async () => {
    const payment_no = await bench.createPayment();
    const { payment } = await bench.act(`stripe/${payment_no}/pay`);
    const again = await bench.act(`stripe/${payment_no}/pay`, { alter: { transaction: true } });
    expect(again.payment.transaction_id).toBe(payment.transaction_id);
    const [first, further] = events().map(({ data }) => data.object.payment_intent);
    expect(first).toBe(payment.transaction_id);
    expect(further).toMatch(/^pi_/);
    expect(further).not.toBe(first);
    expect(await heldUnder(payment_no)).toMatchObject([
      { transaction_id: first },
      { transaction_id: further, further_of: expect.stringMatching(/^cs_/), state: 'paid' },
    ]);
  });

  it('knows nothing of a further transaction that somebody made up', async () => {
    const payment_no = await bench.createPayment();
    await bench.act(`stripe/${payment_no}/pay`, { alter: { transaction: true }, forge: 'signature' });
    expect(await heldUnder(payment_no)).toMatchObject([{ state: 'open' }]);
  });

  it('pays what was closed, where the payer’s money is late', async () => {
    const payment_no = await bench.createPayment();
    await bench.act(`stripe/${payment_no}/close`);
    expect((await bench.control(`/payments/stripe/${payment_no}/pay`, {})).status).toBe(409);
    const { payment } = await bench.act(`stripe/${payment_no}/pay`, { late: true });
    expect(payment.state).toBe('paid');
    expect(events().at(-1)).toMatchObject({ type: 'checkout.session.completed' });
  });

  it('loses the first answer and sends again', async () => {
    const order_no = await bench.createPayment();
    const { deliveries } = await bench.act(`stripe/${order_no}/pay`, { drop_answer: true });
    expect(deliveries).toEqual([{ status: null, body: '' }]);
    await expect.poll(() => bench.received.length).toBe(2);
  });

  it('lets the payer wait', async () => {
    const order_no = await bench.createPayment();
    const answer = await bench.control(`/payments/stripe/${order_no}/pay`, { wait_ms: 200 });
    expect(answer).toMatchObject({ status: 202, body: { payment: { state: 'open' }, deliveries: [] } });
    await expect.poll(() => bench.received.length).toBe(1);
    expect(await stateOf(order_no)).toBe('paid');
  });

  it('lets the message be under way for a while', async () => {
    const order_no = await bench.createPayment();
    const answer = await bench.control(`/payments/stripe/${order_no}/pay`, { delay_ms: 200 });
    expect(answer).toMatchObject({ status: 202, body: { payment: { state: 'paid' }, deliveries: [] } });
    expect(bench.received).toEqual([]);
    await expect.poll(() => bench.received.length).toBe(1);
  });

  it('knows the state of WeCom’s fault', async () => {
    expect((await bench.control('/wecom/fault')).body).toEqual({ fault: null });
    await bench.control('/wecom/fault', { fault: 'http' });
    expect((await bench.control('/wecom/fault')).body).toEqual({ fault: 'http' });
  });
});
