import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, type WechatMerchant } from './wechat-merchant.ts';

let bench: Bench;
let merchant: WechatMerchant;
beforeAll(async () => {
  bench = await startBench();
  merchant = createWechatMerchant(bench);
});
afterAll(() => bench.stop());
afterEach(() => {
  bench.clock.ahead_ms += 40_000;
});

type Body = Record<string, unknown>;

async function post(path: string, body: unknown, token?: string): Promise<Body> {
  const query = token === undefined ? '' : `?access_token=${token}`;
  const { api_base_url } = bench.counterparts.wechat.document;
  const response = await fetch(`${api_base_url}${path}${query}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return response.status === 200 ? ((await response.json()) as Body) : { http: response.status };
}

const secretOf = (appid: string) => bench.counterparts.wechat.document.apps?.[appid]?.secret;

function askToken(changes: object = {}) {
  const { appid } = bench.counterparts.wechat.document;
  const secret = secretOf(appid);
  return post('/cgi-bin/stable_token', { grant_type: 'client_credential', appid, secret, ...changes });
}

const tokenOf = async (changes?: object): Promise<string> =>
  String((await askToken(changes))['access_token']);

const ahead = (ms: number) => {
  bench.clock.ahead_ms += ms;
};

describe('stable_token', () => {
  it('gives the same until near its end, and then another beside which the old one stays good', async () => {
    const first = await askToken({ force_refresh: true });
    expect(first).toMatchObject({ expires_in: 7200 });
    ahead(6_890_000);
    expect(await askToken()).toMatchObject({ access_token: first['access_token'] });
    ahead(20_000);
    const second = await askToken();
    expect(second).toMatchObject({ access_token: expect.not.stringMatching(String(first['access_token'])) });
    const companies = '/cgi-bin/express/delivery/open_msg/get_delivery_list';
    expect(await post(companies, {}, String(first['access_token']))).toMatchObject({ errcode: 0 });
    ahead(290_000);
    expect(await post(companies, {}, String(first['access_token']))).toMatchObject({ errcode: 42001 });
    expect(await post(companies, {}, String(second['access_token']))).toMatchObject({ errcode: 0 });
  });

  it('refreshed by force, ends the token before; not twice within half a minute', async () => {
    const first = await tokenOf();
    const forced = await tokenOf({ force_refresh: true });
    expect(forced).not.toBe(first);
    expect(await tokenOf({ force_refresh: true })).toBe(forced);
    expect(await post('/wxa/sec/order/is_trade_managed', {}, first)).toMatchObject({ errcode: 40001 });
  });

  it('is refreshed by force twenty times a day', async () => {
    ahead(86_400_000);
    for (let times = 0; times < 20; times += 1) {
      expect(await askToken({ force_refresh: true })).toMatchObject({ expires_in: 7200 });
      ahead(30_000);
    }
    expect(await askToken({ force_refresh: true })).toMatchObject({ errcode: 45009 });
    expect(await askToken()).toHaveProperty('access_token');
    ahead(86_400_000);
  });

  it.each([
    [40125, { secret: 'f'.repeat(32) }],
    [40013, { appid: 'wx0000000000000000' }],
    [40002, { grant_type: 'authorization_code' }],
    [47001, { secret: 1 }],
  ])('answers %s', async (errcode, changes) => {
    expect(await askToken(changes)).toMatchObject({ errcode });
  });
});

const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
const parcel = { tracking_no: 'SF1234567890', express_company: 'SF', item_desc: '帆布鞋 × 1' };
const contact = { receiver_contact: '138****5678' };

async function paidOrder(): Promise<string> {
  const order_no = uniqueOrderNumber();
  const time_expire = new Date(Date.now() + bench.clock.ahead_ms + 3_600_000).toISOString();
  const { appid, mchid } = bench.counterparts.wechat.document;
  const by = merchant.client();
  const body = { ...merchant.jsapi(order_no, { time_expire }), appid, mchid };
  expect(await merchant.create(body, 'jsapi', by)).toMatchObject({ status: 200 });
  await bench.act(`wechat/${order_no}/pay`, { deliver: false });
  return order_no;
}

const now = () => new Date(Date.now() + bench.clock.ahead_ms).toISOString();

const shipment = (out_trade_no: string, changes: object = {}) => ({
  order_key: { order_number_type: 1, mchid: bench.counterparts.wechat.document.mchid, out_trade_no },
  logistics_type: 1,
  delivery_mode: 1,
  shipping_list: [{ ...parcel, contact }],
  upload_time: now(),
  payer: { openid },
  ...changes,
});

const upload = async (body: object, token?: string) =>
  (await post('/wxa/sec/order/upload_shipping_info', body, token ?? (await tokenOf())))['errcode'];

const shipments = async () => {
  const { body } = await bench.control('/weixin');
  return (body as { shipments: Body[] }).shipments;
};

// The merchant's clock is the real one, WeChat Pay's the bench's: they are brought together.
describe('upload_shipping_info', () => {
  beforeAll(() => {
    bench.clock.ahead_ms = 0;
  });
  afterEach(() => {
    bench.clock.ahead_ms = 0;
  });

  it('takes what was sent, by either name of the order', async () => {
    const order_no = await paidOrder();
    expect(await upload(shipment(order_no))).toBe(0);
    expect(await shipments()).toContainEqual(
      expect.objectContaining({ payment_no: order_no, logistics_type: 1, is_complete: true, times: 1 }),
    );
    const other = await paidOrder();
    const { data } = await merchant.query(other);
    const order_key = { order_number_type: 2, transaction_id: data['transaction_id'] };
    const list = [{ item_desc: '午餐套餐' }];
    expect(await upload(shipment(other, { order_key, logistics_type: 4, shipping_list: list }))).toBe(0);
  });

  it('takes one correction, and nothing that changes nothing', async () => {
    const order_no = await paidOrder();
    const corrected = { shipping_list: [{ ...parcel, tracking_no: 'SF9', contact }] };
    const before = new Date(0).toISOString();
    expect(await upload(shipment(order_no))).toBe(0);
    const { upload_time } = shipment(order_no);
    expect(await upload(shipment(order_no, { upload_time }))).toBe(10060023);
    bench.clock.ahead_ms += 1_000;
    expect(await upload(shipment(order_no))).toBe(10060023);
    expect(await upload(shipment(order_no, { ...corrected, upload_time: before }))).toBe(10060014);
    expect(await upload(shipment(order_no, corrected))).toBe(0);
    bench.clock.ahead_ms += 1_000;
    expect(await upload(shipment(order_no))).toBe(10060003);
    expect(await upload(shipment(order_no, corrected))).toBe(10060023);
  });

  it('takes parcels one after another until all is sent', async () => {
    const order_no = await paidOrder();
    const part = (tracking_no: string, is_all_delivered: boolean) =>
      shipment(order_no, {
        delivery_mode: 2,
        is_all_delivered,
        shipping_list: [{ ...parcel, tracking_no, contact }],
      });
    expect(await upload(part('SF1', false))).toBe(0);
    bench.clock.ahead_ms += 1_000;
    expect(await upload(part('SF2', true))).toBe(0);
    const told = (await shipments()).find(({ payment_no }) => payment_no === order_no);
    expect(told).toMatchObject({
      is_complete: true,
      parcels: [{ tracking_no: 'SF1' }, { tracking_no: 'SF2' }],
    });
  });

  const wrong: [number, string, object][] = [
    [10060031, 'of another payer', { payer: { openid: 'oSomebodyElse' } }],
    [
      10060001,
      'of no order',
      { order_key: { order_number_type: 1, mchid: '1900000001', out_trade_no: 'no' } },
    ],
    [10060005, 'in no way that is known', { logistics_type: 5 }],
    [
      10060006,
      'in parts, but by no courier',
      { logistics_type: 2, delivery_mode: 2, is_all_delivered: true },
    ],
    [10060007, 'in parts that may be all', { delivery_mode: 2 }],
    [268485224, 'in no mode', { delivery_mode: undefined }],
    [268485216, 'at no time', { upload_time: '2026-11-26 05:00:00' }],
    [10060008, 'without a word on what it is', { shipping_list: [{ ...parcel, item_desc: '', contact }] }],
    [10060009, 'with too many', { shipping_list: [{ ...parcel, item_desc: '鞋'.repeat(121), contact }] }],
    [
      10060014,
      'with a number that is not masked',
      { shipping_list: [{ ...parcel, contact: { receiver_contact: '13812345678' } }] },
    ],
    [
      10060014,
      'with the last digits masked',
      { shipping_list: [{ ...parcel, contact: { receiver_contact: '138****56**' } }] },
    ],
    [10060014, 'by SF without a contact', { shipping_list: [parcel] }],
    [10060014, 'by a courier without a number', { shipping_list: [{ ...parcel, tracking_no: '', contact }] }],
    [
      10060024,
      'in too many parcels',
      { delivery_mode: 2, is_all_delivered: true, shipping_list: Array(16).fill({ ...parcel, contact }) },
    ],
    [47001, 'that is no shipment', { payer: null }],
  ];
  it.each(wrong)('answers %s to one %s', async (errcode, _what, changes) => {
    expect(await upload(shipment(await paidOrder(), changes))).toBe(errcode);
  });

  it('knows no order of another app', async () => {
    const other = Object.keys(bench.counterparts.wechat.document.apps ?? {}).at(-1) ?? '';
    const token = await tokenOf({ appid: other, secret: secretOf(other) });
    expect(await upload(shipment(await paidOrder()), token)).toBe(10060001);
  });

  it('knows no order before it is paid', async () => {
    const order_no = uniqueOrderNumber();
    await merchant.create(merchant.jsapi(order_no));
    expect(await upload(shipment(order_no))).toBe(10060001);
  });

  it('knows no order before it is entered there', async () => {
    const order_no = await paidOrder();
    await bench.control('/weixin', { known_after_ms: 60_000 });
    expect(await upload(shipment(order_no))).toBe(10060001);
    bench.clock.ahead_ms += 60_000;
    expect(await upload(shipment(order_no))).toBe(0);
    await bench.control('/weixin', { known_after_ms: 0 });
  });

  it('asks for a token that is good', async () => {
    const order_no = await paidOrder();
    expect(await upload(shipment(order_no), 'nobody’s')).toBe(40001);
    expect(await upload(shipment(order_no), '')).toBe(41001);
    const token = await tokenOf();
    await bench.control('/weixin', { tokens: 'expired' });
    expect(await upload(shipment(order_no), token)).toBe(42001);
    expect(await tokenOf()).not.toBe(token);
    expect(await upload(shipment(order_no))).toBe(0);
    expect(await upload(shipment(order_no), token)).toBe(42001);
  });

  it('can be down and up again', async () => {
    const order_no = await paidOrder();
    const token = await tokenOf();
    const path = '/wxa/sec/order/upload_shipping_info';
    await bench.control('/weixin', { fault: 'http' });
    expect(await post(path, shipment(order_no), token)).toEqual({ http: 500 });
    await bench.control('/weixin', { fault: 'busy' });
    expect(await post(path, shipment(order_no), token)).toMatchObject({ errcode: -1 });
    await bench.control('/weixin', { fault: null });
    expect(await post(path, shipment(order_no), token)).toMatchObject({ errcode: 0 });
  });
});

it('says that trade is managed, and which couriers there are', async () => {
  const { appid } = bench.counterparts.wechat.document;
  const token = await tokenOf();
  expect(await post('/wxa/sec/order/is_trade_managed', { appid }, token)).toMatchObject({
    errcode: 0,
    is_trade_managed: true,
  });
  const list = await post('/cgi-bin/express/delivery/open_msg/get_delivery_list', {}, token);
  expect(list['delivery_list']).toContainEqual({ delivery_id: 'SF', delivery_name: '顺丰速运' });
});
