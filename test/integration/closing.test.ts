import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localUser } from '../../infra/local/tokens.ts';
import { isoTime } from '../../lib/io.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';

/** Orders that are given up, by their shops, their buyers or their time, over HTTP; whatever the payer does meanwhile. */

let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
let table: ReturnType<typeof openTable>;
let admin: string;
let user: string;

beforeAll(async () => {
  system = await startTestSystem();
  call = createHttpClient(system.url);
  simulate = createHttpClient(`${system.consoleUrl}/simulator`);
  table = openTable(system);
  admin = system.tokens?.admin ?? '';
  user = system.tokens?.user ?? '';
});
beforeEach(() => fail('wechat', null));
afterAll(() => system?.stop());

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
let lastId = Date.now();

interface Made {
  readonly provider: Provider;
  readonly order_no: string;
  readonly close: () => Promise<ApiAnswer>;
}

/** A checkout whose page the payer has before them. */
async function checkedOut(provider: Provider, body: object = {}): Promise<Made> {
  const made = await call('POST', '/api/pay/checkout', {
    token: admin,
    body: { tenant_id: 7, amount: 10, provider, ...body },
  });
  expect(made).toMatchObject({ status: 201 });
  const { order_no, pay_url } = data(made) as { order_no: string; pay_url: string };
  if (provider !== 'wechat') expect((await fetch(pay_url)).ok).toBe(true);
  return {
    provider,
    order_no,
    close: () => call('POST', `/api/pay/orders/${order_no}/close`, { token: admin }),
  };
}

const pathOf = (order_no: string) => `/v2/orders/${order_no.replace('-', '/')}`;

const handOver = (order_no: string, changes: object = {}) =>
  call('PUT', pathOf(order_no), {
    token: admin,
    body: { user_id: localUser, openid, amount: 10, points: 0, description: '帆布鞋', ...changes },
  });
const askToPay = (order_no: string) => call('POST', `${pathOf(order_no)}/pay`, { token: user });

/** A shop's order that its buyer is about to pay. */
async function shopped(changes: object = {}, asks = true): Promise<Made> {
  lastId += 1;
  const order_no = `mall-${lastId}`;
  expect((await handOver(order_no, changes)).status).toBe(201);
  if (asks) expect(await askToPay(order_no)).toMatchObject({ status: 200 });
  return {
    provider: 'wechat',
    order_no,
    close: () => call('POST', `${pathOf(order_no)}/close`, { token: user }),
  };
}

const pay = ({ provider, order_no }: Made, options: object = {}) =>
  simulate('POST', `/payments/${provider}/${order_no}/pay`, { body: options });

const fail = (provider: Provider, fault: string | null) =>
  simulate('POST', '/faults', { body: { provider, fault } });

const look = async ({ order_no }: Made) =>
  data(await call('GET', `/api/pay/orders/${order_no}`, { token: admin }));

const atProvider = async ({ provider, order_no }: Made) =>
  ((await simulate('GET', `/payments/${provider}/${order_no}`)).body as { payment?: { state: string } })
    .payment?.state;

/** All that an order owes is due, and the sweep sees to it. */
async function sweepDue({ order_no }: Made): Promise<void> {
  for (const item of await table.items({ order_no })) await table.makeDue(item);
  await system.sweep();
}

/** The order's time is over, as far as the books know. */
async function letExpire({ order_no }: Made): Promise<void> {
  const expires_at = isoTime(Date.now() - 1_000);
  for (const { sk } of await table.items({ order_no })) {
    if (sk === 'ORDER') await table.change({ order_no }, { expires_at });
    if (String(sk).startsWith('PAYMENT#')) {
      await table.changePayment({ order_no, n: Number(String(sk).slice('PAYMENT#'.length)) }, { expires_at });
    }
  }
}

/** What the books hold of the order at its provider, and what the provider's account does. */
async function books({ provider, order_no }: Made) {
  const items = await table.items({ order_no });
  const booked = items.reduce((sum, { debit, credit, amount }) => {
    const sign =
      Number(String(debit).startsWith('provider:')) - Number(String(credit).startsWith('provider:'));
    return sum + sign * Number(amount ?? 0);
  }, 0);
  const { movements } = (await simulate('GET', `/accounts/${provider}`)).body as {
    movements: { payment_no: string; amount: number }[];
  };
  const held = movements
    .filter(({ payment_no }) => payment_no === order_no || payment_no.startsWith(`${order_no}-`))
    .reduce((sum, { amount }) => sum + amount, 0);
  return { booked, held };
}

const kinds = ['checkout at wechat', 'checkout at alipay', 'checkout at stripe', 'shop order'] as const;
const make = (kind: (typeof kinds)[number], body: object = {}): Promise<Made> => {
  const provider = providers.find((one) => kind.endsWith(one));
  return provider ? checkedOut(provider, body) : shopped(body);
};

describe('an order that is given up', () => {
  it.each(kinds)('is closed at its provider first: %s', async (kind) => {
    const made = await make(kind);
    expect(await made.close()).toMatchObject({ status: 200 });
    expect(await look(made)).toMatchObject({ status: 'closed' });
    expect(await atProvider(made)).toBe('closed');
    expect((await made.close()).status).toBe(200);
    expect((await pay(made)).status).toBe(409);
  });

  it('has no payment yet', async () => {
    const made = await shopped({}, false);
    expect((await made.close()).status).toBe(200);
    expect((await askToPay(made.order_no)).status).toBe(400);
  });

  it.each(kinds)('is not, once it is paid: %s', async (kind) => {
    const made = await make(kind);
    await pay(made);
    expect((await made.close()).status).toBe(409);
    expect(await look(made)).toMatchObject({ status: 'paid' });
  });

  it.each(kinds)('is paid instead, where nobody has told of it: %s', async (kind) => {
    const made = await make(kind);
    await pay(made, { deliver: false });
    expect((await made.close()).status).toBe(409);
    expect(await look(made)).toMatchObject({ status: 'paid' });
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
  });

  it.each(kinds)('keeps what is paid all the same in suspense, and people are told: %s', async (kind) => {
    const made = await make(kind);
    await made.close();
    await pay(made, { late: true });
    expect(await look(made)).toMatchObject({ status: 'closed', exceptions: 1 });
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
    await expect
      .poll(async () => JSON.stringify((await simulate('GET', '/wecom/messages')).body), { timeout: 90_000 })
      .toContain(made.order_no);
  });

  it('is its owner’s alone', async () => {
    const made = await shopped({ user_id: 'somebody-else' }, false);
    expect((await made.close()).status).toBe(404);
    expect(await look(made)).toMatchObject({ status: 'pending' });
    expect((await call('POST', `/api/pay/orders/${made.order_no}/close`, { token: user })).status).toBe(403);
    expect((await call('POST', `/api/pay/orders/${made.order_no}/close`)).status).toBe(401);
  });
});

describe('an order whose time is over', () => {
  it.each(kinds)('is closed, and with it its payment: %s', async (kind) => {
    const made = await make(kind);
    await letExpire(made);
    await sweepDue(made);
    expect(await look(made)).toMatchObject({ status: 'closed' });
    // Alipay's and Stripe's own clocks say so, or they were told.
    expect(await atProvider(made)).toBe('closed');
    expect((await pay(made)).status).toBe(409);
  });

  it('is closed without a payment', async () => {
    const made = await shopped({ expires_at: isoTime(Date.now() + 3_600_000) }, false);
    await letExpire(made);
    await sweepDue(made);
    expect(await look(made)).toMatchObject({ status: 'closed' });
  });

  it.each(kinds)('is paid where it was paid in time, and nobody told of it: %s', async (kind) => {
    const made = await make(kind);
    await pay(made, { deliver: false });
    await letExpire(made);
    await sweepDue(made);
    expect(await look(made)).toMatchObject({ status: 'paid' });
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
  });

  it('gives its payments no longer than it has', async () => {
    const expires_at = isoTime(Date.now() + 600_000);
    const shop = await shopped({ expires_at });
    const tenant = await checkedOut('wechat', { expires_in: 600 });
    for (const made of [shop, tenant]) {
      const { payment } = (await simulate('GET', `/payments/wechat/${made.order_no}`)).body as {
        payment: { expires_at: string };
      };
      const ahead = Date.parse(payment.expires_at) - Date.now();
      expect(ahead).toBeLessThanOrEqual(600_000);
      expect(ahead).toBeGreaterThan(480_000);
    }
  });

  it('cannot be handed over', async () => {
    lastId += 1;
    const answer = await handOver(`mall-${lastId}`, { expires_at: isoTime(Date.now() - 1_000) });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('expires_at');
  });
});

describe('closing against paying', () => {
  const rounds = kinds.flatMap((kind) => [0, 1, 2, 3, 4, 5, 6, 7].map((round) => [kind, round] as const));

  it.each(rounds)('ends in one of both, and no money is lost: %s, round %i', async (kind, round) => {
    const made = await make(kind);
    const steps = [
      () => made.close(),
      () => pay(made, { times: 1 + (round % 2), late: round >= 4 }),
      ...(round % 4 === 3 ? [() => made.close()] : []),
    ];
    const [closed] = await Promise.all((round % 2 === 0 ? steps : steps.toReversed()).map((step) => step()));
    expect(closed?.status).toBeLessThan(500);
    await sweepDue(made);
    const [{ status }, { booked, held }] = [await look(made), await books(made)];
    expect(booked).toBe(held);
    expect([0, 1000]).toContain(held);
    expect(['closed', 'paid']).toContain(status);
    if (status === 'paid') expect(held).toBe(1000);
    if (held === 1000 && status === 'closed') expect(await look(made)).toMatchObject({ exceptions: 1 });
  });
});

describe('what a provider refuses', () => {
  /** Asks for payment until there is one, and pays what it is given. */
  async function payWhatIsGiven(made: Made): Promise<void> {
    expect(await askToPay(made.order_no)).toMatchObject({ status: 200 });
    const { payments } = (await simulate('GET', '/payments')).body as {
      payments: { payment_no: string; state: string }[];
    };
    const open = payments.filter(
      ({ payment_no, state }) => payment_no.startsWith(made.order_no) && state === 'open',
    );
    expect(open).toHaveLength(1);
    await simulate('POST', `/payments/wechat/${open[0]?.payment_no}/pay`, { body: {} });
  }

  it('a number that is closed there is left for another', async () => {
    const made = await shopped();
    await simulate('POST', `/payments/wechat/${made.order_no}/close`, { body: {} });
    await handOver(made.order_no, { amount: 10 });
    for (const { sk } of await table.items(made)) {
      if (String(sk).startsWith('PAYMENT#')) await table.changePayment(made, { handed_out: null });
    }
    await payWhatIsGiven(made);
    expect(await look(made)).toMatchObject({ status: 'paid' });
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
  });

  it('a number that is paid there is paid here', async () => {
    const made = await shopped();
    await pay(made, { deliver: false });
    await table.changePayment(made, { handed_out: null });
    const answer = await askToPay(made.order_no);
    expect(answer.status).toBe(400);
    expect(await look(made)).toMatchObject({ status: 'paid' });
    await pay(made);
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
  });

  it('SYSTEM_ERROR to a closing leaves the order to be paid or closed', async () => {
    const [paid, closed] = [await shopped(), await shopped()];
    await fail('wechat', 'http');
    expect((await paid.close()).status).toBeGreaterThanOrEqual(500);
    expect((await closed.close()).status).toBeGreaterThanOrEqual(500);
    await fail('wechat', null);
    await pay(paid);
    expect(await look(paid)).toMatchObject({ status: 'paid' });
    expect((await closed.close()).status).toBe(200);
    expect(await books(paid)).toEqual({ booked: 1000, held: 1000 });
  });

  it.each(['http', 'lose_answers'])('%s to a payment leaves the order to be paid once', async (fault) => {
    const made = await shopped({}, false);
    await fail('wechat', fault);
    expect((await askToPay(made.order_no)).status).toBeGreaterThanOrEqual(500);
    await fail('wechat', null);
    await payWhatIsGiven(made);
    expect(await look(made)).toMatchObject({ status: 'paid' });
    expect(await books(made)).toEqual({ booked: 1000, held: 1000 });
  });

  it('a closing whose answer is lost is closed by the next', async () => {
    const made = await shopped();
    await fail('wechat', 'lose_answers');
    expect((await made.close()).status).toBeGreaterThanOrEqual(500);
    await fail('wechat', null);
    expect(await atProvider(made)).toBe('closed');
    expect((await made.close()).status).toBe(200);
    expect(await look(made)).toMatchObject({ status: 'closed' });
  });
});
