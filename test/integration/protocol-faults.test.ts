import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endpoints } from '../../infra/endpoints.ts';
import { findFreePort } from '../../infra/local/http.ts';
import { isoTime } from '../../lib/io.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { RawMessage } from '../../lib/providers/message.ts';
import { wechatBill } from '../infra/operate/reconcile/bills.ts';
import { encodeForm, encodeGbk } from '../support/alipay.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import {
  type LoopbackServer,
  type ServerAnswer,
  type ServerCall,
  startLoopbackServer,
} from '../support/loopback-server.ts';
import { tenantOrder } from '../support/orders.ts';
import { beginPayment, createParties, openTable } from '../support/parties.ts';
import { replaceDocument } from '../support/replace-document.ts';
import { zipOf } from '../support/zip.ts';

/**
 * What providers, logins, callers and strangers may send that was once misread, over HTTP. Providers and the login are
 * stood for by one server, which answers as a test says.
 */

const parties = createParties();
const { wechat, alipay, stripe, merchants } = parties;
const auth = { issuer: 'https://login.example', audience: 'settle' };

type Counterpart = Provider | 'login';
type Answer = (call: ServerCall) => ServerAnswer;

let counterparts: LoopbackServer;
let answers: Record<Counterpart, Answer>;
let system: TestSystem;
let call: ReturnType<typeof createHttpClient>;
let table: ReturnType<typeof openTable>;
let documents: Record<Provider, object>;
let signer: Awaited<ReturnType<typeof createSigner>>;
let lastId = 0;

beforeAll(async () => {
  signer = await createSigner('ours');
  counterparts = await startLoopbackServer((asked) => {
    const [, name, ...rest] = asked.path.split('/');
    return answers[name as Counterpart]({ ...asked, path: `/${rest.join('/')}` });
  });
  answers = usual();
  const { baseUrl } = counterparts;
  documents = {
    wechat: { ...wechat.document, base_url: `${baseUrl}/wechat` },
    alipay: { ...alipay.document, gateway_url: `${baseUrl}/alipay/gateway.do` },
    stripe: { ...stripe.document, base_url: `${baseUrl}/stripe` },
  };
  const jwks_url = `${baseUrl}/login/jwks.json`;
  system = await startTestSystem({ documents: { ...documents, auth: { ...auth, jwks_url } } });
  call = createHttpClient(system.url);
  table = openTable(system);
});
afterEach(() => {
  answers = usual();
});
afterAll(async () => {
  await system?.stop();
  await counterparts?.close();
});

async function createSigner(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
}

const tokenOf = (claims: { sub: string; role: 'admin' | 'user'; tenant_id?: number }, by = signer) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: by.kid })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime('1h')
    .sign(by.privateKey);
const admin = (tenant_id?: number) =>
  tokenOf({ sub: 'admin-1', role: 'admin', ...(tenant_id !== undefined && { tenant_id }) });
const user = () => tokenOf({ sub: 'user-1', role: 'user' });

/** An answer of WeChat's, which signs it. */
function signed(content: object, status = 200): ServerAnswer {
  const body = JSON.stringify(content);
  return { status, headers: { 'content-type': 'application/json', ...wechat.signBody(body) }, body };
}

const wechatRefusal = (code: string, status = 400) => signed({ code, message: '请求失败' }, status);

/** Counterparts to which nothing strange happens; of payments they hold none. */
function usual(): Record<Counterpart, Answer> {
  return {
    wechat: ({ path, body }) => {
      if (path.endsWith('/jsapi')) {
        const { description } = JSON.parse(body) as { description: string };
        return Buffer.byteLength(description) > 127
          ? wechatRefusal('PARAM_ERROR')
          : signed({ prepay_id: 'wx22' });
      }
      if (path.endsWith('/refunds')) {
        const { out_trade_no, out_refund_no, amount } = JSON.parse(body) as WechatRefundBody;
        return signed(wechat.refund(out_trade_no, out_refund_no, amount.refund, amount.total));
      }
      return wechatRefusal('ORDER_NOT_EXIST', 404);
    },
    alipay: () => ({ status: 500, body: '' }),
    stripe: () => ({ status: 500, body: { error: { type: 'api_error' } } }),
    login: () => ({ body: { keys: [signer.jwk] } }),
  };
}

interface WechatRefundBody {
  readonly out_trade_no: string;
  readonly out_refund_no: string;
  readonly amount: { readonly refund: number; readonly total: number };
}

const data = ({ body }: ApiAnswer) => (body as { data: Record<string, unknown> }).data;
const messageOf = ({ body }: ApiAnswer) => {
  const { msg, message } = body as { msg?: string; message?: string };
  return msg ?? message ?? '';
};
const send = (path: string, { headers, body }: RawMessage) => call('POST', path, { headers, body });
const callback = (provider: Provider, message: RawMessage) => send(`/api/pay/callback/${provider}`, message);

/** What was logged since `from`, once there is such a line. */
async function logged(from: number, text: string): Promise<string[]> {
  const lines = () => system.logs.slice(from);
  await expect.poll(() => lines().some((line) => line.includes(text))).toBe(true);
  return lines();
}

const shopOrder = (changes: object = {}) => ({
  ...{ user_id: 'user-1', openid: 'openid-1', amount: 10, points: 0, description: '茶' },
  ...changes,
});

async function putShopOrder(changes: object = {}, id = ++lastId) {
  const path = `/v2/orders/mall/${id}`;
  const answer = await call('PUT', path, { token: await admin(), body: shopOrder(changes) });
  return { path, order_no: `mall-${id}`, answer };
}
const pay = async (path: string, token?: string) =>
  call('POST', `${path}/pay`, { token: token ?? (await user()) });

const refund = async (order_no: string, body: object, token?: string) =>
  call('POST', '/api/pay/refund', {
    token: token ?? (await admin()),
    headers: {
      'idempotency-key': createHash('sha256')
        .update(JSON.stringify([order_no, body]))
        .digest('hex'),
    },
    body: { order_no, ...body },
  });

/** A tenant's order that can be paid at this provider; `amount` in the currency's smallest unit. */
function tenantOrderAt(provider: Provider, amount: number, currency = 'CNY'): Promise<Order> {
  const order = tenantOrder({ amount, currency, expires_at: isoTime(Date.now() + 3_600_000) });
  const appid = provider === 'wechat' ? wechat.document.appid : null;
  return table.store(beginPayment(order, { provider, merchant: merchants[provider], appid }));
}

async function paidTenantOrder(provider: 'wechat' | 'alipay'): Promise<Order> {
  const order = await tenantOrderAt(provider, 9900);
  const message =
    provider === 'wechat'
      ? wechat.signNotification(wechat.transaction(order.order_no, 9900))
      : alipay.signNotification(alipay.trade(order.order_no, '99.00'));
  expect((await callback(provider, message)).status).toBe(200);
  return order;
}

const untouched = [
  { sk: 'ORDER', status: 'pending', version: 1 },
  { sk: 'PAYMENT#1', state: 'open', version: 1 },
];
const expectUntouched = async (order: Pick<Order, 'order_no'>) => {
  const items = await table.items(order);
  expect(items).toHaveLength(untouched.length);
  expect(items).toMatchObject(untouched);
};

describe('a text as long as its provider takes it', () => {
  it('is counted in bytes: 43 Chinese characters of a description are 129', async () => {
    const { answer } = await putShopOrder({ description: '茶'.repeat(43) });
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toMatch(/^description .*127 字节/);
    const longest = await putShopOrder({ description: `${'茶'.repeat(42)}a` });
    expect(longest.answer.status).toBe(201);
    expect((await pay(longest.path)).status).toBe(200);
    const changed = await putShopOrder({ description: `${'茶'.repeat(42)}ab` }, lastId);
    expect(changed.answer.status).toBe(400);
    expect((await pay(longest.path)).status).toBe(200);
  });

  it('so is an openid, and the reason of a refund', async () => {
    const { answer } = await putShopOrder({ openid: '茶'.repeat(43) });
    expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringMatching(/^openid .*128 字节/)]);
    const { order_no } = await paidTenantOrder('wechat');
    const tooLong = await refund(order_no, { amount: 1, reason: '退'.repeat(27) });
    expect([tooLong.status, messageOf(tooLong)]).toEqual([400, expect.stringMatching(/^reason .*80 字节/)]);
    expect(await refund(order_no, { amount: 1, reason: '退'.repeat(26) })).toMatchObject({ status: 202 });
  });
});

describe('an answer of Alipay', () => {
  const METHOD = 'alipay.trade.refund';
  /** Signed over other bytes than are sent, where those are given. */
  const answerOf = (content: Buffer, signedContent = content): ServerAnswer => {
    const signature = sign('RSA-SHA256', signedContent, alipay.alipay.privateKey).toString('base64');
    const [before, after] = [`{"${METHOD.replaceAll('.', '_')}_response":`, `,"sign":"${signature}"}`];
    return { body: Buffer.concat([Buffer.from(before), content, Buffer.from(after)]) };
  };
  const returned = (order_no: string) =>
    JSON.stringify({
      ...{ code: '10000', msg: '成功', out_trade_no: order_no, fund_change: 'Y', refund_fee: '1.00' },
      store_name: '茶/咖啡',
    });

  it.each<[string, (text: string) => ServerAnswer]>([
    ['in GBK', (text) => answerOf(encodeGbk(text))],
    ['whose \\/ was signed unescaped', (text) => answerOf(escaped(text), Buffer.from(text))],
    ['whose \\/ was signed as it is', (text) => answerOf(escaped(text))],
  ])('is read %s', async (_, answer) => {
    const { order_no } = await paidTenantOrder('alipay');
    answers.alipay = () => answer(returned(order_no));
    const accepted = await refund(order_no, { amount: 1, reason: '退货' });
    expect(accepted.status).toBe(200);
    expect(data(accepted)).toMatchObject({ status: 'succeeded', amount: '1.00' });
  });

  it('is read where it is a refusal in GBK, by its code', async () => {
    const { order_no } = await paidTenantOrder('alipay');
    const text = { code: '40004', sub_code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH', sub_msg: '卖家余额不足' };
    answers.alipay = () => answerOf(encodeGbk(JSON.stringify(text)));
    const from = system.logs.length;
    expect(await refund(order_no, { amount: 1, reason: '退货' })).toMatchObject({ status: 202 });
    const lines = await logged(from, 'ACQ.SELLER_BALANCE_NOT_ENOUGH');
    expect(lines.join('\n')).not.toContain('卖家余额不足');
  });

  const escaped = (text: string) => Buffer.from(text.replaceAll('/', '\\/'));
});

describe('a message of Alipay whose signed text can be split in two ways', () => {
  /** Of 0.01, for another program's trade, whose `body` spells a payment of 99.00 of an order of ours. */
  function spelling({ order_no }: Pick<Order, 'order_no'>) {
    const spelled = [
      ['charset', 'utf-8'],
      ['out_trade_no', order_no],
      ['seller_id', alipay.document.seller_id],
      ['total_amount', '99.00'],
      ['trade_no', '2024051322001498491428760000'],
      ['trade_status', 'TRADE_SUCCESS'],
    ] as const;
    const spelledText = spelled.map(([name, value]) => `&${name}=${value}`).join('');
    const body = `x${spelledText}&z=`;
    const message = alipay.signNotification(alipay.trade('another-programs', '0.01', { body }));
    const fields = [...new URLSearchParams(message.body.toString())];
    const others = fields.filter(([name]) => !['sign', 'sign_type', 'app_id', 'body'].includes(name));
    const rest = others
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `&${name}=${value}`)
      .join('');
    const anew = [
      ...fields.filter(([name]) => ['sign', 'sign_type', 'app_id'].includes(name)),
      ['body', 'x'] as const,
      ...spelled,
      ['z', rest] as const,
    ];
    const form = encodeForm(anew.map(([name, value]) => [name, Buffer.from(value)] as const));
    return { message, anew: { ...message, body: form } };
  }

  it('is refused, as it came and split anew', async () => {
    const order = await tenantOrderAt('alipay', 9900);
    const { message, anew } = spelling(order);
    for (const one of [message, anew]) {
      expect(await callback('alipay', one)).toMatchObject({ status: 400, body: 'failure' });
    }
    await expectUntouched(order);
  });

  it('is never made of a text of ours', async () => {
    const { order_no } = await paidTenantOrder('alipay');
    const asked: string[] = [];
    answers.alipay = ({ form }) => {
      asked.push(
        String((JSON.parse(form.get('biz_content') ?? '{}') as Record<string, unknown>)['refund_reason']),
      );
      return { status: 500, body: '' };
    };
    await refund(order_no, { amount: 1, reason: '退货&out_trade_no=p1&total_amount=99.00&z=' });
    expect(asked[0]).toMatch(/^退货/);
    expect(asked.join()).not.toMatch(/[&=]/);
  });
});

describe('an event of Stripe that is none of ours', () => {
  const nothing = { status: 200, body: { code: 0, data: null } };
  const paidLink = { metadata: {}, payment_link: 'plink_1' };

  it.each<[string, (order: Order) => object]>([
    [
      'a session of a Payment Link that expired under our number',
      ({ order_no, amount }) =>
        stripe.sessionEvent('checkout.session.expired', {
          client_reference_id: order_no,
          ...{ amount_total: amount, currency: 'usd', status: 'expired', payment_status: 'unpaid' },
          ...paidLink,
        }),
    ],
    [
      'an equal amount that was paid by a Payment Link under our number',
      ({ order_no, amount }) => stripe.paidEvent(order_no, amount, 'usd', paidLink),
    ],
    [
      'a subscription under our number',
      ({ order_no, amount }) => stripe.paidEvent(order_no, amount, 'usd', { mode: 'subscription' }),
    ],
    [
      'an event of a connected account',
      ({ order_no, amount }) => ({ ...stripe.paidEvent(order_no, amount), account: 'acct_1Connected' }),
    ],
  ])('changes nothing: %s', async (_, eventOf) => {
    const order = await tenantOrderAt('stripe', 1999, 'USD');
    expect(await callback('stripe', stripe.signEvent(eventOf(order)))).toMatchObject(nothing);
    await expectUntouched(order);
    // The same of ours pays it.
    const ours = stripe.signEvent(stripe.paidEvent(order.order_no, order.amount));
    expect(data(await callback('stripe', ours))).toMatchObject({ status: 'paid' });
  });
});

describe('an amount', () => {
  it('without its currency is a 400 where there are several: 500.00 of an order in yen', async () => {
    const order = await tenantOrderAt('stripe', 500, 'JPY');
    const fields = { order_no: order.order_no, status: 'succeeded', txn_id: 'pi_1' };
    for (const amount of ['500.00', '500', '50000']) {
      const answer = await callback('stripe', stripe.signFlat({ ...fields, amount }));
      expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining('currency')]);
    }
    await expectUntouched(order);
    const whole = stripe.signFlat({ ...fields, amount: '500', currency: 'JPY' });
    expect(data(await callback('stripe', whole))).toMatchObject({ status: 'paid' });
    expect(await table.item(order, 'PAYMENT#1')).toMatchObject({ state: 'paid', amount: 500 });
  });

  it('less than Stripe takes is a 400 that names it, whether we know that or Stripe says so', async () => {
    const checkout = async (amount: number, currency: string) =>
      call('POST', '/api/pay/checkout', {
        token: await admin(),
        headers: { 'idempotency-key': `${amount} ${currency}` },
        body: { tenant_id: 7, provider: 'stripe', amount, currency },
      });
    let asked = 0;
    answers.stripe = () => {
      asked += 1;
      const error = { type: 'invalid_request_error', code: 'amount_too_small', param: 'line_items' };
      return { status: 400, body: { error } };
    };
    // The last one again under its key.
    for (const [amount, currency, calls] of [
      [0.49, 'USD', 0],
      [49, 'JPY', 0],
      [1, 'TWD', 1],
      [1, 'TWD', 2],
    ] as const) {
      const answer = await checkout(amount, currency);
      expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringMatching(/^amount /)]);
      expect(asked).toBe(calls);
    }
  });
});

describe('a field that is not known', () => {
  it('is a 400 that names it: a refund of an amount that is misspelt returns nothing', async () => {
    const order = await paidTenantOrder('wechat');
    const answer = await refund(order.order_no, { amout: 1, reason: '退货' });
    expect([answer.status, messageOf(answer)]).toEqual([400, expect.stringContaining('amout')]);
    expect(await table.item(order, 'PAYMENT#1')).toMatchObject({ reserved: 0, refunded: 0 });
  });

  it('is refused on every route with a token, in its body and in its query', async () => {
    const bodies: Readonly<Record<string, object>> = {
      checkout: { tenant_id: 7, amount: 1, provider: 'wechat' },
      refund: { order_no: 'mall-404', reason: '退货' },
      'resolve-exception': { resolution: 'dismissed', reason: '核对过' },
      'repair-refund': {},
      redeliver: {},
      'redeliver-period': { from: '2026-11-21', to: '2026-11-22' },
      'put-shop-order': shopOrder(),
      'pay-mall-order': {},
      'pay-meal-order': {},
      'close-order': {},
      'close-shop-order': {},
      'ship-order': { logistics_type: 'pickup', items: '茶' },
    };
    const routes = endpoints.filter(({ callback: forms }) => !forms);
    const withBody = routes.filter(({ method }) => method !== 'GET').map(({ name }) => name);
    expect(withBody.toSorted()).toEqual(Object.keys(bodies).toSorted());
    for (const { name, method, path } of routes) {
      const url = path.replace('{kind}', 'mall').replaceAll(/\{\w+\}/g, '404');
      const token = await (/^(pay-|get-shop|close-shop)/.test(name) ? user() : admin());
      const headers = { 'idempotency-key': 'k' };
      const inQuery = await call(method, `${url}?curency=USD`, { token, headers, body: bodies[name] });
      expect([name, inQuery.status, messageOf(inQuery)]).toEqual([
        name,
        400,
        expect.stringContaining('curency'),
      ]);
      if (!bodies[name]) continue;
      const body = { ...bodies[name], curency: 'USD' };
      const inBody = await call(method, url, { token, headers, body });
      expect([name, inBody.status, messageOf(inBody)]).toEqual([
        name,
        400,
        expect.stringContaining('curency'),
      ]);
    }
  });
});

describe('WeChat Pay, asked for a prepay of an order that is paid', () => {
  it.each(['ORDERPAID', 'ORDER_PAID'])('says %s, is asked, and the order is paid', async (code) => {
    const { path, order_no } = await putShopOrder();
    const held = wechat.transaction(order_no, 1000, {
      success_time: isoTime(Date.now()),
      payer: { openid: 'openid-1' },
    });
    answers.wechat = ({ method }) => (method === 'GET' ? signed(held) : wechatRefusal(code));
    const answer = await pay(path);
    expect([answer.status, messageOf(answer)]).toEqual([400, '订单状态不允许支付']);
    const { transaction_id } = held;
    expect(data(await call('GET', path, { token: await user() }))).toMatchObject({
      ...{ status: 'paid', transaction_id, amount: '10.00' },
    });
  });
});

describe('what a stranger sends', () => {
  const long = 'stranger'.repeat(12_800);
  const inHeader = 'stranger'.repeat(1_000);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const sig = '0'.repeat(64);

  it.each<[string, string, object]>([
    ['a form with a name twice', 'callback/alipay', { headers: form, body: `${long}=1&${long}=2` }],
    ['a form with a name that is not ASCII', 'callback/alipay', { headers: form, body: `${long}%FF=1` }],
    ['a form of an unknown charset', 'callback/alipay', { headers: form, body: `charset=${long}` }],
    ['a field of a flat body', 'callback/wechat', { body: { order_no: 'p1', [long]: '1', sig } }],
    ['a value of a flat body', 'callback/alipay', { body: { order_no: long, status: long, sig } }],
    ['the serial of a key', 'callback/wechat', { headers: { 'wechatpay-serial': inHeader }, body: '{}' }],
    ['a signature', 'callback/stripe', { headers: { 'stripe-signature': inHeader }, body: '{}' }],
    ['a token', 'checkout', { token: inHeader, body: {} }],
    ['a field of a request without a token', 'checkout', { body: { [long]: 1 } }],
  ])('stands in no log, and makes none long: %s', async (_, path, sent) => {
    const from = system.logs.length;
    const answer = await call('POST', `/api/pay/${path}`, sent);
    expect([400, 401]).toContain(answer.status);
    expect(JSON.stringify(answer).length).toBeLessThan(2_000);
    const lines = await logged(from, `"status":${answer.status}`);
    expect(lines.join('\n')).not.toContain('stranger');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2_000);
  });

  it.each<[string, string, string, object | undefined]>([
    ['a field', 'POST', '/api/pay/refund', { [long]: 1 }],
    ['a parameter', 'GET', `/api/pay/exceptions?${inHeader}=1`, undefined],
    ['a number in a path', 'GET', `/api/pay/orders/${inHeader}`, undefined],
    ['an account in a path', 'GET', `/api/pay/ledger/${inHeader}`, undefined],
    [
      'an id in a path',
      'POST',
      `/api/pay/exceptions/${inHeader}/resolve`,
      { resolution: 'dismissed', reason: 'x' },
    ],
  ])('nor does what somebody with a token made up: %s', async (_, method, path, body) => {
    const from = system.logs.length;
    const answer = await call(method, path, { token: await admin(), ...(body && { body }) });
    expect([400, 404]).toContain(answer.status);
    expect(JSON.stringify(answer).length).toBeLessThan(2_000);
    const lines = await logged(from, `"status":${answer.status}`);
    expect(lines.join('\n')).not.toContain('stranger');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(2_000);
  });

  it('is a 500 at /v2/payments/notify when it is empty, and no failure of ours', async () => {
    const from = system.logs.length;
    for (let time = 0; time < 10; time++) {
      const answer = await call('POST', '/v2/payments/notify', { body: '' });
      expect(answer).toMatchObject({ status: 500, body: { code: 'FAIL' } });
    }
    const ofCallback = () => system.logs.slice(from).filter((line) => line.includes('"message":"callback"'));
    await expect.poll(() => ofCallback().length).toBe(10);
    for (const line of ofCallback()) {
      expect(JSON.parse(line)).toMatchObject({
        level: 'WARN',
        outcome: 'malformed',
        MalformedAnswered500: 1,
      });
      expect(line).not.toMatch(/CallbackFailed|UnexpectedRefusal/);
    }
  });
});

describe('a login whose keys cannot be fetched', () => {
  const path = '/api/pay/ledger/tenant:7';
  const ask = async (token: string) => (await call('GET', path, { token })).status;
  /** The function starts anew, and knows no keys. */
  const forget = () => system.crash('get-ledger');
  const fetches = () => counterparts.calls.filter((asked) => asked.path.startsWith('/login/')).length;
  const forgedTokens = async () => {
    const forgers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => createSigner(`forged-${index}`)),
    );
    return Promise.all(forgers.map((forger) => tokenOf({ sub: 'admin-1', role: 'admin' }, forger)));
  };

  it('is asked once for fifty forged tokens, which are 401, and known keys stay good', async () => {
    await forget();
    const good = await admin();
    expect(await ask(good)).toBe(200);
    const known = fetches();
    answers.login = () => ({ status: 503, body: '' });
    const forged = await forgedTokens();
    expect(new Set(await Promise.all(forged.map(ask)))).toEqual(new Set([401]));
    expect(await ask(good)).toBe(200);
    expect(fetches()).toBe(known);
    // Those who know no key yet ask once too, and let nobody in.
    await forget();
    const from = system.logs.length;
    expect(new Set(await Promise.all([good, ...forged].map(ask)))).toEqual(new Set([401]));
    expect(fetches()).toBe(known + 1);
    await logged(from, 'HTTP 503');
  });

  it('may answer no more than it has to: what is longer is given up', async () => {
    await forget();
    const from = system.logs.length;
    answers.login = () => ({ body: { keys: [signer.jwk], filler: 'x'.repeat(300_000) } });
    expect(await ask(await admin())).toBe(401);
    await logged(from, 'the answer is too large');
    answers = usual();
    await forget();
    expect(await ask(await admin())).toBe(200);
  });
});

describe("somebody else's order", () => {
  it('of another tenant looks like none', async () => {
    const { order_no } = await paidTenantOrder('wechat');
    const token = await admin(2);
    const look = (number: string) => call('GET', `/api/pay/orders/${number}`, { token });
    const none = tenantOrder().order_no;
    expect(await look(order_no)).toEqual(await look(none));
    expect((await look(order_no)).status).toBe(404);
    const give = (number: string) => refund(number, { reason: '退货' }, token);
    expect(await give(order_no)).toEqual(await give(none));
    expect((await give(order_no)).status).toBe(404);
    const repair = (number: string) => call('POST', `/api/pay/refunds/${number}-r1/repair`, { token });
    await refund(order_no, { amount: 1, reason: '退货' });
    expect(await repair(order_no)).toEqual(await repair(none));
  });

  it('and its exception like one that is not there', async () => {
    const { order_no } = await tenantOrderAt('wechat', 9900);
    const less = wechat.signNotification(wechat.transaction(order_no, 1));
    expect((await callback('wechat', less)).status).toBe(400);
    const list = data(
      await call('GET', '/api/pay/exceptions?kind=mismatch&limit=1', { token: await admin() }),
    );
    const [{ id = '', ...listed } = {}] = list['exceptions'] as { id?: string }[];
    expect(listed).toMatchObject({ order_no });
    const token = await admin(2);
    const body = { resolution: 'dismissed', reason: '核对过' };
    const resolve = (one: string) => call('POST', `/api/pay/exceptions/${one}/resolve`, { token, body });
    expect((await resolve(id)).status).toBe(404);
    expect(await resolve(id)).toEqual(await resolve('x'));
  });

  it("of a shop looks like none to a tenant's admin whose sub is its user's", async () => {
    const { path, order_no } = await putShopOrder();
    const token = await tokenOf({ sub: 'user-1', role: 'admin', tenant_id: 2 });
    const nothing = { status: 404, body: { code: 404, message: '订单不存在' } };
    expect(await call('GET', path, { token })).toMatchObject(nothing);
    expect(await pay(path, token)).toMatchObject(nothing);
    expect(await pay('/v2/orders/mall/99999', token)).toMatchObject(nothing);
    expect(await table.items({ order_no })).toMatchObject([{ sk: 'ORDER', payments: 0 }]);
    expect(await call('GET', `/api/pay/orders/${order_no}`, { token })).toMatchObject({ status: 404 });
    expect((await pay(path)).status).toBe(200);
  });
});

describe('a bill', () => {
  const today = () => isoTime(Date.now() + 8 * 3_600_000).slice(0, 10);
  const serveWechatBill = (content: string) => {
    const hash_value = createHash('sha1').update(content).digest('hex');
    const download_url = `${counterparts.baseUrl}/wechat/file`;
    const { wechat: otherwise } = answers;
    answers.wechat = (asked) => {
      if (asked.path === '/file') return { body: content };
      return asked.path.endsWith('/tradebill')
        ? signed({ hash_type: 'SHA1', hash_value, download_url })
        : otherwise(asked);
    };
  };

  it('of WeChat Pay whose sums count the rows as 1.0 is read, and the day reconciled', async () => {
    const { order_no } = await paidTenantOrder('wechat');
    const day = today();
    const bill = wechatBill(
      [{ payment_no: order_no, transaction_id: `42000000${order_no}`, amount: '99.00' }],
      { mchid: merchants.wechat, date: day },
    );
    serveWechatBill(bill.replace('`1,', '`1.0,'));
    system.queues.reconciliation.queue.send(
      JSON.stringify({ provider: 'wechat', merchant: merchants.wechat, day }),
      0,
    );
    const token = await admin();
    const results = async () => {
      const answer = await call('GET', `/api/pay/reconciliations?provider=wechat&from=${day}&to=${day}`, {
        token,
      });
      return data(answer)['reconciliations'] as Record<string, unknown>[];
    };
    const isDone = async () => (await results()).some(({ finished_at }) => finished_at !== null);
    await expect.poll(isDone).toBe(true);
    expect(await results()).toMatchObject([{ merchant: merchants.wechat, rows: 1, agreed: 1 }]);
  });

  /** `npm run reconcile`, as a person runs it. */
  function reconcile(provider: Provider): Promise<{ code: unknown; errors: string }> {
    const main = fileURLToPath(new URL('../../infra/operate/reconcile/main.ts', import.meta.url));
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...system.operatorEnvironment };
    const words = ['--stage', 'local', '--provider', provider, '--date', '2026-11-20'];
    return new Promise((resolve) => {
      execFile(process.execPath, [main, ...words], { env }, (error, _output, errors) =>
        resolve({ code: error?.code ?? 0, errors }),
      );
    });
  }

  it('of one line of 32 MB is refused', async () => {
    serveWechatBill('x'.repeat(32 * 1024 * 1024));
    expect(await reconcile('wechat')).toEqual({ code: 2, errors: expect.stringContaining('第 1 行过长') });
  });

  it('in a zip of 200 KB that unpacks to 200 MB is refused', async () => {
    const content = Buffer.alloc(200_000_000, '#\n');
    const zip = zipOf([{ name: encodeGbk('20881_20261120_业务明细.csv'), content }]);
    expect(zip.length).toBeLessThan(250_000);
    const method = 'alipay.data.dataservice.bill.downloadurl.query';
    const bill_download_url = `${counterparts.baseUrl}/alipay/bill.zip`;
    answers.alipay = ({ path }) =>
      path === '/bill.zip'
        ? { body: zip }
        : { body: alipay.signAnswer(method, { code: '10000', bill_download_url }) };
    expect(await reconcile('alipay')).toEqual({ code: 2, errors: expect.stringContaining('解压后过大') });
  });
});

describe('a provider that cannot be reached', () => {
  const ways: Readonly<Record<Provider, { address: string; ask: () => Promise<[number, number]> }>> = {
    wechat: {
      address: 'base_url',
      ask: async () => [(await pay((await putShopOrder()).path)).status, 502],
    },
    alipay: {
      address: 'gateway_url',
      ask: async () => {
        const { order_no } = await paidTenantOrder('alipay');
        return [(await refund(order_no, { amount: 1, reason: '退货' })).status, 202];
      },
    },
    stripe: {
      address: 'base_url',
      ask: async () => {
        const body = { tenant_id: 7, provider: 'stripe', amount: 10, currency: 'USD' };
        return [(await call('POST', '/api/pay/checkout', { token: await admin(), body })).status, 502];
      },
    },
  };

  it.each(['wechat', 'alipay', 'stripe'] as const)('is told of with its cause: %s', async (provider) => {
    const { address, ask } = ways[provider];
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    await replaceDocument(system, provider, { ...documents[provider], [address]: nobody });
    try {
      const from = system.logs.length;
      const [status, expected] = await ask();
      expect(status).toBe(expected);
      const lines = await logged(from, 'ECONNREFUSED');
      expect(lines.join('\n')).not.toContain('TypeError');
    } finally {
      await replaceDocument(system, provider, documents[provider]);
    }
  });
});

describe('a document that would let others in', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 512 });
  const weak = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const message = async (provider: Provider): Promise<RawMessage> => {
    const { order_no } = await tenantOrderAt(provider, 9900, provider === 'stripe' ? 'USD' : 'CNY');
    switch (provider) {
      case 'wechat':
        return wechat.signNotification(wechat.transaction(order_no, 9900));
      case 'alipay':
        return alipay.signNotification(alipay.trade(order_no, '99.00'));
      case 'stripe':
        return stripe.signEvent(stripe.paidEvent(order_no, 9900));
    }
  };

  it.each<[Provider, string, object]>([
    ['wechat', 'public_keys', { public_keys: { [wechat.serial]: weak } }],
    ['alipay', 'alipay_public_key', { alipay_public_key: weak }],
    ['wechat', 'base_url', { base_url: 'http://api.mch.example' }],
    ['alipay', 'gateway_url', { gateway_url: 'http://openapi.alipay.example/gateway.do' }],
    ['stripe', 'base_url', { base_url: 'http://api.stripe.example' }],
  ])('is refused by the name of its field: %s, %s', async (provider, field, changes) => {
    await replaceDocument(system, provider, { ...documents[provider], ...changes });
    try {
      const from = system.logs.length;
      expect((await callback(provider, await message(provider))).status).toBe(500);
      const lines = await logged(from, 'DocumentError');
      expect(lines.find((line) => line.includes('DocumentError'))).toContain(field);
    } finally {
      await replaceDocument(system, provider, documents[provider]);
    }
    expect((await callback(provider, await message(provider))).status).toBe(200);
  });
});
