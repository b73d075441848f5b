import { AlipaySdk } from 'alipay-sdk';
import { describe, expect, it } from 'vitest';
import { parseAlipayDocument } from '../../../../lib/config/alipay.ts';
import { alipayPagePay } from '../../../../lib/providers/alipay/gateway.ts';
import { createAlipayParty } from '../../../support/alipay.ts';
import { appCertificate, rootCertificates } from '../../../support/alipay-certificates.ts';

const { document, app } = createAlipayParty();
const config = parseAlipayDocument(document);
const notify_url = 'https://pay.example/api/pay/callback/alipay';
const request = {
  payment_no: 'p01HXV0',
  amount: 8888,
  description: '租户 7 订单 + "50%"',
  scene: 'desktop' as const,
  return_url: null,
  begun_at: '2024-05-13T23:30:05.999Z',
  expires_at: '2024-05-14T01:30:05.999Z',
};
const parametersOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

describe('alipayPagePay', () => {
  it("is an address at Alipay's gateway, with times of Beijing", () => {
    const url = alipayPagePay(config, notify_url, request);
    expect(url).toMatch(/^https:\/\/openapi\.alipay\.com\/gateway\.do\?app_id=/);
    const { sign, biz_content, ...parameters } = parametersOf(url);
    expect(parameters).toEqual({
      app_id: document.app_id,
      method: 'alipay.trade.page.pay',
      format: 'JSON',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: '2024-05-14 07:30:05',
      version: '1.0',
      notify_url,
    });
    expect(JSON.parse(biz_content ?? '')).toEqual({
      out_trade_no: 'p01HXV0',
      product_code: 'FAST_INSTANT_TRADE_PAY',
      total_amount: '88.88',
      subject: '租户 7 订单 + "50%"',
      time_expire: '2024-05-14 09:30:05',
    });
  });

  it('holds no text of ours that could pass for a parameter of what Alipay signs', () => {
    const description = 'tea&out_trade_no=mall-1&total_amount=99.00/a=b';
    const { biz_content = '' } = parametersOf(alipayPagePay(config, notify_url, { ...request, description }));
    expect(JSON.parse(biz_content)).toMatchObject({
      subject: 'tea out_trade_no mall-1 total_amount 99.00 a b',
    });
    expect(biz_content).not.toMatch(/[&=]/);
  });

  it('comes out the same again for a payment that was begun at the same time', () => {
    const url = alipayPagePay(config, notify_url, request);
    expect(alipayPagePay(config, notify_url, request)).toBe(url);
    const later = { ...request, begun_at: '2024-05-13T23:30:06.999Z' };
    expect(alipayPagePay(config, notify_url, later)).not.toBe(url);
  });

  it('is signed exactly as alipay-sdk signs it', () => {
    const sdk = new AlipaySdk({ appId: document.app_id, privateKey: document.private_key, keyType: 'PKCS8' });
    const { timestamp, biz_content, ...parameters } = parametersOf(
      alipayPagePay(config, notify_url, request),
    );
    const query = sdk.sdkExecute('alipay.trade.page.pay', {
      format: 'JSON',
      timestamp,
      notifyUrl: notify_url,
      bizContent: JSON.parse(biz_content ?? ''),
    });
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({ timestamp, biz_content, ...parameters });
  });

  const return_url = 'https://shop.example.com/orders?id=7&from=wap';
  const byPhone = { ...request, scene: 'mobile' as const, return_url };

  it('of a phone asks for another page, which knows where its payer came from', () => {
    const {
      sign: _sign,
      biz_content,
      ...parameters
    } = parametersOf(alipayPagePay(config, notify_url, byPhone));
    expect(parameters).toMatchObject({ method: 'alipay.trade.wap.pay', notify_url, return_url });
    expect(JSON.parse(biz_content ?? '')).toEqual({
      out_trade_no: 'p01HXV0',
      product_code: 'QUICK_WAP_WAY',
      total_amount: '88.88',
      subject: '租户 7 订单 + "50%"',
      time_expire: '2024-05-14 09:30:05',
      quit_url: return_url,
    });
    const nowhere = parametersOf(alipayPagePay(config, notify_url, { ...byPhone, return_url: null }));
    expect(nowhere).not.toHaveProperty('return_url');
    expect(JSON.parse(nowhere['biz_content'] ?? '')).not.toHaveProperty('quit_url');
  });

  it('of a computer leads back where it is asked to, and knows no place to quit to', () => {
    const parameters = parametersOf(alipayPagePay(config, notify_url, { ...request, return_url }));
    expect(parameters).toMatchObject({ method: 'alipay.trade.page.pay', return_url });
    expect(JSON.parse(parameters['biz_content'] ?? '')).not.toHaveProperty('quit_url');
  });

  it.each(['desktop', 'mobile'] as const)(
    'that leads back is signed exactly as alipay-sdk signs it, and comes out the same again: %s',
    (scene) => {
      const url = alipayPagePay(config, notify_url, { ...byPhone, scene });
      const { timestamp, biz_content, ...parameters } = parametersOf(url);
      const sdk = new AlipaySdk({
        appId: document.app_id,
        privateKey: document.private_key,
        keyType: 'PKCS8',
      });
      const query = sdk.sdkExecute(scene === 'mobile' ? 'alipay.trade.wap.pay' : 'alipay.trade.page.pay', {
        format: 'JSON',
        timestamp,
        notifyUrl: notify_url,
        returnUrl: return_url,
        bizContent: JSON.parse(biz_content ?? ''),
      });
      expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
        timestamp,
        biz_content,
        ...parameters,
      });
      expect(alipayPagePay(config, notify_url, { ...byPhone, scene })).toBe(url);
    },
  );

  it('verifies with alipay-sdk, in certificate mode too', () => {
    const sdk = new AlipaySdk({
      appId: document.app_id,
      privateKey: document.private_key,
      alipayPublicKey: app.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    });
    const certified = parseAlipayDocument({
      ...document,
      app_cert: appCertificate,
      alipay_root_cert: rootCertificates,
    });
    const parameters = parametersOf(alipayPagePay(certified, notify_url, request));
    expect(parameters).toMatchObject({
      app_cert_sn: certified.certificates?.appCertSn,
      alipay_root_cert_sn: certified.certificates?.rootCertSn,
    });
    expect(sdk.checkNotifySignV2(parameters)).toBe(true);
    for (const name of Object.keys(parameters).filter((other) => other !== 'sign_type')) {
      expect(sdk.checkNotifySignV2({ ...parameters, [name]: 'other' })).toBe(false);
    }
  });

  it('keeps out of the subject what Alipay refuses there', () => {
    const url = alipayPagePay(config, notify_url, { ...request, description: 'a/b=c&d' });
    expect(JSON.parse(parametersOf(url)['biz_content'] ?? '')).toMatchObject({ subject: 'a b c d' });
  });

  it("goes to the document's own gateway", () => {
    const local = { ...config, gatewayUrl: 'http://127.0.0.1:3001/alipay/gateway.do' };
    expect(alipayPagePay(local, notify_url, request)).toMatch(
      /^http:\/\/127\.0\.0\.1:3001\/alipay\/gateway\.do\?/,
    );
  });
});
