import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leadsTo } from '../../../../infra/local/simulators/payer/refresh.ts';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, type WechatMerchant } from './wechat-merchant.ts';

let bench: Bench;
let merchant: WechatMerchant;
beforeAll(async () => {
  bench = await startBench();
  merchant = createWechatMerchant(bench);
});
afterAll(() => bench.stop());

const scene_info = { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } };

function h5(order_no: string, changes: object = {}) {
  const { payer, ...body } = merchant.jsapi(order_no, { scene_info, ...changes });
  return merchant.create(body, 'h5');
}

async function pageOf(order_no: string, changes: object = {}): Promise<string> {
  const { status, data } = await h5(order_no, changes);
  expect(status).toBe(200);
  return String(data['h5_url']);
}

const browser = { referer: 'https://shop.example/', 'user-agent': 'Mozilla/5.0 (iPhone)' };

async function open(url: string, headers: Record<string, string> = browser) {
  const response = await fetch(url, { headers, redirect: 'manual' });
  return { status: response.status, to: leadsTo(response), page: await response.text() };
}

describe('H5', () => {
  it('gives a page that its payer opens in a browser, and that is paid', async () => {
    const order_no = uniqueOrderNumber();
    const page = await pageOf(order_no);
    expect(await open(page)).toMatchObject({ status: 200, page: expect.stringContaining(order_no) });
    await bench.act(`wechat/${order_no}/pay`);
    expect((await merchant.query(order_no)).data).toMatchObject({
      trade_type: 'MWEB',
      trade_state: 'SUCCESS',
    });
  });

  it('leads back to where the page says, once it is paid', async () => {
    const order_no = uniqueOrderNumber();
    const back = 'https://shop.example/paid?order=1';
    const page = `${await pageOf(order_no)}&redirect_url=${encodeURIComponent(back)}`;
    expect((await open(page)).page).toContain(back);
    await bench.act(`wechat/${order_no}/pay`);
    expect(await open(page)).toMatchObject({ status: 200, to: back });
  });

  it.each([
    ['https://shop.example/付款?x=%E9%9E%8B', 'https://shop.example/%E4%BB%98%E6%AC%BE?x=%E9%9E%8B'],
    ['javascript:alert(1)', null],
    ['/paid', null],
  ])('leads to addresses of the web alone, as a browser writes them: %s', async (back, to) => {
    const order_no = uniqueOrderNumber();
    const page = `${await pageOf(order_no)}&redirect_url=${encodeURIComponent(back)}`;
    expect((await open(page)).page).not.toContain('href="javascript');
    await bench.act(`wechat/${order_no}/pay`);
    expect((await open(page)).to).toBe(to);
  });

  it.each([
    ['the address is not the payer’s', '网络环境未能通过安全验证', { 'x-forwarded-for': '203.0.113.9' }],
    ['WeChat itself opens it', '请在微信外打开订单', { 'user-agent': 'Mozilla/5.0 MicroMessenger/8.0' }],
    ['no page led to it', '商家参数格式有误', { referer: '' }],
  ])('refuses where %s', async (_where, message, changes) => {
    const page = await pageOf(uniqueOrderNumber());
    expect(await open(page, { ...browser, ...changes })).toMatchObject({
      status: 400,
      page: expect.stringContaining(message),
    });
  });

  it('is paid from an address of IPv6 too', async () => {
    const payer_client_ip = '2001:db8::1';
    const page = await pageOf(uniqueOrderNumber(), { scene_info: { ...scene_info, payer_client_ip } });
    expect(await open(page)).toMatchObject({ status: 400 });
    expect(await open(page, { ...browser, 'x-forwarded-for': payer_client_ip })).toMatchObject({
      status: 200,
    });
  });

  it('gives a page that is good for five minutes, and then another of the same payment', async () => {
    const order_no = uniqueOrderNumber();
    const first = await pageOf(order_no);
    bench.clock.ahead_ms += 299_000;
    expect((await open(first)).status).toBe(200);
    bench.clock.ahead_ms += 1_000;
    const { status, page } = await open(first);
    expect({ status, page }).toMatchObject({ status: 400, page: expect.stringContaining('支付请求已失效') });
    bench.clock.ahead_ms = 0;
    const same = await merchant.query(order_no);
    expect(same.data['trade_state']).toBe('NOTPAY');
  });

  it.each([
    ['/scene_info', { scene_info: undefined }],
    ['/scene_info/payer_client_ip', { scene_info: { ...scene_info, payer_client_ip: '1.2.3' } }],
    ['/scene_info/payer_client_ip', { scene_info: { h5_info: { type: 'Wap' } } }],
    ['/scene_info/h5_info', { scene_info: { payer_client_ip: '127.0.0.1' } }],
    ['/scene_info/h5_info/type', { scene_info: { ...scene_info, h5_info: {} } }],
  ])('refuses a wrong %s', async (field, changes) => {
    const { status, data } = await h5(uniqueOrderNumber(), changes);
    expect({ status, ...data }).toMatchObject({ status: 400, code: 'PARAM_ERROR', detail: { field } });
  });

  it.each([
    ['a page for a number of another way of paying', 'jsapi'],
    ['a page for a number of another way of paying', 'native'],
  ])('refuses %s: %s', async (_what, way) => {
    const order_no = uniqueOrderNumber();
    const { payer, ...body } = merchant.jsapi(order_no);
    expect((await merchant.create(way === 'jsapi' ? { ...body, payer } : body, way)).status).toBe(200);
    const { status, data } = await h5(order_no);
    expect({ status, code: data['code'] }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('opens no page of a payment inside WeChat', async () => {
    const order_no = uniqueOrderNumber();
    const page = await pageOf(uniqueOrderNumber());
    const { prepay_id } = (await merchant.create(merchant.jsapi(order_no))).data;
    const { status } = await open(page.replace(/prepay_id=\w+/, `prepay_id=${prepay_id}`));
    expect(status).toBe(400);
  });
});

describe('the time until when it can be paid', () => {
  it('is a minute ahead at least', async () => {
    const order_no = uniqueOrderNumber();
    const time_expire = new Date(Date.now() + 5_000).toISOString();
    await pageOf(order_no, { time_expire });
    bench.clock.ahead_ms = 50_000;
    expect((await merchant.query(order_no)).data['trade_state']).toBe('NOTPAY');
    bench.clock.ahead_ms = 61_000;
    expect((await merchant.query(order_no)).data['trade_state']).toBe('CLOSED');
    bench.clock.ahead_ms = 0;
  });

  it('is seven days ahead at most', async () => {
    const time_expire = new Date(Date.now() + 7 * 86_400_000 + 60_000).toISOString();
    const { status, data } = await h5(uniqueOrderNumber(), { time_expire });
    expect({ status, ...data }).toMatchObject({ status: 400, detail: { field: '/time_expire' } });
  });
});

describe('coupons', () => {
  const paid = async (discount: object) => {
    const order_no = uniqueOrderNumber();
    await merchant.create(merchant.jsapi(order_no));
    const answer = await bench.control(`/payments/wechat/${order_no}/pay`, { discount });
    return { order_no, answer };
  };

  it('are told of in the message and to a query, by who bears them', async () => {
    const { order_no } = await paid({ merchant: 100, provider: 34 });
    const message = bench.received.at(-1);
    const told = [message && merchant.decrypt(message), (await merchant.query(order_no)).data];
    for (const transaction of told) {
      expect(transaction).toMatchObject({
        amount: { total: 1234, payer_total: 1100 },
        promotion_detail: [
          { type: 'NOCASH', amount: 100, merchant_contribute: 100, wechatpay_contribute: 0 },
          { type: 'CASH', amount: 34, merchant_contribute: 0, wechatpay_contribute: 34 },
        ],
      });
    }
  });

  it('are not told of where there are none', async () => {
    const { order_no } = await paid({});
    const { data } = await merchant.query(order_no);
    expect(data).toMatchObject({ amount: { total: 1234, payer_total: 1234 } });
    expect(data).not.toHaveProperty('promotion_detail');
  });

  it('are no more than the payment', async () => {
    expect((await paid({ merchant: 1000, provider: 300 })).answer.status).toBe(409);
  });
});
