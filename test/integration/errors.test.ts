import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Endpoint, endpoints } from '../../infra/endpoints.ts';
import { errorWords } from '../../lib/http/error-words.ts';
import { isOneOf, providers } from '../../lib/orders/kinds.ts';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';

const auth = {
  ...{ issuer: 'https://issuer.test', audience: 'settle' },
  hs256_secret: 'errors-secret-of-32-bytes-or-more',
};
let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem({ documents: { auth } });
});
afterAll(() => system?.stop());

const token = (role: string, expires = '1h') =>
  new SignJWT({ sub: 'user-1', role })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime(expires)
    .sign(Buffer.from(auth.hs256_secret));

interface Wrong {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** In words that say what is wrong with it. */
type Requests = Readonly<Record<string, Wrong>>;

const json = { 'content-type': 'application/json' };
const asked = endpoints.filter(({ path }) => /^\/(api|v2)\//.test(path));
const callbacks = asked.filter(({ callback }) => callback);
const apis = asked.filter(({ callback }) => !callback);

/** Paths of things that are not there. */
const pathOf = ({ path }: Endpoint) =>
  path
    .replace('{kind}', 'mall')
    .replace('{account}', 'shop:mall')
    .replaceAll(/\{\w+\}/g, '999999');

/** What befalls any endpoint with tokens. */
async function wrongRequests({ method, path }: Endpoint): Promise<Requests> {
  const good = { ...json, authorization: `Bearer ${await token('admin')}`, 'idempotency-key': path };
  const sent = (body: string) => (method === 'GET' ? {} : { body });
  return {
    'no token': sent('{}'),
    'a token that is none': { headers: { authorization: 'Bearer x.y.z' } },
    'a token that is over': { headers: { authorization: `Bearer ${await token('admin', '-1m')}` } },
    "a stranger's role": { headers: { authorization: `Bearer ${await token('stranger')}` } },
    "a user's token": { headers: { ...good, authorization: `Bearer ${await token('user')}` }, ...sent('{}') },
    'a parameter that is not known': { headers: good, query: '?amout=1&curency=2', ...sent('{}') },
    'parameters that are wrong': {
      headers: good,
      query: '?limit=0&from=x&to=y&cursor=z&state=a&kind=b&tenant_id=c&provider=d&type=e&order_no=f',
      ...sent('{}'),
    },
    'a field that is not known': { headers: good, ...sent('{"amout":1,"parcels":[{"x":1}]}') },
    'fields that are missing': { headers: good, ...sent('{}') },
    'fields of the wrong type': {
      headers: good,
      ...sent('{"tenant_id":"a","amount":"b","order_no":1,"reason":2,"from":3,"to":4,"user_id":5}'),
    },
    'a body that is no object': { headers: good, ...sent('[]') },
    'a body that is no JSON': { headers: good, ...sent('{') },
    'a body of another type': { headers: { ...good, 'content-type': 'text/plain' }, ...sent('{}') },
    'a body that is too large': { headers: good, ...sent(`"${'x'.repeat(300_000)}"`) },
  };
}

/** What befalls any callback, of whatever form. */
const wrongMessages: Requests = {
  nothing: {},
  'a flat body that nobody signed': { headers: json, body: '{"order_no":"mall-1","status":"succeeded"}' },
  'a flat body with a wrong signature': {
    headers: json,
    body: '{"order_no":"mall-1","status":"succeeded","sig":"00"}',
  },
  'a flat body with a field that is not known': { headers: json, body: '{"order":"1","sig":"00"}' },
  'a flat body with a field twice': { headers: json, body: '{"sig":"0","sig":"0"}' },
  'a flat body that is no object': { headers: json, body: '[]' },
  'a form that nobody signed': {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'out_trade_no=mall-1&sign=x',
  },
  "WeChat Pay's unsigned message": { headers: { ...json, 'wechatpay-serial': 'none' }, body: '{}' },
  "Stripe's unsigned event": { headers: json, body: '{"object":"event"}' },
  'a message that is too large': { headers: json, body: 'x'.repeat(300_000) },
};

async function send(method: string, path: string, { headers = {}, body }: Wrong, language: string) {
  const response = await fetch(`${system.url}${path}`, {
    method,
    headers: { ...headers, 'accept-language': language },
    ...(body !== undefined && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

type Answer = Awaited<ReturnType<typeof send>>;

/** What any error says: a word, the fields at fault, and a message, if it is not Alipay's acknowledgement. */
function readError({ status, headers, text }: Answer) {
  const word = headers.get('settle-error') ?? '';
  expect(isOneOf(errorWords, word), `${status} ${text} has the word ${JSON.stringify(word)}`).toBe(true);
  expect(headers.get('www-authenticate') !== null).toBe(word === 'invalid_signature' || status === 401);
  const field = headers.get('settle-error-field');
  if (text === 'failure') return { status, word, field, message: null };
  expect(text.endsWith('}\n')).toBe(true);
  const { msg, message = msg } = JSON.parse(text);
  return { status, word, field, message: String(message) };
}

const han = /\p{Script=Han}|[，。；：]/u;
/** The document of /v2 words these itself. */
const fixed = ['用户未认证', '订单不存在', '订单状态不允许支付'];

/** Sends it in both languages; null where it is served after all. */
async function errorOf(method: string, path: string, wrong: Wrong) {
  const target = path + (wrong.query ?? '');
  const [chinese, english] = [
    await send(method, target, wrong, 'zh-CN,zh;q=0.9,en;q=0.8'),
    await send(method, target, wrong, 'en-US,en;q=0.9,zh;q=0.8'),
  ];
  if (chinese.status < 400) return null;
  const [zh, en] = [readError(chinese), readError(english)];
  expect(en).toEqual({ ...zh, message: en.message });
  if (zh.message !== null && en.message !== null) {
    expect(zh.message).toMatch(han);
    const isFixed = path.startsWith('/v2/') && fixed.includes(en.message);
    if (!isFixed) expect(en.message).not.toMatch(han);
  }
  return en;
}

describe('every error of an endpoint', () => {
  it.each(apis.map((endpoint) => [`${endpoint.method} ${endpoint.path}`, endpoint] as const))(
    'has a word of the list, in both languages: %s',
    async (_, endpoint) => {
      const found: Record<string, [number, string, string | null] | null> = {};
      for (const [name, wrong] of Object.entries(await wrongRequests(endpoint))) {
        const error = await errorOf(endpoint.method, pathOf(endpoint), wrong);
        found[name] = error && [error.status, error.word, error.field];
      }
      expect(found).toMatchObject({
        'no token': [401, 'unauthenticated', null],
        'a token that is none': [401, 'invalid_token', null],
        'a token that is over': [401, 'token_expired', null],
        "a stranger's role": [401, 'invalid_token', null],
        'a parameter that is not known': [400, 'unknown_field', 'amout, curency'],
      });
      if (endpoint.path.startsWith('/api/')) {
        expect(found["a user's token"]).toEqual([403, 'forbidden', null]);
      }
      if (endpoint.method !== 'GET') {
        expect(found['a field that is not known']).toEqual([
          ...[400, 'unknown_field'],
          expect.stringMatching(/\bamout\b/),
        ]);
      }
    },
  );

  it.each(callbacks.map((endpoint) => [endpoint.path, endpoint] as const))(
    'has a word of the list, in both languages: POST %s',
    async (path, endpoint) => {
      for (const [name, wrong] of Object.entries(wrongMessages)) {
        expect(await errorOf(endpoint.method, path, wrong), name).not.toBeNull();
      }
    },
  );

  it.each(providers)('has one where nobody is paid: %s', async (provider) => {
    const wrong = wrongMessages['a flat body that nobody signed'] ?? {};
    expect(await errorOf('POST', `/api/pay/callback/${provider}/999`, wrong)).toMatchObject({
      ...{ status: 404, word: 'merchant_not_found', message: 'There is no such merchant' },
    });
  });
});

describe('a flat body', () => {
  const flat = async (fields: Readonly<Record<string, string>>) => {
    const [key = ''] = (system.documents.alipay as { callback_keys: string[] }).callback_keys;
    const sig = flatSignature(new Map(Object.entries(fields)), Buffer.from(key));
    const wrong = { headers: json, body: JSON.stringify({ ...fields, sig }) };
    return errorOf('POST', '/api/pay/callback/alipay', wrong);
  };

  it('is told which field is missing, not known, or not of its form', async () => {
    expect(await flat({ order_no: 'mall-1' })).toEqual({
      ...{ status: 400, word: 'missing_field', field: 'status', message: 'status is required' },
    });
    expect(await flat({ order_no: 'mall-1', status: 'succeeded', amout: '1' })).toEqual({
      ...{ status: 400, word: 'unknown_field', field: 'amout', message: 'amout is not a known field' },
    });
    expect(await flat({ order_no: 'mall-1', status: 'done' })).toEqual({
      ...{ status: 400, word: 'invalid_field', field: 'status', message: 'status is not supported' },
    });
  });

  it('that nobody signed, like a form, is told no more than that', async () => {
    const [unsigned = {}, form = {}] = [
      wrongMessages['a flat body that nobody signed'],
      wrongMessages['a form that nobody signed'],
    ];
    const refused = { status: 401, word: 'invalid_signature', field: null };
    expect(await errorOf('POST', '/api/pay/callback/alipay', unsigned)).toEqual({
      ...refused,
      message: 'The signature does not verify',
    });
    expect(await errorOf('POST', '/api/pay/callback/alipay', form)).toEqual({ ...refused, message: null });
  });
});

describe('the words that the document of /v2 fixes', () => {
  it('stay as they are', async () => {
    const authorization = `Bearer ${await token('user')}`;
    const paid = await send('POST', '/v2/orders/mall/999/pay', { headers: { authorization } }, 'en');
    expect(paid.text).toBe('{"code":404,"message":"订单不存在","data":null}\n');
    const stranger = await send('POST', '/v2/orders/mall/999/pay', {}, 'en');
    expect(stranger.text).toBe('{"code":401,"message":"用户未认证"}\n');
  });
});

describe('a checkout with several faults', () => {
  it('is told of all of them', async () => {
    const authorization = `Bearer ${await token('admin')}`;
    const checkout = { amount: 0, provider: 'wechat', scene: 'mobile', expires_in: 1, tenant_id: 7 };
    const body = JSON.stringify(checkout);
    expect(
      await errorOf('POST', '/api/pay/checkout', { headers: { ...json, authorization }, body }),
    ).toMatchObject({
      ...{ status: 400, word: 'missing_field', field: 'payer_client_ip, amount, expires_in' },
      message: expect.stringMatching(/^payer_client_ip is required.*; amount must be.*; expires_in must be/),
    });
  });
});
