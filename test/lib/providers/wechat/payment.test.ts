import { describe, expect, it } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { createNativePayment } from '../../../../lib/providers/wechat/native.ts';
import { createJsapiPrepay, jsapiParameters } from '../../../../lib/providers/wechat/prepay.ts';
import { createWechatIo, createWechatParty } from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const transaction = {
  order_no: 'mall-123',
  amount: 1999,
  description: '咖啡',
  expires_at: '2026-11-22T05:00:00.000Z',
  notify_url: 'https://pay.example.com/v2/payments/notify',
};
const sentFields = {
  appid: config.appid,
  mchid: config.mchid,
  description: '咖啡',
  out_trade_no: 'mall-123',
  time_expire: '2026-11-22T05:00:00.000Z',
  notify_url: 'https://pay.example.com/v2/payments/notify',
  amount: { total: 1999, currency: 'CNY' },
};

const answering = (answer: object) => createWechatIo(party, { text: JSON.stringify(answer) }, now);
const unusable = (field: string) =>
  expect.objectContaining({
    name: 'ProviderCallError',
    message: expect.stringContaining(`no usable ${field}`),
  });

describe('createJsapiPrepay', () => {
  it('asks for a prepay and gives its id', async () => {
    const { io, calls } = answering({ prepay_id: 'wx26112122580621e9b071c00d9e093b0000' });
    const prepayId = await createJsapiPrepay(config, io, { ...transaction, openid: 'oUpF8uMuAJO' });
    expect(prepayId).toBe('wx26112122580621e9b071c00d9e093b0000');
    expect(calls[0]).toMatchObject({
      method: 'POST',
      url: 'https://api.mch.weixin.qq.com/v3/pay/transactions/jsapi',
    });
    expect(await calls[0]?.json()).toEqual({ ...sentFields, payer: { openid: 'oUpF8uMuAJO' } });
  });

  it.each([
    [{}],
    [{ prepay_id: '' }],
    [{ prepay_id: 7 }],
    [{ prepay_id: 'a b' }],
    [{ prepay_id: 'x'.repeat(65) }],
  ])('refuses the answer %j', async (answer) => {
    const { io } = answering(answer);
    const prepay = createJsapiPrepay(config, io, { ...transaction, openid: 'oUpF8uMuAJO' });
    await expect(prepay).rejects.toThrow(unusable('prepay_id'));
  });
});

describe('jsapiParameters', () => {
  it('gives parameters that verify with the merchant certificate', () => {
    const parameters = jsapiParameters(config, answering({}).io, 'wx201410272009395522657a690389285100');
    const { appId, timeStamp, nonceStr, package: prepay, signType, paySign } = parameters;
    expect({ appId, timeStamp, prepay, signType }).toEqual({
      appId: config.appid,
      timeStamp: '1795316400',
      prepay: 'prepay_id=wx201410272009395522657a690389285100',
      signType: 'RSA',
    });
    expect(nonceStr).toMatch(/^[0-9a-f]{32}$/);
    const signed = Formatter.joinedByLineFeed(appId, timeStamp, nonceStr, prepay);
    expect(Rsa.verify(signed, paySign, party.merchant.publicKey)).toBe(true);
  });

  it('gives fresh parameters each time', () => {
    const { io } = answering({});
    expect(jsapiParameters(config, io, 'wx1').paySign).not.toBe(jsapiParameters(config, io, 'wx1').paySign);
  });
});

describe('createNativePayment', () => {
  it('asks for a payment and gives its address', async () => {
    const { io, calls } = answering({ code_url: 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz' });
    expect(await createNativePayment(config, io, transaction)).toBe('weixin://wxpay/bizpayurl?pr=p4lpSuKzz');
    expect(calls[0]).toMatchObject({
      method: 'POST',
      url: 'https://api.mch.weixin.qq.com/v3/pay/transactions/native',
    });
    expect(await calls[0]?.json()).toEqual(sentFields);
  });

  it.each(['http://127.0.0.1:3001/wechat/pay/1', 'https://wx.tenpay.com/x'])(
    'takes the address %s',
    async (code_url) => {
      expect(await createNativePayment(config, answering({ code_url }).io, transaction)).toBe(code_url);
    },
  );

  it.each([
    [{}],
    [{ code_url: null }],
    [{ code_url: 'javascript:alert(1)' }],
    [{ code_url: 'weixin://a\nb' }],
  ])('refuses the answer %j', async (answer) => {
    await expect(createNativePayment(config, answering(answer).io, transaction)).rejects.toThrow(
      unusable('code_url'),
    );
  });
});
