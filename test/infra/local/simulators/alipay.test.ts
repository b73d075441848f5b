import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leadsTo } from '../../../../infra/local/simulators/payer/refresh.ts';
import { createAlipayClient } from './alipay-client.ts';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());

const sdk = (changes?: object) => createAlipayClient(bench, changes);

function payUrl(
  out_trade_no: string,
  { biz = {}, notify_url = `${bench.publicUrl}/notify`, by = sdk() } = {},
) {
  const bizContent = {
    out_trade_no,
    total_amount: '12.30',
    subject: '鞋 <b>',
    product_code: 'FAST_INSTANT_TRADE_PAY',
    time_expire: '2099-01-01 00:00:00',
    ...biz,
  };
  return by.pageExecute('alipay.trade.page.pay', 'GET', { bizContent, notifyUrl: notify_url });
}

const open = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, page: await response.text() };
};

const lastForm = () => Object.fromEntries(new URLSearchParams(bench.received.at(-1)?.body));

describe('the cashier on a phone', () => {
  const wap = (out_trade_no: string, { biz = {}, ...addresses }: { biz?: object; returnUrl?: string } = {}) =>
    sdk().pageExecute('alipay.trade.wap.pay', 'GET', {
      bizContent: {
        out_trade_no,
        total_amount: '12.30',
        subject: '鞋',
        product_code: 'QUICK_WAP_WAY',
        quit_url: 'https://shop.example/quit',
        ...biz,
      },
      notifyUrl: `${bench.publicUrl}/notify`,
      ...addresses,
    });

  it('takes the payer back once it is paid, with what Alipay says and signs of the trade', async () => {
    const order_no = uniqueOrderNumber();
    const url = wap(order_no, { returnUrl: 'https://shop.example/paid?a=%20b#part' });
    expect((await open(url)).page).toContain('https://shop.example/quit');
    await bench.act(`alipay/${order_no}/pay`);
    const to = leadsTo(await fetch(url)) ?? '';
    expect(to).toMatch(/^https:\/\/shop\.example\/paid\?a=%20b&charset=utf-8&.*#part$/);
    const { a: _own, ...said } = Object.fromEntries(new URL(to).searchParams);
    expect(said).toEqual({
      ...{ charset: 'utf-8', version: '1.0', sign_type: 'RSA2', method: 'alipay.trade.wap.pay.return' },
      ...{ out_trade_no: order_no, trade_no: expect.stringMatching(/^\d{28}$/), total_amount: '12.30' },
      ...{ app_id: '2021000000000001', auth_app_id: '2021000000000001', seller_id: '2088000000000001' },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      sign: expect.any(String),
    });
    expect(sdk().checkNotifySignV2(said)).toBe(true);
    expect(sdk().checkNotifySignV2({ ...said, total_amount: '0.01' })).toBe(false);
  });

  it.each([
    ['product_code', { product_code: 'FAST_INSTANT_TRADE_PAY' }],
    ['quit_url', { quit_url: 'shop' }],
  ])('refuses a wrong %s', async (field, biz) => {
    const { status, page } = await open(wap(uniqueOrderNumber(), { biz }));
    expect({ status, named: page.includes(field) }).toEqual({ status: 400, named: true });
  });

  it('refuses to lead to what is no address', async () => {
    expect((await open(wap(uniqueOrderNumber(), { returnUrl: 'shop' }))).page).toContain('return_url');
  });
});

describe('coupons', () => {
  it('are told of in the message, by who bears them, and to no query', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    await bench.act(`alipay/${order_no}/pay`, { discount: { merchant: 200, provider: 30 } });
    const told = { total_amount: '12.30', receipt_amount: '10.30', buyer_pay_amount: '10.00' };
    const form = lastForm();
    expect(form).toMatchObject(told);
    expect(JSON.parse(form['fund_bill_list'] ?? '')).toEqual([
      { amount: '10.00', fundChannel: 'ALIPAYACCOUNT' },
      { amount: '0.30', fundChannel: 'COUPON' },
      { amount: '2.00', fundChannel: 'MDISCOUNT' },
    ]);
    const answer = await sdk().exec('alipay.trade.query', { bizContent: { out_trade_no: order_no } });
    expect(answer).toMatchObject({ totalAmount: '12.30', receiptAmount: '0.00', buyerPayAmount: '0.00' });
  });
});

describe('the cashier', () => {
  it('makes the trade exist when its payer opens it', async () => {
    const order_no = uniqueOrderNumber();
    const url = payUrl(order_no);
    expect((await bench.control(`/payments/alipay/${order_no}/pay`, {})).status).toBe(404);
    const { status, page } = await open(url);
    expect(status).toBe(200);
    expect(page).toContain('¥12.30');
    expect(page).toContain('鞋 &lt;b&gt;');
    expect((await bench.control(`/payments/alipay/${order_no}/pay`, {})).status).toBe(200);
  });

  it.each([
    ['isv.invalid-signature', (url: string) => url.replace('12.30', '12.31')],
    ['isv.invalid-signature', (url: string) => url.replace(/&sign=[^&]*/, '')],
    ['isv.invalid-app-id', (url: string) => url.replace(/app_id=\d+/, 'app_id=2021')],
    ['isv.invalid-signature-type', (url: string) => url.replace('RSA2', 'RSA')],
  ])('refuses a URL that was tampered with: %s', async (code, tamper) => {
    const url = payUrl(uniqueOrderNumber());
    expect(tamper(url)).not.toBe(url);
    const { status, page } = await open(tamper(url));
    expect({ status, code: page.includes(code) }).toEqual({ status: 400, code: true });
  });

  it('refuses a URL that another app signed', async () => {
    const by = sdk({ privateKey: bench.counterparts.wechat.document.private_key });
    expect((await open(payUrl(uniqueOrderNumber(), { by }))).page).toContain('isv.invalid-signature');
  });

  it.each([
    ['total_amount', { total_amount: '0.00' }],
    ['total_amount', { total_amount: '1.005' }],
    ['product_code', { product_code: 'QUICK_WAP_WAY' }],
    ['time_expire', { time_expire: '2099-02-31 00:00:00' }],
    ['subject', { subject: '' }],
    ['subject', { subject: '茶'.repeat(257) }],
    ['subject', { subject: 'a=b' }],
    ['total_amount', { total_amount: '100000000.01' }],
    ['ACQ.TRADE_HAS_CLOSE', { time_expire: '2020-01-01 00:00:00' }],
  ])('refuses a wrong parameter: %s', async (said, biz) => {
    const { status, page } = await open(payUrl(uniqueOrderNumber(), { biz }));
    expect({ status, said: page.includes(said) }).toEqual({ status: 400, said: true });
  });

  it('refuses to notify another machine', async () => {
    const { status, page } = await open(
      payUrl(uniqueOrderNumber(), { notify_url: 'http://shop.example/notify' }),
    );
    expect(status).toBe(400);
    expect(page).toContain('notify_url');
  });

  it('opens again only with the same amount and while it is not paid', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    expect((await open(payUrl(order_no))).status).toBe(200);
    expect((await open(payUrl(order_no, { biz: { total_amount: '1' } }))).page).toContain(
      'ACQ.CONTEXT_INCONSISTENT',
    );
    await bench.act(`alipay/${order_no}/pay`);
    expect((await open(payUrl(order_no))).page).toContain('ACQ.TRADE_HAS_SUCCESS');
  });
});

describe('a notification', () => {
  it('verifies with alipay-sdk and carries the trade', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    const { payment } = await bench.act(`alipay/${order_no}/pay`);
    const form = lastForm();
    expect(sdk().checkNotifySignV2(form)).toBe(true);
    expect(form).toMatchObject({
      out_trade_no: order_no,
      total_amount: '12.30',
      trade_status: 'TRADE_SUCCESS',
      trade_no: payment.transaction_id,
      app_id: bench.counterparts.alipay.document.app_id,
      seller_id: bench.counterparts.alipay.document.seller_id,
      subject: '鞋 <b>',
      gmt_payment: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    });
  });

  it('tells that a trade was closed', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    await bench.act(`alipay/${order_no}/close`);
    expect(sdk().checkNotifySignV2(lastForm())).toBe(true);
    expect(lastForm()).toMatchObject({ out_trade_no: order_no, trade_status: 'TRADE_CLOSED' });
  });

  it('is not sent for a payment that fails at the cashier, which Alipay keeps to itself', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    expect((await bench.act(`alipay/${order_no}/fail`)).deliveries).toEqual([]);
  });

  it('that is forged does not verify', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    await bench.act(`alipay/${order_no}/pay`, { forge: 'signature' });
    expect(lastForm()).toMatchObject({ out_trade_no: order_no, trade_status: 'TRADE_SUCCESS' });
    expect(sdk().checkNotifySignV2(lastForm())).toBe(false);
  });

  it('comes again until the answer is the text success', async () => {
    const order_no = uniqueOrderNumber();
    await open(payUrl(order_no));
    bench.answers.push({ status: 200, body: 'failure' });
    const already = bench.received.length;
    const { deliveries } = await bench.act(`alipay/${order_no}/pay`);
    expect(deliveries).toEqual([{ status: 200, body: 'failure' }]);
    await expect.poll(() => bench.received.length).toBe(already + 2);
    expect(lastForm()).toMatchObject({ out_trade_no: order_no });
  });
});
