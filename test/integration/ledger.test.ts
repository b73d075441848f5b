import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

const secret = 'integration-secret-of-32-bytes-or-more';
const auth = { issuer: 'https://issuer.test', audience: 'settle', hs256_secret: secret };
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
/** Of the document that the local system generates. */
const mchid = '1900000001';
let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
let orders: string[] = [];

/** Tenant 7: an order of 10.01 that is paid, a second payment for it, an order of 10.02 and a wrong amount for one. */
beforeAll(async () => {
  system = await startTestSystem({ documents: { auth } });
  call = createHttpClient(system.url);
  simulate = createHttpClient(system.consoleUrl);
  orders = [
    await newOrder(7, 10.01),
    await newOrder(7, 10.02),
    await newOrder(7, 10.03),
    await newOrder(8, 20),
  ];
  const [first = '', second = '', third = '', others = ''] = orders;
  await notify(first, 'T1', '10.01');
  await notify(first, 'T2', '10.01');
  await notify(second, 'T3', '10.02');
  await notify(third, 'T4', '0.01');
  await notify(others, 'T5', '20.00');
  await notify(others, 'T6', '20.00');
});
afterAll(() => system?.stop());

const token = (claims: Record<string, unknown> = {}) =>
  new SignJWT({ sub: 'admin-1', role: 'admin', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime('1h')
    .sign(Buffer.from(secret));

async function newOrder(tenant_id: number, amount: number): Promise<string> {
  const body = { tenant_id, amount, provider: 'wechat' };
  const made = await call('POST', '/api/pay/checkout', { token: await token(), body });
  return String(data(made)['order_no']);
}

const notify = (order_no: string, txn_id: string, amount: string) =>
  simulate('POST', '/simulator/flat/wechat', { body: { order_no, txn_id, amount, status: 'succeeded' } });

const get = async (path: string, claims = {}) => call('GET', path, { token: await token(claims) });
const data = (answer: ApiAnswer) => (answer.body as { data: Record<string, unknown> }).data;
const listOf = (answer: ApiAnswer, name: string) => data(answer)[name] as Record<string, unknown>[];
const refusal = (status: number, msg: unknown) => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: { code: status, msg, data: null },
});

describe('GET /api/pay/ledger/{account}', () => {
  it("shows an account's entries in the order of time, and the sums", async () => {
    const entry = (order_no: unknown, amount: string, transaction_id: string) => ({
      order_no,
      kind: 'payment',
      debit: `provider:wechat.${mchid}`,
      credit: 'tenant:7',
      amount,
      currency: 'CNY',
      provider: 'wechat',
      merchant: mchid,
      transaction_id,
      booked_at: instant,
    });
    expect(await get('/api/pay/ledger/tenant:7')).toEqual({
      status: 200,
      contentType: 'application/json; charset=utf-8',
      body: {
        code: 0,
        msg: '成功',
        data: {
          account: 'tenant:7',
          from: instant,
          to: instant,
          entries: [entry(orders[0], '10.01', 'T1'), entry(orders[1], '10.02', 'T3')],
          sums: [{ currency: 'CNY', debit: '0.00', credit: '20.03' }],
          days: [{ from: instant, sums: [{ currency: 'CNY', debit: '0.00', credit: '20.03' }] }],
          cursor: null,
        },
      },
    });
  });

  it.each([
    [`provider%3Awechat.${mchid}`, '70.04', '0.00', 5],
    [`suspense:wechat.${mchid}`, '0.00', '30.01', 2],
    ['provider:wechat.another', undefined, undefined, 0],
    ['tenant:8', '0.00', '20.00', 1],
  ])(
    'has the other side, and money that no order accounts for: %s',
    async (account, debit, credit, count) => {
      const answer = await get(`/api/pay/ledger/${account}`);
      expect(listOf(answer, 'sums')).toEqual(count > 0 ? [{ currency: 'CNY', debit, credit }] : []);
      expect(listOf(answer, 'entries')).toHaveLength(count);
    },
  );

  it('is empty for an account that nothing was booked to', async () => {
    expect(data(await get('/api/pay/ledger/shop:mall'))).toMatchObject({
      entries: [],
      sums: [],
      cursor: null,
    });
  });

  it('goes on from page to page, with the sums on the first', async () => {
    const transactions: unknown[] = [];
    const sums: unknown[] = [];
    let query = '?limit=2';
    while (query) {
      const answer = await get(`/api/pay/ledger/provider:wechat.${mchid}${query}`);
      transactions.push(...listOf(answer, 'entries').map(({ transaction_id }) => transaction_id));
      sums.push(data(answer)['sums']);
      const { cursor } = data(answer);
      query = cursor === null ? '' : `?limit=2&cursor=${cursor}`;
    }
    expect(transactions).toEqual(['T1', 'T2', 'T3', 'T5', 'T6']);
    expect(sums).toEqual([[{ currency: 'CNY', debit: '70.04', credit: '0.00' }], null, null]);
  });

  it('keeps to the period', async () => {
    const all = listOf(await get('/api/pay/ledger/tenant:7'), 'entries');
    const time = String(all[1]?.['booked_at']);
    const from = await get(`/api/pay/ledger/tenant:7?from=${time}`);
    const to = await get(`/api/pay/ledger/tenant:7?to=${time}`);
    expect(listOf(from, 'entries')).toEqual(all.slice(1));
    expect(listOf(to, 'entries')).toEqual(all.slice(0, 1));
    expect(listOf(to, 'sums')).toEqual([{ currency: 'CNY', debit: '0.00', credit: '10.01' }]);
  });

  it.each([
    ['account', 'tenant:07', ''],
    ['account', 'shop:none', ''],
    ['account', '__proto__', ''],
    ['account', 'provider:wechat', ''],
    ['account', 'provider:unionpay.1', ''],
    ['account', `provider:wechat.${mchid}%230`, ''],
    ['account', 'tenant:7%00', ''],
    ['from', 'tenant:7', '?from=yesterday'],
    ['from', 'tenant:7', '?from='],
    ['from', 'tenant:7', '?from=2026-02-30'],
    ['from', 'tenant:7', '?from=2026-11-22T00:00:00%2B08:00'],
    ['from', 'tenant:7', '?from=2026-11-01&from=2026-11-02'],
    ['from', 'tenant:7', '?from=2026-11-02&to=2026-11-02'],
    ['from', 'tenant:7', '?from=2026-10-01&to=2026-11-02'],
    ['to', 'tenant:7', '?to=1763798400'],
    ['limit', 'tenant:7', '?limit=0'],
    ['limit', 'tenant:7', '?limit=101'],
    ['limit', 'tenant:7', '?limit=1e1'],
    ['limit', 'tenant:7', '?limit='],
    ['cursor', 'tenant:7', '?cursor='],
    ['cursor', 'tenant:7', '?cursor=bm9uc2Vuc2U'],
  ])('names %s when it is wrong: %s%s', async (field, account, query) => {
    expect(await get(`/api/pay/ledger/${account}${query}`)).toEqual(
      refusal(400, expect.stringMatching(new RegExp(`^${field} `))),
    );
  });

  it('is for admins, and for tenants only their own', async () => {
    expect(await call('GET', '/api/pay/ledger/tenant:7')).toEqual(refusal(401, '用户未认证'));
    const forbidden = refusal(403, '无权访问');
    expect(await get('/api/pay/ledger/tenant:7', { role: 'user' })).toEqual(forbidden);
    for (const account of ['shop:mall', `provider:wechat.${mchid}`, `suspense:wechat.${mchid}`]) {
      expect(await get(`/api/pay/ledger/${account}`, { tenant_id: 7 })).toEqual(forbidden);
    }
    // There is an order of tenant 8, and nothing of tenant 70.
    for (const account of ['tenant:8', 'tenant:70']) {
      expect(await get(`/api/pay/ledger/${account}`, { tenant_id: 7 })).toEqual(refusal(404, '账户不存在'));
    }
    expect(listOf(await get('/api/pay/ledger/tenant:7', { tenant_id: 7 }), 'entries')).toHaveLength(2);
  });
});

describe('GET /api/pay/exceptions', () => {
  const transactions = (answer: ApiAnswer) =>
    listOf(answer, 'exceptions').map(({ transaction_id }) => transaction_id);

  it('lists them, newest first', async () => {
    const answer = await get('/api/pay/exceptions');
    expect(answer.status).toBe(200);
    expect(data(answer)['cursor']).toBeNull();
    expect(transactions(answer)).toEqual(['T6', 'T4', 'T2']);
    expect(listOf(answer, 'exceptions')[1]).toEqual({
      id: expect.stringMatching(/^[\w-]+$/),
      order_no: orders[2],
      payment_no: orders[2],
      kind: 'mismatch',
      state: 'open',
      provider: 'wechat',
      merchant: mchid,
      transaction_id: 'T4',
      refund_no: null,
      fields: ['amount'],
      amount: '0.01',
      currency: 'CNY',
      reason: null,
      due_by: null,
      recorded_at: instant,
      resolutions: ['attributed', 'returned', 'written_off', 'dismissed'],
      resolved: null,
    });
  });

  it('goes on from page to page', async () => {
    const first = await get('/api/pay/exceptions?limit=2');
    expect(transactions(first)).toEqual(['T6', 'T4']);
    const second = await get(`/api/pay/exceptions?limit=2&cursor=${data(first)['cursor']}`);
    expect(transactions(second)).toEqual(['T2']);
    expect(data(second)['cursor']).toBeNull();
  });

  it('lists one kind, or those of one tenant', async () => {
    expect(transactions(await get('/api/pay/exceptions?kind=paid_twice'))).toEqual(['T6', 'T2']);
    expect(transactions(await get('/api/pay/exceptions', { tenant_id: 7 }))).toEqual(['T4', 'T2']);
    expect(transactions(await get('/api/pay/exceptions?kind=mismatch', { tenant_id: 8 }))).toEqual([]);
    expect(transactions(await get('/api/pay/exceptions', { tenant_id: 9 }))).toEqual([]);
  });

  it('is for admins', async () => {
    expect(await call('GET', '/api/pay/exceptions')).toEqual(refusal(401, '用户未认证'));
    expect(await get('/api/pay/exceptions', { role: 'user' })).toEqual(refusal(403, '无权访问'));
  });

  it.each([
    ['kind', '?kind=other'],
    ['kind', '?kind=constructor'],
    ['kind', '?kind='],
    ['limit', '?limit=-1'],
    ['limit', '?limit=01'],
    ['cursor', '?cursor=x'],
    ['cursor', `?cursor=${Buffer.from('["2026-11-22","k"]').toString('base64url')}`],
  ])('names %s when it is wrong: %s', async (field, query) => {
    expect(await get(`/api/pay/exceptions${query}`)).toEqual(
      refusal(400, expect.stringMatching(new RegExp(`^${field} `))),
    );
  });
});
