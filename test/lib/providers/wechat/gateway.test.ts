import { describe, expect, it } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { createWechatGateway } from '../../../../lib/providers/wechat/gateway.ts';
import { createWechatIo, createWechatParty, type WechatAnswer } from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const publicUrl = 'https://pay.example.com';
const notifyUrl = `${publicUrl}/v2/payments/notify`;
const origin = 'https://api.mch.weixin.qq.com';

const payment = {
  payment_no: 'mall-123',
  amount: 1999,
  currency: 'CNY',
  appid: config.appids[0],
  begun_at: '2026-11-22T02:00:00.000Z',
  expires_at: '2026-11-22T05:00:00.000Z',
  description: '租户 7 订单',
  attempt: 1,
  return_url: null,
  handed_out: null,
};
const refundRequest = {
  payment_no: 'mall-123',
  refund_no: 'mall-123-r1',
  transaction_id: '42000000mall-123',
  paid_amount: 1999,
  amount: 900,
  currency: 'CNY',
  reason: '咖啡凉了',
};
const transaction = party.transaction('mall-123', 1999);
const refund = party.refund('mall-123', 'mall-123-r1', 900, 1999);

const json = (value: unknown): WechatAnswer => ({ text: JSON.stringify(value) });
const refused = (status: number, code: string): WechatAnswer => ({ status, text: JSON.stringify({ code }) });

function arrange(
  answer: WechatAnswer | ((request: Request) => WechatAnswer),
  tenant_id: number | null = null,
) {
  const { io, calls } = createWechatIo(party, answer, now);
  return { gateway: createWechatGateway(config, io, { publicUrl, tenant_id }), calls };
}

const callError = (fields: object = {}) => expect.objectContaining({ name: 'ProviderCallError', ...fields });

type Case = [name: string, answer: WechatAnswer, change?: object];

/** What no call may take for an answer. */
const unusable: readonly Case[] = [
  ['nothing', {}],
  ['no JSON', { text: '<html>' }],
  ['an empty object', { text: '{}' }],
  ['a 500', refused(500, 'SYSTEM_ERROR')],
  ['a 429', refused(429, 'FREQUENCY_LIMITED')],
  ['a 404 for another reason', refused(404, 'MCH_NOT_EXISTS')],
  ['a 404 from a proxy', { status: 404, text: '<html>' }],
  [
    'a 404 that is not signed',
    { ...refused(404, 'ORDER_NOT_EXIST'), headers: { 'wechatpay-signature': undefined } },
  ],
];

describe('createPayment', () => {
  const prepay_id = 'wx26112122580621e9b071c00d9e093b0000';
  const code_url = 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz';
  const request = {
    ...payment,
    expires_at: '2026-11-28T02:00:00.000Z',
    scene: 'jsapi' as const,
    description: '咖啡',
    openid: 'oUpF8uMuAJO',
    payer_client_ip: null,
    attempt: 1,
    return_url: null,
  };
  const desktop = { ...request, scene: 'desktop' as const, openid: null, payer_client_ip: null };
  const fields = {
    appid: party.document.appid,
    mchid: '1230000109',
    description: '咖啡',
    out_trade_no: 'mall-123',
    time_expire: '2026-11-28T02:00:00Z',
    amount: { total: 1999, currency: 'CNY' },
  };

  it('asks for a prepay in a mini-program, good for 2 h', async () => {
    const { gateway, calls } = arrange(json({ prepay_id }));
    expect(await gateway.createPayment(request)).toEqual({
      outcome: 'created',
      page: prepay_id,
      handed_out: { page: prepay_id, id: null, good_until: '2026-11-22T05:00:00.000Z' },
    });
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['POST', `${origin}/v3/pay/transactions/jsapi`],
    ]);
    expect(await calls[0]?.json()).toEqual({
      ...fields,
      notify_url: 'https://pay.example.com/v2/payments/notify',
      payer: { openid: 'oUpF8uMuAJO' },
    });
  });

  it('asks for a QR code on a page, good for 2 h', async () => {
    const { gateway, calls } = arrange(json({ code_url }));
    expect(await gateway.createPayment(desktop)).toEqual({
      outcome: 'created',
      page: code_url,
      handed_out: { page: code_url, id: null, good_until: '2026-11-22T05:00:00.000Z' },
    });
    expect(calls.map(({ url }) => url)).toEqual([`${origin}/v3/pay/transactions/native`]);
    expect(await calls[0]?.json()).toEqual({
      ...fields,
      notify_url: 'https://pay.example.com/api/pay/callback/wechat',
    });
  });

  const h5_url =
    'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx2916263004719461949c&package=1';
  const mobile = { ...request, scene: 'mobile' as const, openid: null, payer_client_ip: '203.0.113.7' };

  it('asks for a page that opens WeChat on a phone, good for 5 min, and names the payer’s address', async () => {
    const { gateway, calls } = arrange(json({ h5_url }));
    expect(await gateway.createPayment(mobile)).toEqual({
      outcome: 'created',
      page: h5_url,
      handed_out: { page: null, id: null, good_until: '2026-11-22T03:05:00.000Z' },
    });
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['POST', `${origin}/v3/pay/transactions/h5`],
    ]);
    expect(await calls[0]?.json()).toEqual({
      ...fields,
      notify_url: 'https://pay.example.com/api/pay/callback/wechat',
      scene_info: { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } },
    });
    expect(gateway.clientParameters(payment, h5_url)).toEqual({ pay_url: h5_url });
  });

  it('adds to the page of a phone, and to no other, the address that it leads back to', async () => {
    const return_url = 'https://shop.example.com/orders?id=7&from=h5#苹';
    const there = { return_url: encodeURI(return_url) };
    const page = `${h5_url}&redirect_url=${encodeURIComponent(there.return_url)}`;
    const phone = arrange(json({ h5_url }));
    expect(await phone.gateway.createPayment({ ...mobile, ...there })).toMatchObject({
      ...{ page, handed_out: { page: null } },
    });
    expect(new URL(page).searchParams.get('redirect_url')).toBe(there.return_url);
    expect(JSON.stringify(await phone.calls[0]?.json())).not.toContain('shop.example.com');
    const computer = arrange(json({ code_url }));
    expect(await computer.gateway.createPayment({ ...desktop, ...there })).toMatchObject({ page: code_url });
  });

  it('asks nobody for the page of a phone without the payer’s address', async () => {
    const { gateway, calls } = arrange(json({ h5_url }));
    const nowhere = { ...mobile, payer_client_ip: null };
    await expect(gateway.createPayment(nowhere)).rejects.toThrow('address');
    expect(calls).toEqual([]);
  });

  it.each(['http://127.0.0.1:3001/wechat/h5/1?a=1', 'http://127.0.0.1/wechat/h5/1'])(
    'takes the page %s of this machine for a phone',
    async (page) => {
      expect(await arrange(json({ h5_url: page })).gateway.createPayment(mobile)).toMatchObject({ page });
    },
  );

  it.each<Case>([
    ...unusable,
    ['an h5_url that is null', json({ h5_url: null })],
    ['an h5_url that anybody can read', json({ h5_url: h5_url.replace('https', 'http') })],
    ['an h5_url that runs', json({ h5_url: 'javascript:alert(1)' })],
    ['an h5_url of two lines', json({ h5_url: 'https://a\nb' })],
    ['an h5_url behind something', json({ h5_url: `x${h5_url}` })],
    ['an h5_url with a similar name', json({ h5_url: 'http://127.0.0.1.example.com/pay' })],
    ['a refusal of the address', refused(400, 'PARAM_ERROR')],
    ['a code_url in its place', json({ code_url })],
  ])('fails on a phone on %s', async (_, answer) => {
    const failure = await arrange(answer)
      .gateway.createPayment(mobile)
      .catch((error: unknown) => error);
    expect(failure).toEqual(callError());
    expect(String(failure)).not.toContain('203.0.113.7');
  });

  it("of a tenant's own merchant is told of where its keys are known, wherever it is paid", async () => {
    const told = `${publicUrl}/api/pay/callback/wechat/7`;
    const prepaid = arrange(json({ prepay_id }), 7);
    await prepaid.gateway.createPayment(request);
    const coded = arrange(json({ code_url }), 7);
    await coded.gateway.createPayment(desktop);
    for (const { calls } of [prepaid, coded]) {
      expect(await calls[0]?.json()).toMatchObject({ notify_url: told });
    }
  });

  it('is good no longer than the payment', async () => {
    const expires_at = '2026-11-22T04:59:59.000Z';
    expect(
      await arrange(json({ prepay_id })).gateway.createPayment({ ...request, expires_at }),
    ).toMatchObject({
      handed_out: { good_until: expires_at },
    });
  });

  it("is in the payment's own app, and in the document's where it names none", async () => {
    const { gateway, calls } = arrange(json({ prepay_id }));
    await gateway.createPayment({ ...request, appid: 'wx0' });
    await gateway.createPayment({ ...request, appid: null });
    const bodies = await Promise.all(calls.map((call) => call.json()));
    expect(bodies).toMatchObject([{ appid: 'wx0' }, { appid: party.document.appid }]);
  });

  it('asks anew for what was handed out before', async () => {
    const { gateway, calls } = arrange(json({ prepay_id }));
    const handed_out = { page: 'wx-old', id: null, good_until: '2026-11-22T03:01:00.000Z' };
    expect(await gateway.createPayment({ ...request, handed_out })).toMatchObject({ page: prepay_id });
    expect(calls).toHaveLength(1);
  });

  it('asks nobody for a prepay without a payer', async () => {
    const { gateway, calls } = arrange(json({ prepay_id }));
    await expect(gateway.createPayment({ ...request, openid: null, payer_client_ip: null })).rejects.toThrow(
      'needs its payer',
    );
    expect(calls).toEqual([]);
  });

  it.each([
    [400, 'ORDERPAID'],
    [400, 'ORDER_PAID'],
    [400, 'ORDERCLOSED'],
    [400, 'ORDER_CLOSED'],
    [403, 'OUT_TRADE_NO_USED'],
  ])('is over when WeChat Pay refuses with %i %s', async (status, code) => {
    expect(await arrange(refused(status, code)).gateway.createPayment(request)).toEqual({ outcome: 'over' });
    const unsigned = { ...refused(status, code), headers: { 'wechatpay-signature': undefined } };
    await expect(arrange(unsigned).gateway.createPayment(request)).rejects.toThrow(callError({ status }));
  });

  it.each(['http://127.0.0.1:3001/wechat/pay/1', 'https://wx.tenpay.com/x'])(
    'takes the address %s',
    async (address) => {
      const { gateway } = arrange(json({ code_url: address }));
      expect(await gateway.createPayment(desktop)).toMatchObject({ page: address });
    },
  );

  it.each<Case>([
    ...unusable,
    ['no content', { status: 204 }],
    ['an empty prepay_id', json({ prepay_id: '' })],
    ['a prepay_id that is no text', json({ prepay_id: 7 })],
    ['a prepay_id of two words', json({ prepay_id: 'a b' })],
    ['a long prepay_id', json({ prepay_id: 'x'.repeat(65) })],
    ['a code_url for a prepay', json({ code_url })],
    ['a bad signature', { ...json({ prepay_id }), headers: party.signBody('{}', now) }],
  ])('fails in a mini-program on %s', async (_, answer) => {
    await expect(arrange(answer).gateway.createPayment(request)).rejects.toThrow(callError());
  });

  it.each<Case>([
    ...unusable,
    ['a code_url that is null', json({ code_url: null })],
    ['a code_url that runs', json({ code_url: 'javascript:alert(1)' })],
    ['a code_url of two lines', json({ code_url: 'weixin://a\nb' })],
    ['a code_url behind something', json({ code_url: `x${code_url}` })],
    ['a prepay_id for an address', json({ prepay_id })],
  ])('fails on a page on %s', async (_, answer) => {
    await expect(arrange(answer).gateway.createPayment(desktop)).rejects.toThrow(callError());
  });
});

describe('clientParameters', () => {
  const { gateway, calls } = arrange({});

  it("signs a prepay_id in the payment's own app", () => {
    const parameters = gateway.clientParameters({ ...payment, appid: 'wx0' }, 'wx2611');
    expect(parameters).toMatchObject({ appId: 'wx0', package: 'prepay_id=wx2611', signType: 'RSA' });
    const { timeStamp = '', nonceStr = '', paySign = '' } = parameters;
    const signed = Formatter.joinedByLineFeed('wx0', timeStamp, nonceStr, 'prepay_id=wx2611');
    expect(Rsa.verify(signed, paySign, party.merchant.publicKey)).toBe(true);
    expect(calls).toEqual([]);
  });

  it.each(['weixin://wxpay/bizpayurl?pr=p4lpSuKzz', 'http://127.0.0.1:3001/wechat/pay/1'])(
    'gives the address %s as it is',
    (page) => {
      expect(gateway.clientParameters(payment, page)).toEqual({ pay_url: page });
    },
  );
});

describe('query', () => {
  const query = (answer: WechatAnswer) => arrange(answer).gateway.query(payment);

  it("asks by the payment's number", async () => {
    const { gateway, calls } = arrange(json(transaction));
    await gateway.query(payment);
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['GET', `${origin}/v3/pay/transactions/out-trade-no/mall-123?mchid=1230000109`],
    ]);
  });

  it('tells what was paid', async () => {
    expect(await query(json(transaction))).toEqual({
      state: 'decided',
      event: {
        type: 'succeeded',
        payment_no: 'mall-123',
        provider: 'wechat',
        merchant: config.mchid,
        appid: config.appids[0],
        amount: 1999,
        currency: 'CNY',
        transaction_id: '42000000mall-123',
        paid_at: '2018-06-08T02:34:56.000Z',
        discount: { merchant: 0, provider: 0 },
      },
    });
  });

  it('says of a payment of which some was returned that it was paid, and not how much is left', async () => {
    const { gateway } = arrange(json({ ...transaction, trade_state: 'REFUND' }));
    expect(await gateway.query(payment)).toMatchObject({
      state: 'decided',
      event: { type: 'succeeded', returned: 'unknown', amount: transaction.amount.total },
    });
  });

  it.each([
    ['REFUND', 'succeeded'],
    ['PAYERROR', 'failed'],
    ['CLOSED', 'closed'],
    ['REVOKED', 'closed'],
  ])('takes %s for %s', async (trade_state, type) => {
    const { success_time: _, ...rest } = transaction;
    expect(await query(json({ ...rest, trade_state }))).toMatchObject({
      state: 'decided',
      event: { type, transaction_id: '42000000mall-123', amount: 1999 },
    });
  });

  it.each(['NOTPAY', 'USERPAYING', 'ACCEPT'])('takes %s for open', async (trade_state) => {
    const { mchid, appid, out_trade_no } = transaction;
    expect(await query(json({ mchid, appid, out_trade_no, trade_state }))).toEqual({ state: 'open' });
  });

  it.each(['ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'RESOURCE_NOT_EXISTS'])(
    'takes %s for absent',
    async (code) => {
      expect(await query(refused(404, code))).toEqual({ state: 'absent' });
    },
  );

  it.each([400, 403, 429, 500])('takes no %i for absent, whatever it is called', async (status) => {
    await expect(query(refused(status, 'RESOURCE_NOT_EXISTS'))).rejects.toMatchObject({ status });
  });

  it("gives another merchant's or another amount's payment as it is, for settlement to refuse", async () => {
    const answer = { ...transaction, mchid: '1900000001', amount: { total: 1, currency: 'USD' } };
    expect(await query(json(answer))).toMatchObject({
      event: { merchant: '1900000001', appid: config.appids[0], amount: 1, currency: 'USD' },
    });
  });

  it.each<Case>([
    ...unusable,
    ['another payment', json({ ...transaction, out_trade_no: 'mall-124' })],
    [
      'another payment that is open',
      json({ ...transaction, out_trade_no: 'mall-124', trade_state: 'NOTPAY' }),
    ],
    ['an unknown state', json({ ...transaction, trade_state: 'PAID' })],
    ['no amount', json({ ...transaction, amount: undefined })],
    ['no transaction', json({ ...transaction, transaction_id: undefined })],
    [
      'no transaction, of a refunded payment',
      json({ ...transaction, trade_state: 'REFUND', transaction_id: undefined }),
    ],
    ['no merchant', json({ ...transaction, mchid: undefined })],
    ['a bad signature', { ...json(transaction), headers: party.signBody('{}', now) }],
    ['no content', { status: 204 }],
  ])('fails on %s', async (_, answer) => {
    await expect(query(answer)).rejects.toThrow(callError({ provider: 'wechat' }));
  });

  it.each([
    [{ out_trade_no: 'mall-124' }, 'out_trade_no'],
    [{ trade_state: 'PAID' }, 'trade_state'],
    [{ amount: { total: 0 } }, 'amount.total'],
  ])('names what is wrong with an answer: %j', async (change, field) => {
    await expect(query(json({ ...transaction, ...change }))).rejects.toThrow(`no usable ${field}`);
  });
});

describe('close', () => {
  const handedOut = { ...payment, handed_out: { page: null, id: null, good_until: payment.expires_at } };
  const close = (answer: WechatAnswer) => arrange(answer).gateway.close(handedOut);
  const address = `${origin}/v3/pay/transactions/out-trade-no/mall-123`;

  it("closes by the payment's number", async () => {
    const { gateway, calls } = arrange({ status: 204 });
    expect(await gateway.close(handedOut)).toBe('closed');
    expect(calls.map(({ method, url }) => [method, url])).toEqual([['POST', `${address}/close`]]);
    expect(await calls[0]?.json()).toEqual({ mchid: '1230000109' });
  });

  it('closes nothing that WeChat Pay does not hold yet, which it would say to have closed', async () => {
    const { gateway, calls } = arrange(({ method }) =>
      method === 'GET' ? refused(404, 'ORDER_NOT_EXIST') : { status: 204 },
    );
    expect(await gateway.close(payment)).toBe('absent');
    expect(calls.map(({ method, url }) => [method, url])).toEqual([['GET', `${address}?mchid=1230000109`]]);
  });

  it('closes what has arrived and was not handed out', async () => {
    const { gateway, calls } = arrange(({ method }) =>
      method === 'GET' ? json({ ...transaction, trade_state: 'NOTPAY' }) : { status: 204 },
    );
    expect(await gateway.close(payment)).toBe('closed');
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST']);
  });

  it('fails on what was not handed out, and cannot be asked about', async () => {
    const { gateway } = arrange(({ method }) =>
      method === 'GET' ? refused(429, 'FREQUENCY_LIMITED') : { status: 204 },
    );
    await expect(gateway.close(payment)).rejects.toThrow(callError({ status: 429 }));
  });

  it.each([
    [400, 'ORDER_CLOSED', 'closed'],
    [400, 'ORDERCLOSED', 'closed'],
    [404, 'ORDER_NOT_EXIST', 'absent'],
    [404, 'ORDERNOTEXIST', 'absent'],
    [400, 'ORDERPAID', 'not_closed'],
    [400, 'ORDER_PAID', 'not_closed'],
    [202, 'USERPAYING', 'not_closed'],
    [202, 'USER_PAYING', 'not_closed'],
  ])('takes %i %s for %s', async (status, code, answer) => {
    expect(await close(refused(status, code))).toBe(answer);
  });

  describe.each([
    [403, 'TRADE_ERROR'],
    [400, 'INVALID_REQUEST'],
  ])('that is refused as %i %s', (status, code) => {
    const closeHeld = (trade_state: string) =>
      arrange(({ method }) =>
        method === 'GET' ? json({ ...transaction, trade_state }) : refused(status, code),
      ).gateway.close(handedOut);

    it('is of a payment that was made, where it was', async () => {
      expect(await closeHeld('SUCCESS')).toBe('not_closed');
    });

    it('fails where it is of something else', async () => {
      await expect(closeHeld('NOTPAY')).rejects.toThrow(callError({ status, code }));
    });
  });

  it('never takes a payment that is not there for closed, though it is past its time', async () => {
    const { gateway } = arrange(refused(404, 'ORDER_NOT_EXIST'));
    const expired = { ...payment, expires_at: '2026-11-22T02:30:00.000Z' };
    expect(await gateway.close(expired)).toBe('absent');
  });

  it('names the status of an answer that says anything', async () => {
    await expect(close(json({}))).rejects.toThrow(
      callError({ message: expect.stringContaining('no usable status') }),
    );
  });

  it.each<Case>([
    ...unusable,
    ['a bad signature', { status: 204, headers: party.signBody('{}', now) }],
    [
      'a refusal that is not signed',
      { ...refused(400, 'ORDER_CLOSED'), headers: { 'wechatpay-serial': 'AA' } },
    ],
  ])('fails on %s', async (_, answer) => {
    await expect(close(answer)).rejects.toThrow(callError());
  });
});

describe('refund', () => {
  const askFor = (answer: WechatAnswer, change = {}) =>
    arrange(answer).gateway.refund({ ...refundRequest, ...change });

  it('asks for a part of a payment', async () => {
    const { gateway, calls } = arrange(json(refund));
    expect(await gateway.refund(refundRequest)).toEqual({ state: 'open' });
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['POST', `${origin}/v3/refund/domestic/refunds`],
    ]);
    expect(await calls[0]?.json()).toEqual({
      transaction_id: '42000000mall-123',
      out_refund_no: 'mall-123-r1',
      reason: '咖啡凉了',
      notify_url: notifyUrl,
      amount: { refund: 900, total: 1999, currency: 'CNY' },
    });
  });

  it("of a tenant's own merchant is told of where its keys are known", async () => {
    const { gateway, calls } = arrange(json(refund), 7);
    await gateway.refund(refundRequest);
    expect(await calls[0]?.json()).toMatchObject({ notify_url: `${publicUrl}/api/pay/callback/wechat/7` });
  });

  it('names the payment where the transaction is not known', async () => {
    const { gateway, calls } = arrange(json(refund));
    await gateway.refund({ ...refundRequest, transaction_id: null });
    const body = await calls[0]?.json();
    expect(body).toMatchObject({ out_trade_no: 'mall-123' });
    expect(body).not.toHaveProperty('transaction_id');
  });

  it.each([
    ['', undefined],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), 'x'.repeat(80)],
    ['咖'.repeat(27), '咖'.repeat(26)],
    [`${'x'.repeat(77)}😀`, 'x'.repeat(77)],
    [`${'x'.repeat(76)}😀`, `${'x'.repeat(76)}😀`],
  ])('gives of the reason what 80 bytes hold: %s', async (reason, sent) => {
    const { gateway, calls } = arrange(json(refund));
    await gateway.refund({ ...refundRequest, reason });
    const body = (await calls[0]?.json()) as { readonly reason?: string } | undefined;
    expect(body?.reason).toBe(sent);
  });

  it.each([
    ['SUCCESS', { state: 'succeeded', refund_id: refund.refund_id }],
    ['CLOSED', { state: 'failed', refund_id: refund.refund_id }],
    ['PROCESSING', { state: 'open' }],
    ['ABNORMAL', { state: 'abnormal', refund_id: refund.refund_id }],
  ])('says of %s what it means', async (status, answer) => {
    expect(await askFor(json({ ...refund, status }))).toEqual(answer);
  });

  it.each<Case>([
    ...unusable,
    ['another payment', json({ ...refund, out_trade_no: 'mall-124' }), { transaction_id: null }],
    ['another transaction', json({ ...refund, transaction_id: '4200' })],
    ['another refund', json({ ...refund, out_refund_no: 'mall-123-r2' })],
    ['another amount', json({ ...refund, amount: { ...refund.amount, refund: 901 } })],
    ['another currency', json({ ...refund, amount: { ...refund.amount, currency: 'USD' } })],
    ['no amount', json({ ...refund, amount: undefined })],
    ['an unknown state', json({ ...refund, status: 'constructor' })],
    ['no number of its own', json({ ...refund, status: 'SUCCESS', refund_id: undefined })],
    ['a bad signature', { ...json(refund), headers: party.signBody('{}', now) }],
  ])('fails on %s', async (_, answer, change = {}) => {
    await expect(askFor(answer, change)).rejects.toThrow(callError());
  });

  it.each([
    [{ transaction_id: '4200' }, 'transaction'],
    [{ out_refund_no: 'mall-123-r2' }, 'out_refund_no'],
    [{ amount: { ...refund.amount, refund: 901 } }, 'amount.refund'],
    [{ amount: { ...refund.amount, total: 999 } }, 'amount.total'],
    [{ amount: { ...refund.amount, currency: 'USD' } }, 'amount.currency'],
    [{ status: 'DONE' }, 'status'],
    [{ status: 'SUCCESS', refund_id: undefined }, 'refund_id'],
  ])('names what is wrong with an answer: %j', async (change, field) => {
    await expect(askFor(json({ ...refund, ...change }))).rejects.toThrow(
      callError({ message: expect.stringMatching(`no usable ${field}$`) }),
    );
  });

  // docs: "申请退款", 错误码. What may pass, what is mended elsewhere, and what is unsigned decides nothing.
  it.each([
    [403, 'NOT_ENOUGH'],
    [429, 'FREQUENCY_LIMITED'],
    [429, 'RATELIMIT_EXCEEDED'],
    [500, 'SYSTEM_ERROR'],
    [502, 'BIZERR_NEED_RETRY'],
    [403, 'NO_AUTH'],
    [401, 'SIGN_ERROR'],
    [404, 'MCH_NOT_EXISTS'],
    [404, 'RESOURCE_NOT_EXISTS'],
    [400, 'PARAM_ERROR'],
  ])('is not decided by %i %s, and is asked for again', async (status, code) => {
    const { gateway, calls } = arrange(refused(status, code));
    for (let time = 1; time <= 2; time++) {
      await expect(gateway.refund(refundRequest)).rejects.toThrow(callError({ status, code }));
      expect(calls.map(({ method }) => method)).toEqual(Array(time).fill('POST'));
    }
  });

  it.each(['INVALID_REQUEST', 'USER_ACCOUNT_ABNORMAL'])(
    'is not decided by an unsigned %s, which nobody need have sent',
    async (code) => {
      const unsigned = { ...refused(400, code), headers: party.signBody('{}', now) };
      const { gateway, calls } = arrange(unsigned);
      await expect(gateway.refund(refundRequest)).rejects.toThrow(callError({ status: 400, code: null }));
      await expect(gateway.refund(refundRequest)).rejects.toThrow(code);
      expect(calls.map(({ method }) => method)).toEqual(['POST', 'POST']);
    },
  );

  describe.each([
    [400, 'INVALID_REQUEST'],
    [403, 'USER_ACCOUNT_ABNORMAL'],
  ])('refused with %i %s', (status, code) => {
    const askedWhile = (held: WechatAnswer) =>
      arrange(({ method }) => (method === 'POST' ? refused(status, code) : held)).gateway.refund(
        refundRequest,
      );

    it('has failed when it is not held', async () => {
      const answer = await askedWhile(refused(404, 'RESOURCE_NOT_EXISTS'));
      expect(answer).toEqual({ state: 'failed', refund_id: null });
    });

    it('is what it is when it was taken before', async () => {
      expect(await askedWhile(json(refund))).toEqual({ state: 'open' });
      expect(await askedWhile(json({ ...refund, status: 'SUCCESS' }))).toMatchObject({ state: 'succeeded' });
    });

    it('stays undecided when nobody says', async () => {
      await expect(askedWhile(refused(500, 'SYSTEM_ERROR'))).rejects.toThrow(callError({ status: 500 }));
    });
  });
});

describe('queryRefund', () => {
  const query = (answer: WechatAnswer) => arrange(answer).gateway.queryRefund(refundRequest);

  it('asks by the refund number', async () => {
    const { gateway, calls } = arrange(json({ ...refund, status: 'SUCCESS' }));
    expect(await gateway.queryRefund(refundRequest)).toEqual({
      state: 'succeeded',
      refund_id: refund.refund_id,
    });
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['GET', `${origin}/v3/refund/domestic/refunds/mall-123-r1`],
    ]);
  });

  it('says when there is none', async () => {
    expect(await query(refused(404, 'RESOURCE_NOT_EXISTS'))).toEqual({ state: 'absent' });
  });

  it('is that of the transaction, by whatever number of an order that was made', async () => {
    expect(await query(json({ ...refund, out_trade_no: 'mall-7' }))).toEqual({ state: 'open' });
  });

  it.each([null, refund.transaction_id])(
    'has failed where its number is of a refund of a payment of before: %s',
    async (transaction_id) => {
      const before = json({ ...refund, out_trade_no: 'mall-7', transaction_id: '4200', status: 'SUCCESS' });
      const answer = await arrange(before).gateway.queryRefund({ ...refundRequest, transaction_id });
      expect(answer).toEqual({ state: 'failed', refund_id: null });
    },
  );

  it.each<Case>([
    ...unusable,
    ['another transaction of this payment', json({ ...refund, transaction_id: '4200' })],
    ['no payment', json({ ...refund, out_trade_no: undefined, transaction_id: '4200' })],
    [
      'another refund of another payment',
      json({ ...refund, out_refund_no: 'mall-7-r1', out_trade_no: 'mall-7', transaction_id: '4200' }),
    ],
    ['another refund', json({ ...refund, out_refund_no: 'mall-123-r2' })],
    ['another amount', json({ ...refund, amount: { ...refund.amount, refund: 1 } })],
    ['a payment of another amount', json({ ...refund, amount: { ...refund.amount, total: 999 } })],
    ['an unknown state', json({ ...refund, status: 'DONE' })],
  ])('fails on %s', async (_, answer) => {
    await expect(query(answer)).rejects.toThrow(callError());
  });
});

describe('repairRefund', () => {
  const path = `${origin}/v3/refund/domestic/refunds`;
  const abnormal = json({ ...refund, status: 'ABNORMAL' });
  const repair = (held: WechatAnswer, taken: WechatAnswer = json(refund)) =>
    arrange(({ method }) => (method === 'POST' ? taken : held));

  it("has the money sent to the merchant's own account, under WeChat Pay's number", async () => {
    const { gateway, calls } = repair(abnormal);
    expect(await gateway.repairRefund(refundRequest)).toEqual({ state: 'open' });
    expect(calls.map(({ method, url }) => [method, url])).toEqual([
      ['GET', `${path}/mall-123-r1`],
      ['POST', `${path}/${refund.refund_id}/apply-abnormal-refund`],
    ]);
    expect(await calls[1]?.json()).toEqual({ out_refund_no: 'mall-123-r1', type: 'MERCHANT_BANK_CARD' });
  });

  it.each([
    ['PROCESSING', { state: 'open' }],
    ['ABNORMAL', { state: 'open' }],
    ['SUCCESS', { state: 'succeeded', refund_id: refund.refund_id }],
  ])('has it taken, whatever it is called then: %s', async (status, answer) => {
    expect(await repair(abnormal, json({ ...refund, status })).gateway.repairRefund(refundRequest)).toEqual(
      answer,
    );
  });

  it.each([
    [json(refund), { state: 'open' }],
    [json({ ...refund, status: 'SUCCESS' }), { state: 'succeeded', refund_id: refund.refund_id }],
    [refused(404, 'RESOURCE_NOT_EXISTS'), { state: 'absent' }],
  ])('asks for nothing when the refund is not abnormal', async (held, answer) => {
    const { gateway, calls } = repair(held);
    expect(await gateway.repairRefund(refundRequest)).toEqual(answer);
    expect(calls).toHaveLength(1);
  });

  it('says when it is refused for good', async () => {
    const { gateway } = repair(abnormal, refused(400, 'INVALID_REQUEST'));
    expect(await gateway.repairRefund(refundRequest)).toEqual({ state: 'refused' });
  });

  it.each([
    [json(refund), { state: 'open' }],
    [json({ ...refund, status: 'SUCCESS' }), { state: 'succeeded', refund_id: refund.refund_id }],
  ])('is what somebody else has come to when that is why it is refused', async (held, answer) => {
    const answers = [abnormal, refused(400, 'INVALID_REQUEST'), held];
    const { gateway } = arrange(() => answers.shift() ?? held);
    expect(await gateway.repairRefund(refundRequest)).toEqual(answer);
    expect(answers).toEqual([]);
  });

  it.each<Case>([
    ['a refusal that may pass', refused(429, 'FREQUENCY_LIMITED')],
    ['an unsigned refusal', { ...refused(400, 'INVALID_REQUEST'), headers: party.signBody('{}', now) }],
    ['another refund', json({ ...refund, out_refund_no: 'mall-123-r2' })],
    ['another amount', json({ ...refund, amount: { ...refund.amount, refund: 1 } })],
    ['a bad signature', { ...json(refund), headers: party.signBody('{}', now) }],
  ])('fails on %s', async (_, answer) => {
    await expect(repair(abnormal, answer).gateway.repairRefund(refundRequest)).rejects.toThrow(callError());
  });
});
