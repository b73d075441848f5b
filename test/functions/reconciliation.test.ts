import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';
import { SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { create as createList } from '../../functions/list-reconciliations.ts';
import { create as createReconcile } from '../../functions/reconcile.ts';
import { create as createSendDigest } from '../../functions/send-digest.ts';
import { create as createStart } from '../../functions/start-reconciliation.ts';
import { systemIo } from '../../lib/io.ts';
import { exceptionOnce } from '../../lib/orders/exception.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import type { DayResult, MerchantDay } from '../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../lib/reconciliation/tally.ts';
import { createRuntime, type Runtime } from '../../lib/runtime.ts';
import { createMerchantStore, listDays, readDays } from '../../lib/store/merchant-store.ts';
import { putTenant } from '../../lib/store/tenant-store.ts';
import { paidPayment, tenantOrder } from '../support/orders.ts';
import { createParties } from '../support/parties.ts';
import { useStore } from '../support/store.ts';

const store = useStore();
const { documents, merchants, wechat } = createParties();
const merchant = { provider: 'stripe', merchant: merchants.stripe } as const;
// Past 10 o'clock in Beijing, past 6 o'clock in UTC.
let now = Date.parse('2026-11-22T08:00:00.000Z');
let lines: Record<string, unknown>[] = [];
let told: string[] = [];
/** What the providers answer. */
let answer: (url: URL) => Response;
let available: Record<string, unknown> = {};

beforeEach(() => {
  now = Date.parse('2026-11-22T08:00:00.000Z');
  lines = [];
  told = [];
  answer = () =>
    Response.json({ object: 'list', url: '/v1/balance_transactions', data: [], has_more: false });
  available = {
    ...documents,
    wecom: { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k' },
  };
});

const fetch: typeof globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.pathname === '/cgi-bin/webhook/send') {
    told.push(JSON.parse(String(init?.body)).markdown.content);
    return Response.json({ errcode: 0 });
  }
  return answer(url);
};

const runtime = (name: string): Runtime =>
  createRuntime(name, {
    environment: {
      tableName: store.context.tableName,
      stage: 'test',
      publicUrl: 'https://pay.example.com',
      orderPrefix: '',
      returnHosts: [],
      shipping: null,
    },
    io: { ...systemIo, now: () => now, fetch },
    client: store.context.client,
    readDocument: async (document) => JSON.stringify(available[document]) ?? null,
    writeLine: (line) => lines.push(JSON.parse(line)),
  });

const contextWith = (remaining_ms = 900_000) =>
  ({ awsRequestId: 'request-1', getRemainingTimeInMillis: () => remaining_ms }) as Context;

const event = (...bodies: readonly unknown[]) =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  }) as SQSEvent;

const sent: object[] = [];
const send = async (message: object) => void sent.push(message);

const chargeOf = ({ payment_no, amount, currency }: Payment, metadata = {}) => ({
  id: `txn_${payment_no}`,
  object: 'balance_transaction',
  type: 'charge',
  created: Date.parse('2026-11-20T10:00:00Z') / 1000,
  currency: 'usd',
  fee: 58,
  source: {
    object: 'charge',
    status: 'succeeded',
    payment_intent: `pi_${payment_no}`,
    amount,
    currency: currency.toLowerCase(),
    metadata: { order_no: payment_no, ...metadata },
  },
});

async function paid(): Promise<Payment> {
  const order = tenantOrder({ status: 'paid', paid_by: 1 });
  const record = paidPayment(order, { merchant: merchants.stripe, transaction_id: `pi_${order.order_no}` });
  await store.put({ put: 'order', record: order }, { put: 'payment', record });
  return record;
}

const result = (day: string, changes: Partial<DayResult>): DayResult => ({
  ...{ ...merchant, day, ...emptyTally() },
  ...{ state: 'agreed', version: 1, runs: 1, position: null },
  started_at: '2026-11-22T07:00:00.000Z',
  finished_at: '2026-11-22T07:00:01.000Z',
  ...changes,
});

const keep = async (day: string, changes: Partial<DayResult>) => {
  const stored = result(day, changes);
  const [before] = await readDays(store.context, [stored]);
  const version = before?.version ?? 0;
  await createMerchantStore(store.context).days.write({ ...stored, version: version + 1 }, version);
};

describe('start-reconciliation', () => {
  const start = async () => {
    sent.length = 0;
    await createStart(runtime('start-reconciliation'), send)({}, contextWith());
    return sent as { provider: string; merchant: string; day: string }[];
  };

  it('asks for the days of a week whose bill is there and that have no result', async () => {
    await keep('2026-11-19', { state: 'differs' });
    await keep('2026-11-20', { state: 'late', finished_at: null });
    const asked = await start();
    const days = (provider: string) => asked.filter((one) => one.provider === provider).map(({ day }) => day);
    const week = ['15', '16', '17', '18', '19', '20', '21'].map((day) => `2026-11-${day}`);
    expect(days('wechat')).toEqual(week);
    expect(days('alipay')).toEqual(week);
    expect(days('stripe')).toEqual(week.filter((day) => day !== '2026-11-19'));
    expect(asked.at(-1)).toEqual({ ...merchant, day: '2026-11-21' });
    now = Date.parse('2026-11-22T01:30:00.000Z');
    expect((await start()).filter(({ provider }) => provider === 'wechat').at(-1)?.day).toBe('2026-11-20');
  });

  it('asks for what was reconciled last at a provider that was dropped, and for nothing where nothing was', async () => {
    await keep('2026-11-19', {});
    available = { wechat: documents.wechat };
    const asked = await start();
    const days = (provider: string) => asked.filter((one) => one.provider === provider);
    expect(days('stripe').map(({ day }) => day)).toContain('2026-11-21');
    expect(new Set(days('stripe').map(({ merchant: of }) => of))).toEqual(new Set([merchant.merchant]));
    expect(days('alipay')).toEqual([]);
  });

  it('skips a provider that has no document, and lets one that is refused hold up no other', async () => {
    available = { alipay: {}, stripe: documents.stripe };
    await expect(start()).rejects.toThrow(expect.objectContaining({ name: 'DocumentError' }));
    expect(new Set((sent as { provider: string }[]).map(({ provider }) => provider))).toEqual(
      new Set(['stripe']),
    );
    expect(lines).toContainEqual(expect.objectContaining({ provider: 'alipay', outcome: 'failed' }));
  });
});

describe('reconcile', () => {
  const reconcile = (messages: SQSEvent, remaining_ms?: number) => {
    sent.length = 0;
    return createReconcile(runtime('reconcile'), send)(messages, contextWith(remaining_ms));
  };
  const outcomes = () =>
    lines.filter(({ message }) => message === 'reconciliation').map(({ outcome }) => outcome);

  it('reconciles the day that a message names, once', async () => {
    const payment = await paid();
    answer = () => Response.json({ object: 'list', data: [chargeOf(payment)], has_more: false });
    const day = { ...merchant, day: '2026-11-16' };
    expect(await reconcile(event(day, day))).toEqual({ batchItemFailures: [] });
    expect(outcomes()).toEqual(['agreed', 'known']);
    expect(lines).toContainEqual(expect.objectContaining({ ...day, outcome: 'agreed', DayReconciled: 1 }));
    expect(await readDays(store.context, [day])).toMatchObject([
      { state: 'agreed', rows: 1, agreed: 1, fees: { payment: { USD: 58_000 } } },
    ]);
  });

  it('sends itself what there was no time for', async () => {
    const payments = [await paid(), await paid()];
    answer = () =>
      Response.json({ object: 'list', data: payments.map((one) => chargeOf(one)), has_more: false });
    const day = { ...merchant, day: '2026-11-17' };
    expect(await reconcile(event(day), 59_000)).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([day]);
    expect(outcomes()).toEqual(['stopped']);
    await reconcile(event(...sent));
    expect(sent).toEqual([]);
    expect(await readDays(store.context, [day])).toMatchObject([
      { state: 'agreed', rows: 2, agreed: 2, runs: 2 },
    ]);
  });

  it('reports the messages that failed, and those alone', async () => {
    answer = (url) => {
      const isDown = url.searchParams.get('created[gte]') === String(Date.parse('2026-11-18') / 1000);
      return isDown
        ? new Response('', { status: 500 })
        : Response.json({ object: 'list', data: [], has_more: false });
    };
    const days = ['2026-11-18', '2026-11-15'].map((day) => ({ ...merchant, day }));
    expect(await reconcile(event('{', { ...merchant, day: '2026-02-30' }, ...days))).toEqual({
      batchItemFailures: [0, 1, 2].map((index) => ({ itemIdentifier: `message-${index}` })),
    });
    expect(outcomes()).toEqual(['failed', 'failed', 'failed', 'agreed']);
  });

  it('leaves a day of a merchant that is not configured any more', async () => {
    const day = { ...merchant, merchant: 'acct_other.test', day: '2026-11-15' };
    expect(await reconcile(event(day))).toEqual({ batchItemFailures: [] });
    expect(outcomes()).toEqual(['merchant_missing']);
    expect(await readDays(store.context, [day])).toMatchObject([{ state: 'late', finished_at: null }]);
  });

  it('waits for a bill that is not there yet', async () => {
    const day = { provider: 'wechat', merchant: merchants.wechat, day: '2026-11-21' };
    answer = () => {
      const { headers, body } = wechat.signText('{"code":"STATEMENT_CREATING"}', now);
      return new Response(body, { status: 400, headers: headers as Record<string, string> });
    };
    expect(await reconcile(event(day))).toEqual({ batchItemFailures: [] });
    expect(outcomes()).toEqual(['late']);
  });
});

describe('send-digest', () => {
  const sendDigest = () => createSendDigest(runtime('send-digest'))({}, contextWith());

  it('tells what is open, by when disputes must be answered, and which days differ, once', async () => {
    const payment = await paid();
    const order = tenantOrder({ order_no: payment.order_no });
    const recorded = Date.parse('2026-11-15T08:00:00Z');
    const subjects = [
      { kind: 'paid_twice', payment_no: payment.payment_no, provider: 'stripe' },
      { kind: 'disputed', refund_no: 'du_1', provider: 'stripe', due_by: '2026-11-30T00:00:00.000Z' },
    ] as const;
    const puts = subjects.flatMap((subject) => exceptionOnce({ order, exceptions: [] }, subject, recorded));
    await store.put(...puts);
    const differences = { ...emptyTally().differences, other_amount: 2 };
    await keep('2026-11-21', { state: 'differs', differences, finished_at: '2026-11-22T07:30:00.000Z' });
    await keep('2026-11-20', { state: 'late', started_at: '2026-11-18T00:00:00.000Z', finished_at: null });
    await sendDigest();
    const [message = ''] = told;
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
    expect(message).toContain('重复收款 1 笔，最早 7 天前');
    expect(message).toContain(`\`${payment.order_no}\` 争议须在 2026-11-30 08:00:00（北京时间） 前举证`);
    expect(message).toContain(`\`${merchants.stripe}\` 2026-11-21 与账单金额不符 2`);
    expect(message).toContain(`\`${merchants.stripe}\` 2026-11-20 账单未出`);
    expect(lines).toContainEqual(
      expect.objectContaining({
        ...{ message: 'digest', outcome: 'delivered' },
        ...{ ExceptionOverdue: 1, ReconciliationDiffers: expect.any(Number), ReconciliationLate: 1 },
      }),
    );
    now += 60_000;
    await sendDigest();
    expect(told[1]).not.toContain('与账单金额不符');
  });

  it('is not taken for sent when the group was not told', async () => {
    now += 120_000;
    await keep('2026-11-21', { state: 'differs', finished_at: new Date(now - 1).toISOString() });
    const wecom = available['wecom'];
    available = { ...available, wecom: { webhook_url: '' } };
    await expect(sendDigest()).rejects.toThrow();
    expect(lines).toContainEqual(
      expect.objectContaining({ outcome: 'not_delivered', NotificationFailed: 1 }),
    );
    available = { ...available, wecom };
    await sendDigest();
    expect(told.join()).toContain('2026-11-21');
  });

  it('is told nobody where the stage has no group, and is not owed later', async () => {
    now += 180_000;
    await keep('2026-11-21', { state: 'differs', finished_at: new Date(now - 1).toISOString() });
    const { wecom, ...others } = available;
    available = others;
    await sendDigest();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'INFO', message: 'digest', outcome: 'nobody_to_tell' }),
    );
    available = { ...others, wecom };
    now += 60_000;
    await sendDigest();
    expect(told.join()).toContain('0 天不符');
  });

  it('tells of a day of China that was reconciled by hand while by UTC it is the day before', async () => {
    now = Date.parse('2026-11-22T16:30:00.000Z');
    const differences = { ...emptyTally().differences, missing_there: 3 };
    const finished_at = '2026-11-22T16:20:00.000Z';
    const today = { provider: 'wechat', merchant: merchants.wechat, state: 'differs' } as const;
    await keep('2026-11-23', { ...today, differences, finished_at });
    await sendDigest();
    expect(told[0]).toContain(`\`${merchants.wechat}\` 2026-11-23 账本有账单无 3`);
  });
});

it('lists days by provider, the newest first, page by page', async () => {
  const query = {
    providers: ['stripe'],
    merchants: null,
    from: '2026-11-15',
    to: '2026-11-21',
    limit: 3,
  } as const;
  const first = await listDays(store.context, { ...query, after: null });
  expect(first.items.map(({ day }) => day)).toEqual(['2026-11-21', '2026-11-20', '2026-11-19']);
  const second = await listDays(store.context, { ...query, after: first.next });
  expect(second.items.map(({ day }) => day)).toEqual(['2026-11-18', '2026-11-17', '2026-11-16']);
  const other = await listDays(store.context, { ...query, providers: ['alipay'], after: null });
  expect(other).toEqual({ items: [], next: null });
});

describe('list-reconciliations', () => {
  const auth = {
    issuer: 'https://login.test',
    audience: 'settle',
    hs256_secret: 'a-secret-of-32-bytes-at-the-least',
  };
  const tokenWith = (claims: Readonly<Record<string, string | number>>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('admin-1')
      .setIssuer(auth.issuer)
      .setAudience(auth.audience)
      .setIssuedAt(now / 1000)
      .setExpirationTime(now / 1000 + 60)
      .sign(Buffer.from(auth.hs256_secret));

  async function list(
    claims: Readonly<Record<string, string | number>>,
    query: Readonly<Record<string, string>> = {},
  ) {
    available = { auth };
    const request = {
      headers: { authorization: `Bearer ${await tokenWith(claims)}` },
      queryStringParameters: query,
    } as Partial<APIGatewayProxyEventV2> as APIGatewayProxyEventV2;
    const { statusCode, body } = await createList(runtime('list-reconciliations'))(request, contextWith());
    return { statusCode, data: JSON.parse(body).data };
  }

  it("shows an admin the days of the stage's merchants", async () => {
    const { statusCode, data } = await list(
      { role: 'admin' },
      { provider: 'stripe', from: '2026-11-16', to: '2026-11-17' },
    );
    expect(statusCode).toBe(200);
    expect(data).toMatchObject({
      reconciliations: [
        { ...merchant, day: '2026-11-17', state: 'agreed', rows: 2 },
        {
          ...merchant,
          day: '2026-11-16',
          state: 'agreed',
          fees: [{ kind: 'payment', currency: 'USD', amount: '0.58000' }],
        },
      ],
      cursor: null,
    });
  });

  it("shows a tenant the days of its own merchants, of before too, and nobody else's", async () => {
    const [own, former] = ['acct_7Settle7.test', 'acct_6Settle6.test'];
    const days = [own, former, 'acct_8Settle8.test'].map((name) => ({ ...merchant, merchant: name }));
    for (const name of days) {
      const day = { ...result('2026-11-17', {}), ...name, version: 1 };
      await createMerchantStore(store.context).days.write(day, 0);
    }
    await putTenant(store.context, {
      ...{ tenant_id: 7, paid_to: 'own' },
      merchants: { stripe: [own, former], alipay: ['2021.2088'] },
    });
    const week = { from: '2026-11-16', to: '2026-11-17' };
    const { data } = await list({ role: 'admin', tenant_id: 7 }, week);
    const shown = data.reconciliations.map((day: MerchantDay) => [day.merchant, day.day]);
    expect(shown.toSorted()).toEqual([former, own].map((name) => [name, '2026-11-17']));
    const { data: none } = await list({ role: 'admin', tenant_id: 7 }, { ...week, provider: 'alipay' });
    expect(none.reconciliations).toEqual([]);
    const { data: all } = await list({ role: 'admin' }, { ...week, provider: 'stripe' });
    expect(all.reconciliations).toHaveLength(5);
  });

  it('shows a tenant that nobody registered none of them, and others nothing', async () => {
    expect(await list({ role: 'admin', tenant_id: 9 })).toEqual({
      statusCode: 200,
      data: { reconciliations: [], cursor: null },
    });
    expect((await list({ role: 'user' })).statusCode).toBe(403);
    expect((await list({ role: 'admin' }, { form: '2026-11-16' })).statusCode).toBe(400);
  });
});
