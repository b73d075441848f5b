import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../infra/endpoints.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

const secret = 'integration-secret-of-32-bytes-or-more';
const auth = { issuer: 'https://issuer.test', audience: 'settle', hs256_secret: secret };
let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let simulate: ReturnType<typeof createHttpClient>;
let lastId = 0;

beforeAll(async () => {
  system = await startTestSystem({ documents: { auth } });
  call = createHttpClient(system.url);
  simulate = createHttpClient(system.consoleUrl);
});
afterAll(() => system?.stop());

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** A token as its issuer gives it, but for the claims that are named. */
const token = (claims: Record<string, unknown> = {}, key = secret) =>
  new SignJWT({
    ...{ iss: auth.issuer, aud: auth.audience, exp: inSeconds(3_600), sub: 'user-1', role: 'user' },
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(key));
const admin = (claims = {}) => token({ sub: 'admin-1', role: 'admin', ...claims });

const order = (changes: Record<string, unknown> = {}) => ({
  user_id: 'user-1',
  openid: 'openid-1',
  amount: 19.99,
  points: 0,
  description: '苹果',
  ...changes,
});
const checkout = (changes: Record<string, unknown> = {}) => ({
  tenant_id: 7,
  amount: 19.99,
  provider: 'alipay',
  ...changes,
});

async function newOrder(kind: 'mall' | 'meal', changes = {}): Promise<string> {
  const path = `/v2/orders/${kind}/${++lastId}`;
  expect(await call('PUT', path, { token: await admin(), body: order(changes) })).toMatchObject({
    status: 201,
  });
  return path;
}

const data = (answer: ApiAnswer) => (answer.body as { data: Record<string, unknown> }).data;
const json = 'application/json; charset=utf-8';

describe('POST /v2/orders/{kind}/{id}/pay', () => {
  it.each(['mall', 'meal'] as const)('gives the payment parameters of a %s order', async (kind) => {
    const path = await newOrder(kind);
    const answer = await call('POST', `${path}/pay`, { token: await token() });
    expect(answer).toEqual({
      status: 200,
      contentType: json,
      body: {
        code: 0,
        message: '获取支付参数成功',
        data: {
          appId: 'wx1234567890abcdef',
          timeStamp: expect.stringMatching(/^\d{10}$/),
          nonceStr: expect.stringMatching(/^\w{16,32}$/),
          package: expect.stringMatching(/^prepay_id=./),
          signType: 'RSA',
          paySign: expect.stringMatching(/^[\w+/]+=*$/),
        },
      },
    });
    const again = await call('POST', `${path}/pay`, { token: await token() });
    expect(data(again)['package']).toBe(data(answer)['package']);
    expect(data(again)['paySign']).not.toBe(data(answer)['paySign']);
  });

  it.each(['mall', 'meal'] as const)('pays a %s order of points alone at once', async (kind) => {
    const path = await newOrder(kind, { amount: 0, openid: undefined, points: 100 });
    const pay = async () => call('POST', `${path}/pay`, { token: await token() });
    expect(await pay()).toEqual({
      status: 200,
      contentType: json,
      body: { code: 0, message: '支付成功（纯积分）', data: { paid: true } },
    });
    expect(await pay()).toEqual({
      status: 400,
      contentType: json,
      body: { code: 400, message: '订单状态不允许支付', data: null },
    });
  });

  it("answers 404 for no order and for somebody else's", async () => {
    const path = await newOrder('mall');
    const notFound = {
      status: 404,
      contentType: json,
      body: { code: 404, message: '订单不存在', data: null },
    };
    expect(await call('POST', '/v2/orders/mall/999999/pay', { token: await token() })).toEqual(notFound);
    expect(await call('POST', `${path}/pay`, { token: await token({ sub: 'user-2' }) })).toEqual(notFound);
    expect(await call('GET', path, { token: await token({ sub: 'user-2' }) })).toEqual(notFound);
  });

  it.each(['0', '-1', '1.5', 'abc', '01', '99999999999999999999', '%31%00', 'constructor'])(
    'refuses the id %s',
    async (id) => {
      const answer = await call('POST', `/v2/orders/mall/${id}/pay`, { token: await token() });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ code: 400, message: 'id 须为正整数', data: null });
    },
  );
});

describe('authentication', () => {
  const unauthenticated = { status: 401, contentType: json, body: { code: 401, message: '用户未认证' } };

  it('takes nothing but a good token of its issuer', async () => {
    const path = await newOrder('mall');
    const [, payload] = (await token()).split('.');
    const unsecured = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const bad = [
      undefined,
      '',
      'junk',
      unsecured,
      await token({ exp: inSeconds(-60) }),
      await token({ exp: undefined }),
      await token({}, `${secret}x`),
      await token({ iss: 'https://other.test' }),
      await token({ iss: undefined }),
      await token({ aud: 'another-api' }),
      await token({ aud: undefined, client_id: auth.audience }),
      await token({ sub: undefined }),
      await token({ role: 'root' }),
      await token({ sub: '' }),
      `${await token()}x`,
    ];
    for (const candidate of bad) {
      const options = candidate === undefined ? {} : { token: candidate };
      expect(await call('POST', `${path}/pay`, options)).toEqual(unauthenticated);
    }
    expect(await call('POST', '/api/pay/checkout', { body: checkout() })).toEqual({
      status: 401,
      contentType: json,
      body: { code: 401, msg: '用户未认证', data: null },
    });
  });

  it('comes before anything else is looked at', async () => {
    expect(await call('PUT', '/v2/orders/x/y', { body: 'not json' })).toEqual(unauthenticated);
  });

  it('does not care for what a request says of its origin', async () => {
    const headers = {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'localhost',
      forwarded: 'for=127.0.0.1',
    };
    expect(await call('POST', '/v2/orders/mall/1/pay', { headers })).toEqual(unauthenticated);
  });

  it('keeps users from what is for admins, and tenants to themselves', async () => {
    const forbidden = { code: 403, data: null };
    const body = checkout();
    expect((await call('POST', '/api/pay/checkout', { token: await token(), body })).body).toMatchObject(
      forbidden,
    );
    expect(
      (await call('PUT', '/v2/orders/mall/1', { token: await token(), body: order() })).body,
    ).toMatchObject(forbidden);
    const tenant8 = await admin({ tenant_id: 8 });
    expect((await call('POST', '/api/pay/checkout', { token: tenant8, body })).body).toMatchObject(forbidden);
    expect((await call('PUT', '/v2/orders/mall/1', { token: tenant8, body: order() })).body).toMatchObject(
      forbidden,
    );
    const made = await call('POST', '/api/pay/checkout', { token: await admin({ tenant_id: 7 }), body });
    expect(made.status).toBe(201);
    const path = `/api/pay/orders/${data(made)['order_no']}`;
    expect((await call('GET', path, { token: await admin({ tenant_id: 7 }) })).status).toBe(200);
    await newOrder('mall');
    expect((await call('GET', `/api/pay/orders/mall-${lastId}`, { token: await admin() })).status).toBe(200);
  });
});

describe('a name that an endpoint does not know', () => {
  const asked = endpoints.filter(({ callback }) => !callback);
  const pathOf = ({ path }: (typeof asked)[number]) =>
    path
      .replace('{kind}', 'mall')
      .replace('{id}', '1')
      .replace('{order_no}', 'mall-1')
      .replace('{account}', 'shop:mall');
  const bodies: Readonly<Record<string, object>> = {
    checkout: checkout(),
    refund: { order_no: 'mall-1', reason: '退货' },
    'put-shop-order': order(),
  };

  it.each(asked.map((endpoint) => [endpoint.name, endpoint] as const))(
    'is refused by it: %s',
    async (name, endpoint) => {
      const { method } = endpoint;
      const ask = async (query: string, body?: object) => {
        const answer = await call(method, `${pathOf(endpoint)}${query}`, {
          token: await admin(),
          headers: { 'idempotency-key': name },
          ...(body && { body }),
        });
        return { status: answer.status, body: JSON.stringify(answer.body) };
      };
      expect(await ask('?amout=1', method === 'GET' ? undefined : bodies[name])).toEqual({
        status: 400,
        body: expect.stringContaining('"amout 不是允许的参数"'),
      });
      if (method === 'GET') return;
      expect(await ask('', { ...bodies[name], amout: 1 })).toEqual({
        status: 400,
        body: expect.stringContaining('"amout 不是允许的字段'),
      });
    },
  );

  it('is none where nothing is sent, or nothing in an object', async () => {
    const path = await newOrder('mall');
    for (const body of [undefined, '', {}]) {
      expect((await call('POST', `${path}/pay`, { token: await token(), body })).status).toBe(200);
    }
  });
});

describe("another tenant's order", () => {
  const none = `p${'0'.repeat(26)}`;
  /** Everything that can be asked about an order under /api/pay, by one tenant's administrator. */
  const askAll = async (order_no: string) => {
    const token = await admin({ tenant_id: 8 });
    const headers = { 'idempotency-key': order_no };
    const body = { order_no, reason: '退货' };
    return [
      await call('GET', `/api/pay/orders/${order_no}`, { token }),
      await call('POST', '/api/pay/refund', { token, headers, body }),
      await call('POST', '/api/pay/refund', { token, headers, body: { ...body, transaction_id: 'T1' } }),
    ];
  };

  it('is answered like none, and so is an order of a shop', async () => {
    const made = await call('POST', '/api/pay/checkout', { token: await admin(), body: checkout() });
    await newOrder('mall');
    const ofNone = await askAll(none);
    const notFound = { status: 404, contentType: json, body: { code: 404, msg: '订单不存在', data: null } };
    expect(ofNone).toEqual([notFound, notFound, notFound]);
    expect(await askAll(String(data(made)['order_no']))).toEqual(ofNone);
    expect(await askAll(`mall-${lastId}`)).toEqual(ofNone);
  });

  it.each(['mall', 'meal'] as const)(
    'is not lent by a sub that is a %s user of the shop by chance',
    async (kind) => {
      await newOrder(kind);
      const path = `/v2/orders/${kind}/${lastId}`;
      const ask = async (token: string, of = path) => [
        await call('GET', of, { token }),
        await call('POST', `${of}/pay`, { token }),
      ];
      const tenant = await admin({ sub: 'user-1', tenant_id: 2 });
      const refused = await ask(tenant);
      expect(refused).toEqual(await ask(tenant, `/v2/orders/${kind}/999999`));
      const notFound = {
        status: 404,
        contentType: json,
        body: { code: 404, message: '订单不存在', data: null },
      };
      expect(refused).toEqual([notFound, notFound]);
      expect((await ask(await token())).map(({ status }) => status)).toEqual([200, 200]);
    },
  );
});

describe('PUT /v2/orders/{kind}/{id}', () => {
  it('creates, repeats, changes and then refuses to change', async () => {
    const path = `/v2/orders/meal/${++lastId}`;
    const put = async (changes = {}) => call('PUT', path, { token: await admin(), body: order(changes) });
    const created = await put();
    expect(created.status).toBe(201);
    expect(data(created)).toEqual({
      order_no: `meal-${lastId}`,
      status: 'pending',
      amount: '19.99',
      currency: 'CNY',
      // Nobody has begun to pay it.
      provider: null,
      transaction_id: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      paid_at: null,
      refunded_amount: '0.00',
      exceptions: 0,
    });
    expect(await put()).toEqual({ ...created, status: 200 });
    expect(data(await put({ amount: 20 }))['amount']).toBe('20.00');
    const pay = async () => data(await call('POST', `${path}/pay`, { token: await token() }))['package'];
    const prepay = await pay();
    const state = async () => data(await call('GET', path, { token: await token() }));
    expect(await state()).toMatchObject({ provider: 'wechat', amount: '20.00' });
    expect(data(await put({ amount: 21 }))).toMatchObject({ amount: '21.00', provider: null });
    expect(await pay()).not.toBe(prepay);
    await simulate('POST', `/simulator/payments/wechat/meal-${lastId}-2/pay`, { body: {} });
    expect(await put({ amount: 22 })).toMatchObject({ status: 409, body: { code: 409, data: null } });
    expect(await state()).toMatchObject({ amount: '21.00', status: 'paid', order_no: `meal-${lastId}` });
  });

  it.each([
    ['user_id', { user_id: undefined }],
    ['user_id', { user_id: 5 }],
    ['user_id', { user_id: '' }],
    ['openid', { openid: undefined }],
    ['openid', { openid: 5 }],
    ['amount', { amount: undefined }],
    ['amount', { amount: '19.99' }],
    ['amount', { amount: { rawJSON: '1' } }],
    ['amount', { amount: -1 }],
    ['amount', { amount: 0.1 + 0.2 }],
    ['amount', { amount: 1.005 }],
    ['amount', { amount: 1e21 }],
    ['amount', { amount: null }],
    ['points', { points: undefined }],
    ['points', { points: -1 }],
    ['points', { points: 1.5 }],
    ['description', { description: '' }],
    ['description', { description: 'x'.repeat(128) }],
    // In bytes of UTF-8, as WeChat Pay counts.
    ['description', { description: '长'.repeat(43) }],
  ])('names %s when it is wrong: %j', async (field, changes) => {
    const path = `/v2/orders/mall/${++lastId}`;
    const answer = await call('PUT', path, { token: await admin(), body: order(changes) });
    expect(answer.status).toBe(400);
    expect((answer.body as { message: string }).message).toMatch(new RegExp(`^${field} `));
    expect((await call('GET', path, { token: await token() })).status).toBe(404);
  });

  it('takes a description of 127 bytes', async () => {
    await newOrder('mall', { description: `${'长'.repeat(42)}x` });
  });

  it('keeps money exact', async () => {
    const path = `/v2/orders/mall/${++lastId}`;
    const raw = (amount: string) => JSON.stringify(order()).replace('19.99', amount);
    const put = async (amount: string) => call('PUT', path, { token: await admin(), body: raw(amount) });
    for (const amount of ['-0', '1.005', '90071992547409.92', '1e21', '1e400', '-1e400']) {
      expect((await put(amount)).body).toMatchObject({
        code: 400,
        message: expect.stringMatching(/^amount /),
      });
    }
    expect(data(await put('1e2'))['amount']).toBe('100.00');
    expect(data(await put('19.990000000000000001'))['amount']).toBe('19.99');
    expect(data(await put('9999999999999.99'))['amount']).toBe('9999999999999.99');
  });

  it.each([
    ['an unknown kind', '/v2/orders/shop/1'],
    ['a prototype', '/v2/orders/__proto__/1'],
    ['a constructor', '/v2/orders/constructor/1'],
  ])('refuses %s', async (_, path) => {
    const answer = await call('PUT', path, { token: await admin(), body: order() });
    expect(answer.body).toEqual({ code: 400, message: 'kind 须为 mall、meal 之一', data: null });
  });

  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  it.each<[string, string | Uint8Array, number]>([
    ['no JSON', 'amount=1', 400],
    ['nothing', '', 400],
    ['null', 'null', 400],
    ['an array', '[]', 400],
    ['a number', '1', 400],
    ['a string', '"{}"', 400],
    ['a BOM', `\uFEFF${JSON.stringify(order())}`, 400],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400],
    ['deep nesting', `{"user_id":${deep}}`, 400],
    ['a prototype', '{"__proto__":{"amount":1}}', 400],
    ['a constructor', '{"constructor":1}', 400],
    ['too much', JSON.stringify(order({ description: 'x'.repeat(300_000) })), 413],
  ])('refuses a body with %s', async (_, body, status) => {
    const answer = await call('PUT', `/v2/orders/mall/${++lastId}`, { token: await admin(), body });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code: status, data: null });
  });

  it('refuses a body that is not said to be JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await call('PUT', '/v2/orders/mall/1', {
      token: await admin(),
      body: JSON.stringify(order()),
      headers,
    });
    expect(answer.status).toBe(415);
  });
});

describe('a body', () => {
  const refund = { order_no: 'mall-999999', reason: '缺货' };
  const routes: readonly [string, string, (changes?: object) => object][] = [
    ['PUT', '/v2/orders/mall/999998', (changes = {}) => order({ ...changes })],
    ['POST', '/api/pay/checkout', (changes = {}) => checkout({ ...changes })],
    ['POST', '/api/pay/refund', (changes = {}) => ({ ...refund, ...changes })],
  ];
  const ask = async (method: string, path: string, body: unknown) =>
    call(method, path, { token: await admin(), body, headers: { 'idempotency-key': 'strict' } });
  const messageOf = ({ body }: ApiAnswer) => Object.values(body as Record<string, unknown>)[1];

  it.each(routes)('%s %s names a field that it does not know', async (method, path, body) => {
    for (const name of ['amout', 'currencey', 'Amount', 'constructor', 'toString', '金额', '']) {
      const answer = await ask(method, path, body({ [name]: 0.01 }));
      expect(answer).toMatchObject({ status: 400, body: { code: 400, data: null } });
      expect(messageOf(answer)).toBe(name === '' ? '请求体含有不允许的字段' : `${name} 不是允许的字段`);
    }
    const misspelt = await ask(method, path, body({ amount: undefined, order_no: undefined, amout: 1 }));
    // What it may have been meant to be is named after it.
    expect(messageOf(misspelt)).toMatch(/^amout 不是允许的字段；(amount|order_no) 必填$/);
    const unreadable = await ask(method, path, body({ 'a\r\nb': 1 }));
    expect(messageOf(unreadable)).toBe('请求体含有不允许的字段');
    const long = await ask(method, path, body({ ['x'.repeat(100_000)]: 1 }));
    expect(messageOf(long)).toBe('请求体含有不允许的字段');
  });

  it.each(routes)('%s %s takes an object and nothing else', async (method, path) => {
    for (const body of ['null', '[]', '1', '"x"', 'true']) {
      const answer = await ask(method, path, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 400, data: null } });
      expect(messageOf(answer)).toBe('请求体 须为 JSON 对象');
    }
    for (const body of ['{"__proto__":{"amount":1}}', '['.repeat(100_000)])
      expect(messageOf(await ask(method, path, body))).toBe('请求体不是有效的 JSON，或含有不允许的字段名');
  });

  it('of a payment is not looked at: there is none', async () => {
    const path = await newOrder('mall');
    const options = { token: await token(), headers: { 'content-type': 'text/plain' }, body: 'no JSON' };
    expect(await call('POST', `${path}/pay`, options)).toMatchObject({ status: 200 });
  });
});

describe('what a provider would refuse', () => {
  const messageOf = ({ body }: ApiAnswer) => {
    const { msg, message } = body as { msg?: string; message?: string };
    return msg ?? message;
  };
  const made = async () => {
    const { body } = await simulate('GET', '/simulator/payments');
    return (body as { payments: unknown[] }).payments.length;
  };

  it.each([
    ['USD', 0.49, 'amount 不能低于 0.50'],
    ['GBP', 0.29, 'amount 不能低于 0.30'],
    ['HUF', 174.99, 'amount 不能低于 175.00'],
    ['JPY', 49, 'amount 不能低于 50'],
    ['USD', 1_000_000, 'amount 不能高于 999999.99'],
    ['JPY', 100_000_000, 'amount 不能高于 99999999'],
    ['IDR', 10_000_000_000, 'amount 不能高于 9999999999.99'],
  ])('is refused by name before anything is made: %s %d', async (currency, amount, expected) => {
    const before = await made();
    const options = {
      token: await admin(),
      headers: { 'idempotency-key': `${currency} ${amount}` },
      body: { tenant_id: 7, amount, currency, provider: 'stripe' },
    };
    const answer = await call('POST', '/api/pay/checkout', options);
    expect([answer.status, messageOf(answer)]).toEqual([400, expected]);
    expect(await made()).toBe(before);
    // The key is free, for nothing was stored under it.
    const good = { ...options, body: { ...options.body, amount: 200 } };
    expect((await call('POST', '/api/pay/checkout', good)).status).toBe(201);
  });

  it('is refused by name at Alipay too', async () => {
    const body = checkout({ amount: 100_000_000.01 });
    const answer = await call('POST', '/api/pay/checkout', { token: await admin(), body });
    expect([answer.status, messageOf(answer)]).toEqual([400, 'amount 不能高于 100000000.00']);
  });

  it.each([
    ['description', '苹'.repeat(43), 127],
    ['description', 'x'.repeat(128), 127],
    ['openid', '苹'.repeat(43), 128],
  ])('is refused by name when an order is handed over: %s', async (field, value, most) => {
    const body = order({ [field]: value });
    const answer = await call('PUT', `/v2/orders/mall/${++lastId}`, { token: await admin(), body });
    expect([answer.status, messageOf(answer)]).toEqual([400, `${field} 长度须为 1 到 ${most} 字节（UTF-8）`]);
  });

  it('is taken to the last byte', async () => {
    const path = await newOrder('mall', { description: `${'苹'.repeat(42)}x`, openid: 'o'.repeat(128) });
    expect((await call('POST', `${path}/pay`, { token: await token() })).status).toBe(200);
  });

  it('is refused by name as the reason of a refund, by what the provider counts that has the money', async () => {
    const reason = '退'.repeat(27);
    const refund = async (order_no: string, why: string) =>
      call('POST', '/api/pay/refund', {
        token: await admin(),
        headers: { 'idempotency-key': `${order_no} ${why.length}` },
        body: { order_no, reason: why },
      });
    const path = await newOrder('mall');
    await call('POST', `${path}/pay`, { token: await token() });
    await simulate('POST', `/simulator/payments/wechat/mall-${lastId}/pay`, { body: {} });
    const answer = await refund(`mall-${lastId}`, reason);
    expect([answer.status, messageOf(answer)]).toEqual([400, 'reason 长度须为 1 到 80 字节（UTF-8）']);
    expect((await refund(`mall-${lastId}`, reason.slice(1))).status).toBe(202);

    const made = await call('POST', '/api/pay/checkout', { token: await admin(), body: checkout() });
    const { order_no, pay_url } = data(made) as { order_no: string; pay_url: string };
    await fetch(pay_url);
    await simulate('POST', `/simulator/payments/alipay/${order_no}/pay`, { body: {} });
    expect((await refund(order_no, '退'.repeat(80))).status).toBe(200);
  });
});

describe('POST /api/pay/checkout', () => {
  it.each([
    ['alipay', undefined, 19.99, '19.99'],
    ['wechat', 'CNY', 0.01, '0.01'],
    ['stripe', 'USD', 19.99, '19.99'],
    ['stripe', 'JPY', 500, '500'],
    ['stripe', 'KWD', 1.23, '1.230'],
    ['stripe', 'UGX', 5, '5.00'],
  ])('makes a payment page at %s in %s', async (provider, currency, amount, text) => {
    const body = checkout({ provider, amount, currency });
    const made = await call('POST', '/api/pay/checkout', { token: await admin(), body });
    expect(made).toEqual({
      status: 201,
      contentType: json,
      body: {
        code: 0,
        msg: '成功',
        data: {
          order_no: expect.stringMatching(/^p[0-9A-Z]{26}$/),
          pay_url: expect.stringMatching(/^\w+:\/\/./),
        },
      },
    });
    const state = await call('GET', `/api/pay/orders/${data(made)['order_no']}`, { token: await admin() });
    expect(data(state)).toMatchObject({
      status: 'pending',
      amount: text,
      currency: currency ?? 'CNY',
      provider,
    });
  });

  it.each([
    ['tenant_id', { tenant_id: undefined }],
    ['tenant_id', { tenant_id: 0 }],
    ['tenant_id', { tenant_id: '7' }],
    ['tenant_id', { tenant_id: 1.5 }],
    ['amount', { amount: undefined }],
    ['amount', { amount: 0 }],
    ['amount', { amount: '1' }],
    ['amount', { amount: 1.001 }],
    ['amount', { provider: 'stripe', currency: 'JPY', amount: 0.5 }],
    ['amount', { provider: 'stripe', currency: 'UGX', amount: 5.5 }],
    ['amount', { provider: 'stripe', currency: 'KWD', amount: 1.234 }],
    ['currency', { currency: 'USD' }],
    ['currency', { provider: 'wechat', currency: 'USD' }],
    ['currency', { provider: 'stripe', currency: 'usd' }],
    ['currency', { provider: 'stripe', currency: 'XXX' }],
    ['currency', { provider: 'stripe', currency: 'constructor' }],
    ['currency', { currency: 5 }],
    ['provider', { provider: undefined }],
    ['provider', { provider: 'paypal' }],
    ['provider', { provider: '__proto__' }],
  ])('names %s when it is wrong: %j', async (field, changes) => {
    const answer = await call('POST', '/api/pay/checkout', { token: await admin(), body: checkout(changes) });
    expect(answer.status).toBe(400);
    expect((answer.body as { msg: string }).msg).toMatch(new RegExp(`^${field} `));
  });

  it('is the same order for the same Idempotency-Key', async () => {
    const options = { token: await admin(), headers: { 'idempotency-key': 'key 1' }, body: checkout() };
    const first = await call('POST', '/api/pay/checkout', options);
    expect(await call('POST', '/api/pay/checkout', options)).toEqual(first);
    const other = await call('POST', '/api/pay/checkout', { ...options, body: checkout({ amount: 1 }) });
    expect(other).toMatchObject({ status: 409, body: { code: 409, data: null } });
    for (const key of ['x'.repeat(256), 'caf\u00e9']) {
      const answer = await call('POST', '/api/pay/checkout', {
        ...options,
        headers: { 'idempotency-key': key },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { msg: expect.stringContaining('Idempotency-Key') },
      });
    }
  });
});

describe('GET /api/pay/orders/{order_no}', () => {
  it.each(['mall-999999', 'p01ARZ3NDEKTSV4RRFFQ69G5FAV', 'constructor', '__proto__', 'x'])(
    'answers 404 for %s',
    async (order_no) => {
      expect(await call('GET', `/api/pay/orders/${order_no}`, { token: await admin() })).toEqual({
        status: 404,
        contentType: json,
        body: { code: 404, msg: '订单不存在', data: null },
      });
    },
  );
});

describe('a payment', () => {
  it('is paid through the provider and announced', async () => {
    const path = await newOrder('mall');
    await call('POST', `${path}/pay`, { token: await token() });
    const paid = await simulate('POST', `/simulator/payments/wechat/mall-${lastId}/pay`, { body: {} });
    expect(paid.status).toBe(200);
    expect(data(await call('GET', path, { token: await token() }))).toMatchObject({
      status: 'paid',
      transaction_id: expect.stringMatching(/^\d+$/),
      paid_at: expect.stringMatching(/Z$/),
    });
    const messages = async () => JSON.stringify((await simulate('GET', '/simulator/wecom/messages')).body);
    await expect.poll(messages).toContain(`mall-${lastId}`);
  });
});

describe('logs', () => {
  it('hold no token, openid or key', () => {
    const all = system.logs.join('\n');
    expect(all).not.toMatch(/eyJ|openid-1/);
    expect(all).not.toContain(secret);
  });
});
