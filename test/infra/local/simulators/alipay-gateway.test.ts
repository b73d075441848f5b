import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAlipayClient } from './alipay-client.ts';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.received.length = 0;
});

const sdk = (changes?: object) => createAlipayClient(bench, changes);

const call = (method: string, bizContent: object, by = sdk()) =>
  by.exec(`alipay.${method}`, { bizContent }, { validateSign: true });

function payUrl(out_trade_no: string): string {
  return sdk().pageExecute('alipay.trade.page.pay', 'GET', {
    notifyUrl: `${bench.publicUrl}/notify`,
    bizContent: {
      out_trade_no,
      total_amount: '12.30',
      subject: '鞋 <b>',
      product_code: 'FAST_INSTANT_TRADE_PAY',
      time_expire: '2099-01-01 00:00:00',
    },
  });
}

async function opened(): Promise<string> {
  const order_no = uniqueOrderNumber();
  await fetch(payUrl(order_no));
  return order_no;
}

async function paid(): Promise<string> {
  const order_no = await opened();
  await bench.act(`alipay/${order_no}/pay`, { deliver: false });
  return order_no;
}

const refund = (out_trade_no: string, refund_amount: string, n = 1) =>
  call('trade.refund', { out_trade_no, refund_amount, out_request_no: `${out_trade_no}-r${n}` });

const lastForm = () => Object.fromEntries(new URLSearchParams(bench.received.at(-1)?.body));

describe('a trade', () => {
  it('does not exist before its page is opened', async () => {
    const order_no = uniqueOrderNumber();
    payUrl(order_no);
    for (const method of ['trade.query', 'trade.close']) {
      expect(await call(method, { out_trade_no: order_no })).toMatchObject({
        code: '40004',
        subCode: 'ACQ.TRADE_NOT_EXIST',
      });
    }
  });

  it('is queried from waiting to paid, by either number', async () => {
    const order_no = await opened();
    const waiting = await call('trade.query', { out_trade_no: order_no });
    expect(waiting).toMatchObject({ code: '10000', outTradeNo: order_no, tradeStatus: 'WAIT_BUYER_PAY' });
    expect(waiting).not.toHaveProperty('sendPayDate');
    await bench.act(`alipay/${order_no}/pay`, { deliver: false });
    const { tradeNo } = waiting as unknown as { tradeNo: string };
    for (const by of [{ out_trade_no: order_no }, { trade_no: tradeNo }]) {
      expect(await call('trade.query', by)).toMatchObject({
        tradeNo,
        outTradeNo: order_no,
        tradeStatus: 'TRADE_SUCCESS',
        totalAmount: '12.30',
        sendPayDate: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      });
    }
  });

  it('is closed while it waits, and then not paid', async () => {
    const order_no = await opened();
    expect(await call('trade.close', { out_trade_no: order_no })).toMatchObject({
      code: '10000',
      outTradeNo: order_no,
    });
    expect(await call('trade.query', { out_trade_no: order_no })).toMatchObject({
      tradeStatus: 'TRADE_CLOSED',
    });
    expect((await bench.control(`/payments/alipay/${order_no}/pay`, {})).status).toBe(409);
    for (const closed of [order_no, await paid()]) {
      expect(await call('trade.close', { out_trade_no: closed })).toMatchObject({
        subCode: 'ACQ.TRADE_STATUS_ERROR',
      });
    }
  });
});

describe('a refund', () => {
  it('moves the money at once, and is known by its number', async () => {
    const order_no = await paid();
    expect(await refund(order_no, '2.30')).toMatchObject({
      code: '10000',
      outTradeNo: order_no,
      fundChange: 'Y',
      refundFee: '2.30',
    });
    expect(await refund(order_no, '2.30')).toMatchObject({ fundChange: 'N', refundFee: '2.30' });
    const query = (n: number) =>
      call('trade.fastpay.refund.query', { out_trade_no: order_no, out_request_no: `${order_no}-r${n}` });
    expect(await query(1)).toMatchObject({
      refundStatus: 'REFUND_SUCCESS',
      outRequestNo: `${order_no}-r1`,
      refundAmount: '2.30',
      totalAmount: '12.30',
    });
    expect(await query(2)).not.toHaveProperty('refundStatus');
  });

  it('is told of with the sum of all, until the trade is closed by the last', async () => {
    const order_no = await paid();
    await refund(order_no, '2.30');
    await expect.poll(() => bench.received.length).toBe(1);
    expect(sdk().checkNotifySignV2(lastForm())).toBe(true);
    expect(lastForm()).toMatchObject({
      out_trade_no: order_no,
      trade_status: 'TRADE_SUCCESS',
      out_biz_no: `${order_no}-r1`,
      refund_fee: '2.30',
      gmt_refund: expect.any(String),
    });
    await refund(order_no, '10.00', 2);
    await expect.poll(() => bench.received.length).toBe(2);
    expect(lastForm()).toMatchObject({
      trade_status: 'TRADE_CLOSED',
      out_biz_no: `${order_no}-r2`,
      refund_fee: '12.30',
    });
    expect(await call('trade.query', { out_trade_no: order_no })).toMatchObject({
      tradeStatus: 'TRADE_CLOSED',
      sendPayDate: expect.any(String),
    });
    expect(await refund(order_no, '0.01', 3)).toMatchObject({ subCode: 'ACQ.TRADE_HAS_CLOSE' });
  });

  it('is refused when it is too large, wrong, or of nothing that was paid', async () => {
    const order_no = await paid();
    expect(await refund(order_no, '12.31')).toMatchObject({ subCode: 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL' });
    expect(await refund(order_no, '1.005')).toMatchObject({ subCode: 'ACQ.INVALID_PARAMETER' });
    expect(await refund(await opened(), '1.00')).toMatchObject({ subCode: 'ACQ.TRADE_STATUS_ERROR' });
    expect(await refund('mall-none', '1.00')).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' });
    await refund(order_no, '1.00');
    expect(await refund(order_no, '1.01')).toMatchObject({ subCode: 'ACQ.DISCORDANT_REPEAT_REQUEST' });
  });
});

describe('the gateway', () => {
  /** The answer's own text. */
  const post = async (method: string, bizContent: object, by = sdk()) =>
    (await fetch(by.pageExecute(`alipay.${method}`, 'GET', { bizContent }), { method: 'POST' })).text();

  it('signs the very text of its answer, in which slashes are escaped', async () => {
    await paid();
    const bill_date = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const content = { bill_type: 'trade', bill_date };
    const text = await post('data.dataservice.bill.downloadurl.query', content);
    expect(text).toContain('"bill_download_url":"http:\\/\\/127.0.0.1');
    const key = 'alipay_data_dataservice_bill_downloadurl_query_response';
    expect(() => sdk().checkResponseSign(text, key, JSON.parse(text).sign, '')).not.toThrow();
  });

  it.each([
    ['isv.invalid-signature', 'that another app signed', 'wechat'],
    ['isv.invalid-app-id', 'of another app', 'appId'],
  ])('does not sign its answer (%s) to a request %s', async (code, _name, wrong) => {
    const { private_key } = bench.counterparts.wechat.document;
    const by = sdk(wrong === 'appId' ? { appId: '2021000000000009' } : { privateKey: private_key });
    const text = await post('trade.query', { out_trade_no: 'mall-1' }, by);
    expect(text).toContain(code);
    expect(text).not.toContain('"sign"');
  });

  it('knows no other method', async () => {
    const text = await post('trade.create', {});
    expect(text).toMatch(/^\{"error_response":.*isv\.invalid-method/);
  });
});
