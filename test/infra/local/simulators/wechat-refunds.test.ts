import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, uniqueOrderNumber } from './bench.ts';
import { createWechatMerchant, type WechatMerchant } from './wechat-merchant.ts';

let bench: Bench;
let merchant: WechatMerchant;
beforeAll(async () => {
  bench = await startBench();
  merchant = createWechatMerchant(bench);
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.received.length = 0;
  await setAutomatic(false);
});

const setAutomatic = (automatic: boolean) => bench.control('/refunds/wechat', { automatic });

/** The number of a payment of 12.34 yuan that was made. */
async function paid(): Promise<string> {
  const order_no = uniqueOrderNumber();
  await merchant.create(merchant.jsapi(order_no));
  await bench.act(`wechat/${order_no}/pay`, { deliver: false });
  return order_no;
}

const request = (out_trade_no: string, refund: number, changes: object = {}) => ({
  out_trade_no,
  out_refund_no: `${out_trade_no}-r1`,
  reason: '尺码不合适',
  notify_url: `${bench.publicUrl}/v2/payments/notify`,
  amount: { refund, total: 1234, currency: 'CNY' },
  ...changes,
});

describe('a refund', () => {
  it('is being processed at first, and succeeds by itself, of which a notice tells', async () => {
    await setAutomatic(true);
    const order_no = await paid();
    const { status, data } = await merchant.refund(request(order_no, 234));
    expect(status).toBe(200);
    expect(data).toMatchObject({
      status: 'PROCESSING',
      out_trade_no: order_no,
      out_refund_no: `${order_no}-r1`,
      refund_id: expect.stringMatching(/^5030\d{24}$/),
      amount: { refund: 234, total: 1234, currency: 'CNY' },
    });
    expect((await merchant.query(order_no)).data).toMatchObject({ trade_state: 'REFUND' });
    await expect.poll(() => bench.received.length).toBe(1);
    expect((await merchant.queryRefund(`${order_no}-r1`)).data).toMatchObject({ status: 'SUCCESS' });
  });

  it.each([
    ['succeed', 'SUCCESS'],
    ['fail', 'CLOSED'],
  ])('that is told to %s sends REFUND.%s, signed and encrypted', async (action, state) => {
    const order_no = await paid();
    const { data } = await merchant.refund(request(order_no, 1234));
    const { body } = await bench.control(`/refunds/wechat/${order_no}-r1/${action}`, {});
    expect(body).toMatchObject({ deliveries: [{ status: 200 }] });
    const [message] = bench.received;
    if (!message) throw new Error('nothing was sent');
    expect(message.path).toBe('/v2/payments/notify');
    expect(merchant.isGenuine(message)).toBe(true);
    expect(JSON.parse(message.body)).toMatchObject({
      event_type: `REFUND.${state}`,
      resource: { original_type: 'refund' },
    });
    const resource = merchant.decrypt(message);
    expect(resource).toMatchObject({
      mchid: bench.counterparts.wechat.document.mchid,
      out_trade_no: order_no,
      out_refund_no: `${order_no}-r1`,
      refund_id: data['refund_id'],
      refund_status: state,
      amount: { total: 1234, refund: 1234, payer_total: 1234, payer_refund: 1234 },
    });
    expect(resource).not.toHaveProperty('appid');
    expect(resource['amount']).not.toHaveProperty('currency');
    expect((await merchant.queryRefund(`${order_no}-r1`)).data).toMatchObject({ status: state });
  });

  it('under the same number is the same refund, and takes no other amount', async () => {
    const order_no = await paid();
    const first = await merchant.refund(request(order_no, 234));
    expect((await merchant.refund(request(order_no, 234))).data).toEqual(first.data);
    expect(await merchant.refund(request(order_no, 235))).toMatchObject({
      status: 400,
      data: { code: 'INVALID_REQUEST' },
    });
    await bench.control(`/refunds/wechat/${order_no}-r1/succeed`, {});
    const again = await merchant.refund(request(order_no, 234));
    expect(again.data).toMatchObject({ refund_id: first.data['refund_id'], status: 'SUCCESS' });
  });

  it('may name the payment by WeChat’s number', async () => {
    const order_no = await paid();
    const { transaction_id } = (await merchant.query(order_no)).data;
    const { data } = await merchant.refund(request(order_no, 1, { out_trade_no: undefined, transaction_id }));
    expect(data).toMatchObject({ out_trade_no: order_no, transaction_id });
  });

  it('of more than is left is refused; what failed is left again', async () => {
    const order_no = await paid();
    const ask = (n: number, amount: number) =>
      merchant.refund(request(order_no, amount, { out_refund_no: `${order_no}-r${n}` }));
    expect((await ask(1, 1000)).status).toBe(200);
    expect(await ask(2, 235)).toMatchObject({ status: 400, data: { code: 'INVALID_REQUEST' } });
    await bench.control(`/refunds/wechat/${order_no}-r1/fail`, {});
    expect((await ask(3, 1234)).status).toBe(200);
    expect((await ask(4, 1)).data['message']).toBe('订单已全额退款');
  });

  describe('that its bank has refused', () => {
    const repair = (id: unknown, body: object) => merchant.repairRefund(String(id), body);

    it.each([
      [{ type: 'MERCHANT_BANK_CARD' }, '商户结算银行账户'],
      [
        { type: 'USER_BANK_CARD', bank_type: 'CMB_DEBIT', bank_account: 'c2VhbGVk', real_name: 'c2VhbGVk' },
        '用户银行卡',
      ],
    ])('goes to another account when the merchant says so', async (where, user_received_account) => {
      const order_no = await paid();
      const out_refund_no = `${order_no}-r1`;
      const { refund_id } = (await merchant.refund(request(order_no, 1234))).data;
      await bench.control(`/refunds/wechat/${out_refund_no}/refuse`, {});
      const { status, data } = await repair(refund_id, { out_refund_no, ...where });
      expect(status).toBe(200);
      expect(data).toMatchObject({ out_refund_no, refund_id, status: 'PROCESSING', user_received_account });
      await bench.control(`/refunds/wechat/${out_refund_no}/succeed`, {});
      expect((await merchant.queryRefund(out_refund_no)).data).toMatchObject({
        status: 'SUCCESS',
        user_received_account,
      });
    });

    it('is named as it is known, with what its type needs', async () => {
      const order_no = await paid();
      const sound = { out_refund_no: `${order_no}-r1`, type: 'MERCHANT_BANK_CARD' };
      const { refund_id } = (await merchant.refund(request(order_no, 1234))).data;
      const refused = async (id: unknown, body: object) => (await repair(id, body)).data['code'];
      expect(await refused(refund_id, sound)).toBe('INVALID_REQUEST');
      await bench.control(`/refunds/wechat/${order_no}-r1/refuse`, {});
      expect(await refused('5030', sound)).toBe('RESOURCE_NOT_EXISTS');
      expect(await refused(refund_id, { ...sound, out_refund_no: 'r2' })).toBe('RESOURCE_NOT_EXISTS');
      expect(await refused(refund_id, { ...sound, type: 'USER_BANK_CARD' })).toBe('PARAM_ERROR');
      expect(await refused(refund_id, { ...sound, type: 'CASH' })).toBe('PARAM_ERROR');
    });
  });

  it.each([
    ['/out_refund_no', { out_refund_no: 'r 1' }],
    ['/transaction_id', { out_trade_no: undefined }],
    ['/amount/refund', { amount: { refund: 0, total: 1234, currency: 'CNY' } }],
    ['/amount/currency', { amount: { refund: 1, total: 1234 } }],
    ['/reason', { reason: '因'.repeat(27) }],
    ['/notify_url', { notify_url: 'https://shop.example/notify' }],
  ])('with a wrong parameter is refused, which is named: %s', async (field, changes) => {
    const { status, data } = await merchant.refund(request(await paid(), 1, changes));
    expect({ status, ...data }).toMatchObject({ status: 400, code: 'PARAM_ERROR', detail: { field } });
  });

  it('needs a payment that was made, of that amount, and not a year ago', async () => {
    const open = uniqueOrderNumber();
    await merchant.create(merchant.jsapi(open));
    const order_no = await paid();
    const total = { refund: 1, total: 1235, currency: 'CNY' };
    expect((await merchant.refund(request(open, 1))).data['message']).toBe('订单未支付，不能退款');
    expect((await merchant.refund(request(order_no, 1, { amount: total }))).data['message']).toMatch(
      '金额不一致',
    );
    expect(await merchant.refund(request(uniqueOrderNumber(), 1))).toMatchObject({
      status: 404,
      data: { code: 'RESOURCE_NOT_EXISTS' },
    });
    expect((await merchant.queryRefund('none-r1')).status).toBe(404);
  });

  it('is decided once', async () => {
    const order_no = await paid();
    await merchant.refund(request(order_no, 234));
    const path = `/refunds/wechat/${order_no}-r1`;
    expect((await bench.control(`${path}/succeed`, {})).status).toBe(200);
    expect((await bench.control(`${path}/fail`, {})).status).toBe(409);
    expect((await bench.control(`${path}/succeed`, { times: 3 })).body).toMatchObject({
      deliveries: [{}, {}, {}],
    });
    expect((await bench.control('/refunds/wechat/none-r1/succeed', {})).status).toBe(404);
  });

  it('that somebody forges is told of and not decided', async () => {
    const order_no = await paid();
    await merchant.refund(request(order_no, 234));
    const { body } = await bench.control(`/refunds/wechat/${order_no}-r1/succeed`, { forge: 'signature' });
    expect(body).toMatchObject({ refund: { state: 'pending' }, deliveries: [{}] });
    const [message] = bench.received;
    expect(message && merchant.isGenuine(message)).toBe(false);
  });

  it('is listed beside the payments', async () => {
    const order_no = await paid();
    await merchant.refund(request(order_no, 234));
    const { body } = await bench.control('/payments');
    expect(body).toMatchObject({
      refunds: expect.arrayContaining([
        expect.objectContaining({
          refund_no: `${order_no}-r1`,
          payment_no: order_no,
          amount: 234,
          state: 'pending',
        }),
      ]),
    });
  });
});
