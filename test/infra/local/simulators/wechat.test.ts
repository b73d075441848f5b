import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, type ReceivedMessage, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, type WechatMerchant } from './wechat-merchant.ts';

let bench: Bench;
let merchant: WechatMerchant;
beforeAll(async () => {
  bench = await startBench();
  merchant = createWechatMerchant(bench);
});
afterAll(() => bench.stop());

const createOk = async (order_no: string) => {
  const answer = await merchant.create(merchant.jsapi(order_no));
  expect(answer.status).toBe(200);
  return answer.data;
};
function lastMessage(): ReceivedMessage {
  const message = bench.received.at(-1);
  if (!message) throw new Error('nothing was sent');
  return message;
}

describe('creating a payment', () => {
  it('gives a prepay_id, and a fresh one for the same parameters', async () => {
    const order_no = uniqueOrderNumber();
    const body = merchant.jsapi(order_no);
    const [first, second] = [await merchant.create(body), await merchant.create(body)];
    expect(first.data['prepay_id']).toMatch(/^wx\w{34}$/);
    expect(second.data['prepay_id']).toMatch(/^wx\w{34}$/);
    expect(second.data['prepay_id']).not.toBe(first.data['prepay_id']);
  });

  it('gives a code_url for Native', async () => {
    const { payer, ...body } = merchant.jsapi(uniqueOrderNumber());
    const { data } = await merchant.create(body, 'native');
    expect(data['code_url']).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=\w+$/);
  });

  it.each([
    ['/out_trade_no', { out_trade_no: 'ab-12' }],
    ['/out_trade_no', { out_trade_no: 'mall/123456' }],
    ['/description', { description: '鞋'.repeat(43) }],
    ['/description', { description: 'x'.repeat(128) }],
    ['/payer/openid', { payer: { openid: '鞋'.repeat(43) } }],
    ['/notify_url', { notify_url: `http://127.0.0.1:1/${'n'.repeat(240)}` }],
    ['/amount/total', { amount: { total: 0, currency: 'CNY' } }],
    ['/amount/total', { amount: { total: 12.5, currency: 'CNY' } }],
    ['/amount/currency', { amount: { total: 1, currency: 'USD' } }],
    ['/payer/openid', { payer: {} }],
    ['/notify_url', { notify_url: 'http://127.0.0.1:1/notify?a=1' }],
    ['/notify_url', { notify_url: 'https://shop.example/notify' }],
    ['/notify_url', { notify_url: 'http://127.0.0.1.shop.example/notify' }],
    ['/notify_url', { notify_url: 'https://127.0.0.1/notify' }],
    ['/time_expire', { time_expire: '2020-01-01T00:00:00+08:00' }],
    ['/time_expire', { time_expire: 'tomorrow' }],
  ])('refuses a wrong parameter and names it: %s', async (field, changes) => {
    const { status, data } = await merchant.create(merchant.jsapi(uniqueOrderNumber(), changes));
    expect({ status, ...data }).toMatchObject({ status: 400, code: 'PARAM_ERROR', detail: { field } });
  });

  it('refuses the same number with other parameters', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    const { status, data } = await merchant.create(
      merchant.jsapi(order_no, { amount: { total: 1235, currency: 'CNY' } }),
    );
    expect({ status, code: data['code'] }).toEqual({ status: 400, code: 'INVALID_REQUEST' });
  });

  it('refuses a request that another key signed, or another merchant', async () => {
    const other = { privateKey: bench.counterparts.alipay.document.private_key };
    for (const by of [
      merchant.client(other),
      merchant.client({ mchid: '1900000002' }),
      merchant.client({ serial: 'ABC' }),
    ]) {
      const { status, data } = await merchant.create(merchant.jsapi(uniqueOrderNumber()), 'jsapi', by);
      expect({ status, code: data['code'] }).toEqual({ status: 401, code: 'SIGN_ERROR' });
    }
  });

  it('refuses a signature of more than five minutes ago', async () => {
    const requested = merchant.jsapi(uniqueOrderNumber());
    try {
      bench.clock.ahead_ms = 302_000;
      const { status, data } = await merchant.create(requested);
      expect({ status, code: data['code'] }).toEqual({ status: 401, code: 'SIGN_ERROR' });
    } finally {
      bench.clock.ahead_ms = 0;
    }
  });

  it('refuses a request without a signature', async () => {
    const response = await fetch(`${bench.url}/wechat/v3/pay/transactions/jsapi`, {
      method: 'POST',
      body: '{}',
    });
    expect(response.status).toBe(401);
  });
});

describe('a payment', () => {
  it('is queried from open to paid', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    expect((await merchant.query(order_no)).data).toMatchObject({
      out_trade_no: order_no,
      trade_state: 'NOTPAY',
    });
    await bench.act(`wechat/${order_no}/pay`, { deliver: false });
    expect((await merchant.query(order_no)).data).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
      transaction_id: expect.stringMatching(/^\d{28}$/),
      amount: { total: 1234, currency: 'CNY' },
    });
    expect((await merchant.create(merchant.jsapi(order_no))).data).toMatchObject({ code: 'ORDERPAID' });
  });

  it('that does not exist is not found, nor is one of another merchant', async () => {
    expect((await merchant.query(uniqueOrderNumber())).data).toMatchObject({ code: 'ORDER_NOT_EXIST' });
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    expect((await merchant.query(order_no, '1900000002')).status).toBe(400);
  });

  it('can be closed, and is not paid after that', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    expect((await merchant.close(order_no)).status).toBe(204);
    expect((await merchant.query(order_no)).data).toMatchObject({ trade_state: 'CLOSED' });
    expect((await bench.control(`/payments/wechat/${order_no}/pay`, {})).status).toBe(409);
    expect((await merchant.close(order_no)).status).toBe(204);
    expect((await merchant.create(merchant.jsapi(order_no))).data).toMatchObject({ code: 'ORDER_CLOSED' });
  });

  it('is said to be closed when it does not exist, and can be made after that', async () => {
    const order_no = uniqueOrderNumber();
    expect((await merchant.close(order_no)).status).toBe(204);
    await createOk(order_no);
    expect((await merchant.query(order_no)).data).toMatchObject({ trade_state: 'NOTPAY' });
  });

  it('is not closed once it is paid, or by another merchant', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    expect(await merchant.close(order_no, '1900000002')).toMatchObject({
      status: 400,
      data: { code: 'PARAM_ERROR', detail: { field: '/mchid' } },
    });
    await bench.act(`wechat/${order_no}/pay`, { deliver: false });
    expect(await merchant.close(order_no)).toMatchObject({ status: 400, data: { code: 'ORDERPAID' } });
  });

  it('that is not paid in time is closed', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    try {
      bench.clock.ahead_ms = 7_200_000;
      expect((await bench.control(`/payments/wechat/${order_no}/pay`, {})).status).toBe(409);
    } finally {
      bench.clock.ahead_ms = 0;
    }
  });
});

describe('a notification', () => {
  it('is signed, encrypted and sent to the address given at creation', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    const { payment } = await bench.act(`wechat/${order_no}/pay`);
    const message = lastMessage();
    expect(message.path).toBe('/v2/payments/notify');
    expect(merchant.isGenuine(message)).toBe(true);
    expect(JSON.parse(message.body)).toMatchObject({ event_type: 'TRANSACTION.SUCCESS' });
    expect(merchant.decrypt(message)).toMatchObject({
      appid: bench.counterparts.wechat.document.appid,
      mchid: bench.counterparts.wechat.document.mchid,
      out_trade_no: order_no,
      trade_state: 'SUCCESS',
      transaction_id: payment.transaction_id,
      amount: { total: 1234, payer_total: 1234, currency: 'CNY' },
      payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    });
  });

  it('tells of a failed payment', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    await bench.act(`wechat/${order_no}/fail`);
    expect(merchant.decrypt(lastMessage())).toMatchObject({
      out_trade_no: order_no,
      trade_state: 'PAYERROR',
    });
  });

  it.each([
    ['signature', /^(?!WECHATPAY)/],
    ['probe', /^WECHATPAY\/SIGNTEST\//],
  ])('that is forged (%s) does not verify and pays nothing', async (forge, form) => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    const { payment } = await bench.act(`wechat/${order_no}/pay`, { forge });
    expect(payment.state).toBe('open');
    expect(merchant.isGenuine(lastMessage())).toBe(false);
    expect(lastMessage().headers['wechatpay-signature']).toMatch(form);
    expect(merchant.decrypt(lastMessage())).toMatchObject({ out_trade_no: order_no, trade_state: 'SUCCESS' });
  });

  it('with another amount is genuine all the same', async () => {
    const order_no = uniqueOrderNumber();
    await createOk(order_no);
    await bench.act(`wechat/${order_no}/pay`, { alter: { amount: 1 } });
    expect(merchant.isGenuine(lastMessage())).toBe(true);
    expect(merchant.decrypt(lastMessage())).toMatchObject({ amount: { total: 1 } });
  });
});
