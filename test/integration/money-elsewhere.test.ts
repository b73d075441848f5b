import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';

/** Money that moves at a provider without our asking, over HTTP: the books must say what the provider's account says. */

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
let table: ReturnType<typeof openTable>;
let token: string;

beforeAll(async () => {
  system = await startTestSystem();
  call = createHttpClient(system.url);
  simulate = createHttpClient(`${system.consoleUrl}/simulator`);
  table = openTable(system);
  token = system.tokens?.admin ?? '';
});
afterAll(() => system?.stop());

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const post = async (path: string, body: object = {}) => {
  const answer = await simulate('POST', path, { body });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body as Record<string, unknown>;
};

/** Of 10 yuan at a provider, its page open at the payer's. */
async function begunOrder(provider: Provider): Promise<string> {
  const made = await call('POST', '/api/pay/checkout', {
    token,
    body: { tenant_id: 7, amount: 10, provider },
  });
  expect(made.status).toBe(201);
  const { order_no, pay_url } = data(made) as { order_no: string; pay_url: string };
  if (provider !== 'wechat') expect((await fetch(pay_url)).ok).toBe(true);
  return order_no;
}

/** The payer pays; untold where the message is not to arrive. */
const pay = (provider: Provider, order_no: string, deliver = true) =>
  post(`/payments/${provider}/${order_no}/pay`, { deliver });

async function paidOrder(provider: Provider): Promise<string> {
  const order_no = await begunOrder(provider);
  await pay(provider, order_no);
  expect(await look(order_no)).toMatchObject({ status: 'paid' });
  return order_no;
}

/** The operator returns it in the provider's console: so many fen, or all. */
const refundByConsole = (provider: Provider, order_no: string, amount?: number, deliver = true) =>
  post(`/payments/${provider}/${order_no}/refund`, { ...(amount && { amount }), deliver });

const look = async (order_no: string) =>
  data(await call('GET', `/api/pay/orders/${order_no}`, { token })) as {
    status: string;
    refunded_amount: string;
    exceptions: number;
  };

interface Exception {
  readonly id: string;
  readonly kind: string;
  readonly order_no: string;
  readonly amount: string | null;
  readonly reason: string | null;
  readonly due_by: string | null;
}

async function openExceptions(order_no: string): Promise<Exception[]> {
  const found: Exception[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = data(await call('GET', `/api/pay/exceptions?limit=100${query}`, { token }));
    found.push(...(page['exceptions'] as Exception[]));
    cursor = page['cursor'] as string | null;
  } while (cursor !== null);
  return found.filter((exception) => exception.order_no === order_no);
}

const resolve = (id: string, resolution: string) =>
  call('POST', `/api/pay/exceptions/${id}/resolve`, { token, body: { resolution, reason: '与渠道核对过' } });

const askRefund = (order_no: string, body: object = {}) =>
  call('POST', '/api/pay/refund', {
    token,
    headers: { 'idempotency-key': `${order_no} ${JSON.stringify(body)}` },
    body: { order_no, reason: '退货', ...body },
  });

/** All that an order owes is due, and the sweep sees to it. */
async function sweepDue(order_no: string): Promise<void> {
  for (const item of await table.items({ order_no })) await table.makeDue(item);
  await system.sweep();
}

const fen = (amount: string): number => Math.round(Number(amount) * 100);

/** What each account of the ledger holds of an order: what it was debited less what it was credited, in fen. */
async function booksOf(order_no: string): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const { debit, credit, amount } of await table.items({ order_no })) {
    for (const [account, sign] of [
      [debit, 1],
      [credit, -1],
    ] as const) {
      if (typeof account !== 'string') continue;
      const name = account.replace(/#\d$/, '');
      sums[name] = (sums[name] ?? 0) + sign * Number(amount);
    }
  }
  return sums;
}

const sumOfAccounts = (books: Readonly<Record<string, number>>, prefix: string): number =>
  Object.entries(books).reduce((sum, [name, amount]) => sum + (name.startsWith(prefix) ? amount : 0), 0);

/** What the provider's own account of the merchant holds of an order. Fees of payments are booked by a day's bill. */
async function heldBy(provider: Provider, order_no: string): Promise<number> {
  const { movements } = (await simulate('GET', `/accounts/${provider}`)).body as {
    movements: { kind: string; payment_no: string; amount: number; fee: number }[];
  };
  return movements
    .filter(({ payment_no }) => payment_no === order_no)
    .reduce((sum, { kind, amount, fee }) => sum + amount - (kind === 'dispute' ? fee : 0), 0);
}

/** Waits until the books say what the provider's account says. */
async function expectAgreement(provider: Provider, order_no: string): Promise<void> {
  const held = await heldBy(provider, order_no);
  await expect.poll(async () => sumOfAccounts(await booksOf(order_no), 'provider:')).toBe(held);
}

/** There is one exception of the order, and once its owner is said to bear it nothing is left in suspense. */
async function expectOneResolvable(order_no: string, kind: string, amount: string): Promise<void> {
  const open = await openExceptions(order_no);
  expect(open).toMatchObject([{ kind, amount }]);
  expect(await look(order_no)).toMatchObject({ exceptions: 1 });
  expect(sumOfAccounts(await booksOf(order_no), 'suspense:')).toBe(fen(amount));
  expect(await resolve(open[0]?.id ?? '', 'attributed')).toMatchObject({ status: 200 });
  const books = await booksOf(order_no);
  expect([sumOfAccounts(books, 'suspense:'), sumOfAccounts(books, '')]).toEqual([0, 0]);
  expect(await look(order_no)).toMatchObject({ exceptions: 0 });
}

/** The exception of a refund of which nobody said how much. */
async function dismissUnknown(order_no: string): Promise<void> {
  const unknown = (await openExceptions(order_no)).filter(({ amount }) => amount === null);
  expect(unknown).toMatchObject([{ kind: 'unknown_refund' }]);
  expect(await resolve(unknown[0]?.id ?? '', 'dismissed')).toMatchObject({ status: 200 });
}

const parts = [
  ['whole', undefined, '10.00', 'refunded'],
  ['in part', 250, '2.50', 'paid'],
] as const;
const cases = providers.flatMap((provider) => parts.map((part) => [provider, ...part] as const));

describe('a refund that the operator makes in the console', () => {
  it.each(cases)('of %s, %s, told after the payment', async (provider, _, amount, text, status) => {
    const order_no = await paidOrder(provider);
    await refundByConsole(provider, order_no, amount);
    await expectAgreement(provider, order_no);
    expect(await look(order_no)).toMatchObject({ status, refunded_amount: text });
    await expectOneResolvable(order_no, 'unknown_refund', text);
    expect(await askRefund(order_no, { amount: 7.51 })).toMatchObject({ status: amount ? 400 : 409 });
  });

  it.each(cases)('of %s, %s, told before the payment', async (provider, _, amount, text, status) => {
    const order_no = await begunOrder(provider);
    await pay(provider, order_no, false);
    const { deliveries } = await refundByConsole(provider, order_no, amount);
    expect((deliveries as { status: number }[]).map((one) => one.status)).toContain(409);
    await pay(provider, order_no);
    await expectAgreement(provider, order_no);
    expect(await look(order_no)).toMatchObject({ status, refunded_amount: text });
    await expectOneResolvable(order_no, 'unknown_refund', text);
  });

  it.each([
    ['alipay', 'whole', undefined, '10.00', 'refunded'],
    ['stripe', 'whole', undefined, '10.00', 'refunded'],
    ['stripe', 'in part', 250, '2.50', 'paid'],
  ] as const)(
    'of %s, %s, of which nobody tells, is found by asking',
    async (provider, _, amount, text, status) => {
      const order_no = await begunOrder(provider);
      await pay(provider, order_no, false);
      await refundByConsole(provider, order_no, amount, false);
      await sweepDue(order_no);
      await expectAgreement(provider, order_no);
      expect(await look(order_no)).toMatchObject({ status, refunded_amount: text });
      await expectOneResolvable(order_no, 'unknown_refund', text);
    },
  );

  it('of WeChat Pay, of which nobody tells, is a payment and an exception that does not say how much', async () => {
    const order_no = await begunOrder('wechat');
    await pay('wechat', order_no, false);
    await refundByConsole('wechat', order_no, 250, false);
    await sweepDue(order_no);
    expect(await look(order_no)).toMatchObject({ status: 'paid', exceptions: 1 });
    const [exception] = await openExceptions(order_no);
    expect(exception).toMatchObject({ kind: 'unknown_refund', amount: null });
    expect(await resolve(exception?.id ?? '', 'attributed')).toMatchObject({ status: 409 });
    await dismissUnknown(order_no);
    // What the bill of its day says is booked then.
    expect(await heldBy('wechat', order_no)).toBe(750);
    expect(sumOfAccounts(await booksOf(order_no), 'provider:')).toBe(1000);
  });

  it.each(providers)('of %s leaves the rest for us to return', async (provider) => {
    const order_no = await paidOrder(provider);
    await refundByConsole(provider, order_no, 250);
    expect(await askRefund(order_no)).toMatchObject({ body: { data: { amount: '7.50' } } });
    await expect.poll(async () => (await look(order_no)).status).toBe('refunded');
    await expectAgreement(provider, order_no);
    await expectOneResolvable(order_no, 'unknown_refund', '2.50');
  });

  it('of Alipay is not taken for one of ours that failed', async () => {
    const order_no = await paidOrder('alipay');
    await refundByConsole('alipay', order_no, 250, false);
    expect(await askRefund(order_no)).toMatchObject({ body: { data: { status: 'failed' } } });
    await refundByConsole('alipay', order_no, 300);
    await expectAgreement('alipay', order_no);
    expect(await look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '5.50' });
  });

  it('of Stripe, while Stripe cannot be asked whose it is, is sent again', async () => {
    const order_no = await paidOrder('stripe');
    await post('/faults', { provider: 'stripe', fault: 'http' });
    const { deliveries } = await refundByConsole('stripe', order_no, 250);
    expect((deliveries as { status: number }[]).map((one) => one.status)).toContain(500);
    await post('/faults', { provider: 'stripe', fault: null });
    await expectAgreement('stripe', order_no);
    await expectOneResolvable(order_no, 'unknown_refund', '2.50');
  });

  it('of Stripe that the bank sends back days later is taken back', async () => {
    const order_no = await paidOrder('stripe');
    const { refund } = await refundByConsole('stripe', order_no, 250);
    await expectAgreement('stripe', order_no);
    await post(`/refunds/stripe/${(refund as { id: string }).id}/fail`);
    await expectAgreement('stripe', order_no);
    expect(await look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '0.00' });
    const open = await openExceptions(order_no);
    expect(open.map(({ kind, amount }) => [kind, amount]).toSorted()).toEqual([
      ['refund_failed', '2.50'],
      ['unknown_refund', '2.50'],
    ]);
    for (const { id } of open) expect(await resolve(id, 'dismissed')).toMatchObject({ status: 200 });
    expect(sumOfAccounts(await booksOf(order_no), 'suspense:')).toBe(0);
  });
});

describe('a refund of ours', () => {
  it.each(
    providers.flatMap((provider) => [[provider, 'balance'] as const, [provider, 'frequency'] as const]),
  )('that %s does not take on for now (%s) stays open, and is asked for again', async (provider, refusal) => {
    const order_no = await paidOrder(provider);
    await post(`/refunds/${provider}`, { refusal });
    expect(await askRefund(order_no)).toMatchObject({ status: 202, body: { data: { status: 'open' } } });
    await sweepDue(order_no);
    expect(await look(order_no)).toMatchObject({ status: 'refunding', exceptions: 0 });
    await post(`/refunds/${provider}`, { refusal: null });
    await sweepDue(order_no);
    await expect.poll(async () => (await look(order_no)).status).toBe('refunded');
    await expectAgreement(provider, order_no);
  });

  it('that the payer’s bank refuses at WeChat Pay waits for a person, who has it repaired', async () => {
    await post('/refunds/wechat', { automatic: false });
    const order_no = await paidOrder('wechat');
    expect(await askRefund(order_no)).toMatchObject({ status: 202 });
    await post(`/refunds/wechat/${order_no}-r1/refuse`);
    expect(await openExceptions(order_no)).toMatchObject([{ kind: 'refund_abnormal', amount: '10.00' }]);
    await post('/refunds/wechat', { automatic: true });
    const repaired = await call('POST', `/api/pay/refunds/${order_no}-r1/repair`, { token });
    expect(repaired).toMatchObject({ status: 202 });
    await expect.poll(async () => (await look(order_no)).status).toBe('refunded');
    await expectAgreement('wechat', order_no);
    expect(await look(order_no)).toMatchObject({ exceptions: 0 });
  });

  it('that Stripe’s payer’s bank sends back is taken back, and asked for anew', async () => {
    const order_no = await paidOrder('stripe');
    await askRefund(order_no, { amount: 4 });
    await expect.poll(async () => (await look(order_no)).refunded_amount).toBe('4.00');
    await post(`/refunds/stripe/${order_no}-r1/fail`);
    await expectAgreement('stripe', order_no);
    expect(await look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '0.00' });
    const [exception] = await openExceptions(order_no);
    expect(exception).toMatchObject({ kind: 'refund_failed', amount: '4.00' });
    expect(await resolve(exception?.id ?? '', 'dismissed')).toMatchObject({ status: 200 });
  });
});

describe('a dispute at Stripe', () => {
  const dispute = (order_no: string, action: string) => post(`/disputes/stripe/${order_no}/${action}`);

  async function disputedOrder(): Promise<string> {
    const order_no = await paidOrder('stripe');
    await dispute(order_no, 'open');
    await dispute(order_no, 'withdraw');
    await expectAgreement('stripe', order_no);
    expect(await heldBy('stripe', order_no)).toBe(-1500);
    const books = await booksOf(order_no);
    expect([sumOfAccounts(books, 'suspense:'), sumOfAccounts(books, 'fees:')]).toEqual([1000, 1500]);
    return order_no;
  }

  it('is told with its reason and its last day, changes no order, and is not returned besides', async () => {
    const order_no = await disputedOrder();
    expect(await look(order_no)).toMatchObject({ status: 'paid', refunded_amount: '0.00', exceptions: 1 });
    const [exception] = await openExceptions(order_no);
    expect(exception).toMatchObject({ kind: 'disputed', amount: '10.00', reason: 'product_not_received' });
    expect(Date.parse(exception?.due_by ?? '')).toBeGreaterThan(Date.now());
    expect(await askRefund(order_no)).toMatchObject({ status: 409 });
    expect(await resolve(exception?.id ?? '', 'attributed')).toMatchObject({ status: 409 });
  });

  it.each([
    ['win', 'reinstate'],
    ['reinstate', 'win'],
  ])('that is won gives the money back, and its fee stays (%s, %s)', async (...actions) => {
    const order_no = await disputedOrder();
    for (const action of actions) await dispute(order_no, action);
    await expectAgreement('stripe', order_no);
    const [exception] = await openExceptions(order_no);
    expect(await resolve(exception?.id ?? '', 'dismissed')).toMatchObject({ status: 200 });
    const books = await booksOf(order_no);
    expect([sumOfAccounts(books, 'suspense:'), sumOfAccounts(books, 'tenant:')]).toEqual([0, -1000]);
    expect((await askRefund(order_no)).status).toBeLessThan(300);
  });

  it('that is lost is its order’s owner’s loss, once a person says so', async () => {
    const order_no = await disputedOrder();
    await dispute(order_no, 'lose');
    await expectAgreement('stripe', order_no);
    expect(await look(order_no)).toMatchObject({ status: 'paid', exceptions: 1 });
    const [exception] = await openExceptions(order_no);
    expect(await resolve(exception?.id ?? '', 'attributed')).toMatchObject({ status: 200 });
    const books = await booksOf(order_no);
    expect([sumOfAccounts(books, 'suspense:'), sumOfAccounts(books, 'tenant:')]).toEqual([0, 0]);
    expect(await askRefund(order_no)).toMatchObject({ status: 409 });
  });

  it('that was its owner’s loss and is given back after all is for people again, who give it to the owner', async () => {
    const order_no = await disputedOrder();
    await dispute(order_no, 'lose');
    const [lost] = await openExceptions(order_no);
    expect(await resolve(lost?.id ?? '', 'attributed')).toMatchObject({ status: 200 });
    expect(await openExceptions(order_no)).toEqual([]);
    await dispute(order_no, 'reinstate');
    await expectAgreement('stripe', order_no);
    expect(sumOfAccounts(await booksOf(order_no), 'suspense:')).toBe(-1000);
    const [again] = await openExceptions(order_no);
    expect(again).toMatchObject({ id: lost?.id, kind: 'disputed' });
    expect(await resolve(again?.id ?? '', 'attributed')).toMatchObject({ status: 200 });
    const books = await booksOf(order_no);
    expect([sumOfAccounts(books, 'suspense:'), sumOfAccounts(books, 'tenant:')]).toEqual([0, -1000]);
  });

  it('that is told of before its payment is told of again', async () => {
    const order_no = await begunOrder('stripe');
    await pay('stripe', order_no, false);
    const { deliveries } = await dispute(order_no, 'open');
    expect(deliveries).toMatchObject([{ status: 409 }]);
    await pay('stripe', order_no);
    await expect.poll(async () => (await look(order_no)).exceptions).toBe(1);
  });
});
