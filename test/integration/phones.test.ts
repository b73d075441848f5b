import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leadsTo } from '../../infra/local/simulators/payer/refresh.ts';
import { localUser } from '../../infra/local/tokens.ts';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import { type ApiAnswer, createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { openTable } from '../support/parties.ts';

/** Payments of every scene from checkout to paid, over HTTP; and what a provider refuses of a phone's page. */

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
const PAYER = '127.0.0.1';
const RETURN = 'http://localhost:8080/paid?cart=1';

async function checkOut(body: object, key?: string) {
  return call('POST', '/api/pay/checkout', {
    token,
    body: { tenant_id: 7, amount: 12.3, ...body },
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  });
}

async function begun(body: object): Promise<{ order_no: string; pay_url: string }> {
  const made = await checkOut(body);
  expect(made).toMatchObject({ status: 201 });
  return data(made) as { order_no: string; pay_url: string };
}

const phone = (provider: Provider, changes: object = {}) => ({
  ...{ provider, scene: 'mobile', return_url: RETURN, description: '帆布鞋' },
  ...(provider === 'wechat' && { payer_client_ip: PAYER }),
  ...changes,
});

/** As a phone's browser opens it, from the shop's page. */
async function open(url: string, headers: Record<string, string> = {}) {
  const browser = { referer: 'https://shop.example/', 'user-agent': 'Mozilla/5.0 (iPhone)', ...headers };
  const response = await fetch(url, { headers: browser, redirect: 'manual' });
  return { status: response.status, to: leadsTo(response), page: await response.text() };
}

/** Sends the form of the page that was opened, as its browser does. */
async function pay(url: string, page: string): Promise<number> {
  const [, action = url] = /<form method="post" action="([^"]+)"/.exec(page) ?? [];
  const form = new URL(action.replaceAll('&amp;', '&'), url);
  const headers = { origin: form.origin, referer: url };
  const response = await fetch(form, { method: 'POST', headers, body: 'act=pay', redirect: 'manual' });
  return response.status;
}

const act = async (provider: Provider, payment_no: string, options: object = {}, action = 'pay') =>
  simulate('POST', `/payments/${provider}/${payment_no}/${action}`, { body: options });

const stateOf = async (order_no: string) =>
  data(await call('GET', `/api/pay/orders/${order_no}`, { token }))['status'];

describe('a phone', () => {
  it.each(providers)('is led to %s, pays there and is led back', async (provider) => {
    const { order_no, pay_url } = await begun(phone(provider));
    const before = await open(pay_url);
    expect(before.status).toBe(200);
    expect(before.page).toContain('帆布鞋');
    expect(await pay(pay_url, before.page)).toBe(303);
    expect(await stateOf(order_no)).toBe('paid');
    expect((await open(pay_url)).to).toMatch(/^http:\/\/localhost:8080\/paid\?cart=1/);
  });

  it.each(providers)('needs no address to come back to: %s', async (provider) => {
    const { order_no, pay_url } = await begun(phone(provider, { return_url: undefined }));
    expect((await open(pay_url)).status).toBe(200);
    await act(provider, order_no);
    expect(await stateOf(order_no)).toBe('paid');
  });

  it('is paid at WeChat Pay from its own address alone, and nothing is lost by trying', async () => {
    const { order_no, pay_url } = await begun(phone('wechat'));
    const strange = await open(pay_url, { 'x-forwarded-for': '203.0.113.7' });
    expect(strange).toMatchObject({ status: 400, page: expect.stringContaining('网络环境未能通过安全验证') });
    expect(await stateOf(order_no)).toBe('pending');
    expect((await open(pay_url)).status).toBe(200);
    await act('wechat', order_no);
    await act('wechat', order_no);
    expect(await stateOf(order_no)).toBe('paid');
  });

  it('whose address has changed is given a page of its own by the same request', async () => {
    const key = `moved-${Date.now()}`;
    const first = await checkOut(phone('wechat', { payer_client_ip: '203.0.113.7' }), key);
    const second = await checkOut(phone('wechat'), key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(data(second)['order_no']).toBe(data(first)['order_no']);
    expect((await open(String(data(second)['pay_url']))).status).toBe(200);
  });

  it('of IPv6 pays too', async () => {
    const { pay_url } = await begun(phone('wechat', { payer_client_ip: '2001:db8::5' }));
    expect((await open(pay_url, { 'x-forwarded-for': '2001:db8::5' })).status).toBe(200);
  });

  it.each([
    ['payer_client_ip', { payer_client_ip: undefined }],
    ['payer_client_ip', { payer_client_ip: 'shop.example' }],
    ['payer_client_ip', { scene: 'desktop' }],
    ['return_url', { return_url: 'https://elsewhere.example/paid' }],
    ['return_url', { return_url: 'javascript:alert(1)' }],
    ['return_url', { return_url: 'http://localhost@elsewhere.example/' }],
    ['scene', { scene: 'jsapi' }],
    ['expires_in', { expires_in: 0 }],
    ['expires_in', { expires_in: 8 * 86_400 }],
  ])('is refused a wrong %s, and no order is made', async (field, changes) => {
    const answer = await checkOut(phone('wechat', changes));
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(field);
  });
});

describe('a page of one scene', () => {
  it('is not given for another: the key stands for one scene', async () => {
    const key = `scene-${Date.now()}`;
    expect((await checkOut({ provider: 'alipay' }, key)).status).toBe(201);
    expect((await checkOut(phone('alipay', { return_url: undefined }), key)).status).toBe(409);
  });

  it.each([
    ['desktop', 'alipay', 'alipay.trade.page.pay', 'FAST_INSTANT_TRADE_PAY'],
    ['mobile', 'alipay', 'alipay.trade.wap.pay', 'QUICK_WAP_WAY'],
  ])('of a %s at %s is of its own product', async (scene, provider, method, product_code) => {
    const { pay_url } = await begun({ provider, scene });
    const query = new URL(pay_url).searchParams;
    expect(query.get('method')).toBe(method);
    expect(JSON.parse(query.get('biz_content') ?? '')).toMatchObject({ product_code });
  });

  it('of WeChat Pay is a code for a desktop and an address for a phone', async () => {
    expect((await begun({ provider: 'wechat' })).pay_url).toMatch(/^weixin:/);
    expect((await begun(phone('wechat'))).pay_url).toMatch(
      /checkmweb\?.*&redirect_url=http%3A%2F%2Flocalhost/,
    );
  });
});

describe('a shop order', () => {
  it('is paid inside WeChat in another app, under its own appid', async () => {
    const { apps = {} } = system.documents.wechat as { apps?: Record<string, unknown> };
    const appid = Object.keys(apps).at(-1) ?? '';
    const id = Date.now();
    const path = `/v2/orders/mall/${id}`;
    const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
    const body = { user_id: localUser, openid, amount: 9.9, points: 0, description: '帽子', appid };
    expect((await call('PUT', path, { token, body })).status).toBe(201);
    const user = system.tokens?.user ?? '';
    expect(data(await call('POST', `${path}/pay`, { token: user }))).toMatchObject({ appId: appid });
    await act('wechat', `mall-${id}`);
    const { payment } = (await simulate('GET', `/payments/wechat/mall-${id}`)).body as {
      payment: { appid: string };
    };
    expect(payment.appid).toBe(appid);
    expect(data(await call('GET', path, { token: user }))['status']).toBe('paid');
  });
});

describe('a payment with coupons', () => {
  const discountOf = async (order_no: string) => (await table.item({ order_no }, 'PAYMENT#1'))?.['discount'];

  it.each(['wechat', 'alipay'] as const)('at %s pays the order at its total', async (provider) => {
    const { order_no, pay_url } = await begun(phone(provider));
    await open(pay_url);
    await act(provider, order_no, { discount: { merchant: 200, provider: 30 } });
    expect(await stateOf(order_no)).toBe('paid');
    expect(await discountOf(order_no)).toEqual({ merchant: 200, provider: 30 });
    expect(await table.item({ order_no }, 'PAYMENT#1')).toMatchObject({ amount: 1230, return_url: null });
  });

  it.each([
    ['wechat', { merchant: 0, provider: 30 }],
    // Asked, Alipay does not say.
    ['alipay', null],
  ] as const)('at %s is found by asking, with what it says of them', async (provider, said) => {
    const { order_no, pay_url } = await begun(phone(provider));
    await open(pay_url);
    await act(provider, order_no, { discount: { merchant: 0, provider: 30 }, deliver: false });
    for (const item of await table.items({ order_no })) await table.makeDue(item);
    await system.sweep();
    expect(await stateOf(order_no)).toBe('paid');
    expect(await discountOf(order_no)).toEqual(said);
  });
});
