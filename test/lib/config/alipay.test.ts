import { AlipaySdk } from 'alipay-sdk';
import { describe, expect, it } from 'vitest';
import { parseAlipayDocument } from '../../../lib/config/alipay.ts';
import { DocumentError } from '../../../lib/config/document.ts';
import { createAlipayParty } from '../../support/alipay.ts';
import { appCertificate, rootCertificates } from '../../support/alipay-certificates.ts';
import { createCertificate } from '../../support/certificate.ts';
import { rsaKeys } from '../../support/rsa-keys.ts';
import { weakRsaKeys } from '../../support/weak-rsa-keys.ts';

const { document, alipay, app } = createAlipayParty();
const weak = weakRsaKeys();
const weakCertificate = createCertificate({
  publicKey: weak.keys.publicKey,
  issuerKey: app.privateKey,
  serial: '10',
  validFrom: Date.parse('2026-01-01'),
  validUntil: Date.parse('2036-01-01'),
});
const certificates = { app_cert: appCertificate, alipay_root_cert: rootCertificates };

describe('parseAlipayDocument', () => {
  it('reads keys, and defaults to the real address', () => {
    const config = parseAlipayDocument(document);
    expect(config).toMatchObject({
      appId: document.app_id,
      sellerId: document.seller_id,
      merchant: '2021000122671080.2088101122136241',
      gatewayUrl: 'https://openapi.alipay.com/gateway.do',
      certificates: null,
    });
    expect(config.privateKey.equals(app.privateKey)).toBe(true);
    expect(config.publicKeys.map((key) => key.equals(alipay.publicKey))).toEqual([true]);
    expect(config.callbackKeys).toEqual(document.callback_keys.map((key) => Buffer.from(key)));
  });

  it('takes keys in bare base64, as Alipay shows them, and another address', () => {
    const config = parseAlipayDocument({
      ...document,
      private_key: app.privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
      alipay_public_key: alipay.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      gateway_url: 'http://127.0.0.1:3001/alipay/gateway.do',
    });
    expect(config.privateKey.equals(app.privateKey)).toBe(true);
    expect(config.publicKeys.map((key) => key.equals(alipay.publicKey))).toEqual([true]);
    expect(config.gatewayUrl).toBe('http://127.0.0.1:3001/alipay/gateway.do');
  });

  it("takes Alipay's key of before beside the current one", () => {
    const other = rsaKeys().publicKey;
    const pem = other.export({ type: 'spki', format: 'pem' }).toString();
    const config = parseAlipayDocument({ ...document, alipay_public_key: [pem, document.alipay_public_key] });
    expect(config.publicKeys.map((key) => [key.equals(other), key.equals(alipay.publicKey)])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  it("computes the certificates' serials as alipay-sdk does", () => {
    const sdk = new AlipaySdk({
      appId: document.app_id,
      privateKey: document.private_key,
      appCertContent: appCertificate,
      alipayPublicCertContent: appCertificate,
      alipayRootCertContent: rootCertificates,
    });
    const config = parseAlipayDocument({ ...document, ...certificates, alipay_public_key: appCertificate });
    expect(config.certificates).toEqual({
      appCertSn: sdk.config.appCertSn,
      rootCertSn: sdk.config.alipayRootCertSn,
    });
    expect(config.certificates?.rootCertSn).toMatch(/^[0-9a-f]{32}_[0-9a-f]{32}$/);
    expect(config.publicKeys[0]?.export({ type: 'spki', format: 'pem' })).toContain(
      sdk.config.alipayPublicKey.split('\n')[1]?.slice(0, 60),
    );
  });

  it.each(Object.keys(document))('refuses a document without %s', (field) => {
    expectRefusal({ ...document, [field]: undefined }, field);
    expectRefusal({ ...document, [field]: '' }, field);
    expectRefusal({ ...document, [field]: 7 }, field);
  });

  it.each([
    ['app_id', { app_id: '2021.2088' }],
    ['seller_id', { seller_id: '2088 1' }],
    ['private_key', { private_key: document.alipay_public_key }],
    ['alipay_public_key', { alipay_public_key: 'bm90IGEga2V5' }],
    ['callback_keys', { callback_keys: [] }],
    ['callback_keys.0', { callback_keys: ['too short'] }],
    ['gateway_url', { gateway_url: 'openapi.alipay.com/gateway.do' }],
    ['gateway_url', { gateway_url: 'http://openapi.alipay.com/gateway.do' }],
    ['private_key', { private_key: weak.privateKey }],
    ['alipay_public_key', { alipay_public_key: weak.publicKey }],
    ['alipay_public_key.1', { alipay_public_key: [document.alipay_public_key, weak.publicKey] }],
    ['alipay_public_key', { alipay_public_key: weakCertificate }],
    ['app_cert', { ...certificates, app_cert: weakCertificate }],
    ['alipay_root_cert', { app_cert: appCertificate }],
    ['app_cert', { alipay_root_cert: rootCertificates }],
    ['app_cert', { ...certificates, app_cert: document.alipay_public_key }],
    ['alipay_root_cert', { ...certificates, alipay_root_cert: 'no certificate' }],
  ])('refuses a bad %s', (field, change) => {
    expectRefusal({ ...document, ...change }, field);
  });

  it.each([[null], [[]], ['text'], [undefined]])('refuses %j', (value) => {
    expect(() => parseAlipayDocument(value)).toThrow(DocumentError);
  });
});

function expectRefusal(value: unknown, field: string) {
  expect(() => parseAlipayDocument(value)).toThrow(expect.objectContaining({ name: 'DocumentError', field }));
}
