import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/config/document.ts';
import { hasAppSecret, parseWechatDocument, type WechatConfig } from '../../../lib/config/wechat.ts';
import { createCertificate } from '../../support/certificate.ts';
import { weakRsaKeys } from '../../support/weak-rsa-keys.ts';
import { createWechatParty } from '../../support/wechat.ts';

const { document, serial, platform } = createWechatParty();
const publicKeyPem = document.public_keys[serial];
const weak = weakRsaKeys();
const weakCertificate = createCertificate({
  publicKey: weak.keys.publicKey,
  issuerKey: platform.privateKey,
  serial: '10',
  validFrom: Date.parse('2026-01-01'),
  validUntil: Date.parse('2036-01-01'),
});

type Refused = readonly [field: string | RegExp, change: object];

const apiv3KeysOf = ({ apiv3Keys }: WechatConfig) => apiv3Keys.map((key) => key.export().toString());

describe('parseWechatDocument', () => {
  it('reads keys, and defaults to the real address', async () => {
    const config = parseWechatDocument(document);
    expect(config).toMatchObject({
      appids: [document.appid],
      former: [],
      mchid: document.mchid,
      serialNumber: document.serial_no,
      baseUrl: 'https://api.mch.weixin.qq.com',
    });
    expect(apiv3KeysOf(config)).toEqual([document.apiv3_key]);
    expect(config.publicKeyId).toBe(serial);
    expect(config.callbackKeys).toEqual([Buffer.from(document.callback_keys[0] ?? '')]);
    expect((await config.publicKeys.get(serial))?.equals(platform.publicKey)).toBe(true);
  });

  it('takes further apps, the usual one first, and merchants of before', () => {
    const apps = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`wx${n}`, {}]));
    const former = ['1900000001', '1900000002', '1900000003', '1900000004', '1900000005'];
    const config = parseWechatDocument({ ...document, apps, former });
    expect(config.appids).toEqual([document.appid, ...Object.keys(apps)]);
    expect(config.former).toEqual(former);
  });

  it('takes the secrets of apps, of the usual one too, and where their API is', () => {
    const secret = 'f'.repeat(32);
    const apps = { [document.appid]: { secret }, wx1: {}, wx2: { secret: 'A1'.repeat(8) } };
    const config = parseWechatDocument({ ...document, apps, api_base_url: 'http://127.0.0.1:3001/api' });
    expect(config.appids).toEqual([document.appid, 'wx1', 'wx2']);
    expect([...config.appSecrets]).toEqual([
      [document.appid, secret],
      ['wx2', 'A1'.repeat(8)],
    ]);
    expect(config.apiBaseUrl).toBe('http://127.0.0.1:3001/api');
    expect(hasAppSecret(config, 'wx1')).toBe(false);
    expect(parseWechatDocument(document).apiBaseUrl).toBe('https://api.weixin.qq.com');
  });

  it('takes several keys, and another address', async () => {
    const config = parseWechatDocument({
      ...document,
      public_keys: { ...document.public_keys, '5157F09EFDC096DE15EBE81A47057A7232F1B8E1': publicKeyPem },
      apiv3_key: ['n'.repeat(32), document.apiv3_key],
      base_url: 'http://127.0.0.1:3001/wechat',
    });
    expect(apiv3KeysOf(config)).toEqual(['n'.repeat(32), document.apiv3_key]);
    for (const name of [serial, '5157F09EFDC096DE15EBE81A47057A7232F1B8E1']) {
      expect((await config.publicKeys.get(name))?.equals(platform.publicKey)).toBe(true);
    }
    expect(config.baseUrl).toBe('http://127.0.0.1:3001/wechat');
  });

  it.each(Object.keys(document))('refuses a document without %s', (field) => {
    expectRefusal({ ...document, [field]: undefined }, field);
    expectRefusal({ ...document, [field]: '' }, field);
    expectRefusal({ ...document, [field]: 7 }, field);
  });

  it.each<Refused>([
    ['mchid', { mchid: '123"x' }],
    ['private_key', { private_key: publicKeyPem }],
    ['apiv3_key', { apiv3_key: document.apiv3_key.slice(1) }],
    ['apiv3_key', { apiv3_key: `${document.apiv3_key}x` }],
    ['apiv3_key', { apiv3_key: [] }],
    ['apiv3_key', { apiv3_key: Array(4).fill(document.apiv3_key) }],
    ['apiv3_key.1', { apiv3_key: [document.apiv3_key, document.apiv3_key.slice(1)] }],
    ['apiv3_key.0', { apiv3_key: [7] }],
    ['public_keys', { public_keys: {} }],
    ['public_keys', { public_keys: [publicKeyPem] }],
    ['public_keys', { public_keys: JSON.parse(`{"__proto__":${JSON.stringify(publicKeyPem)}}`) }],
    ['public_keys', { public_keys: { constructor: publicKeyPem } }],
    [`public_keys.${serial}`, { public_keys: { [serial]: 'bm90IGEga2V5' } }],
    ['callback_keys.0', { callback_keys: ['too short'] }],
    ['base_url', { base_url: 'https://api.mch.weixin.qq.com/' }],
    ['base_url', { base_url: 'http://api.mch.weixin.qq.com' }],
    ['base_url', { base_url: 'http://127.0.0.1.example.com' }],
    ['base_url', { base_url: 'http://localhost@example.com' }],
    ['private_key', { private_key: weak.privateKey }],
    [`public_keys.${serial}`, { public_keys: { [serial]: weak.publicKey } }],
    [`public_keys.${serial}`, { public_keys: { [serial]: weakCertificate } }],
    ['apps', { apps: ['wx1'] }],
    ['apps', { apps: { 'wx 1': {} } }],
    ['apps', { apps: { [`wx${'1'.repeat(31)}`]: {} } }],
    ['apps', { apps: JSON.parse('{"__proto__":{}}') }],
    ['apps', { apps: { constructor: {} } }],
    ['apps.wx1', { apps: { wx1: 'secret' } }],
    ['apps.wx1.secret', { apps: { wx1: { secret: '' } } }],
    ['apps.wx1.secret', { apps: { wx1: { secret: 'f'.repeat(15) } } }],
    ['apps.wx1.secret', { apps: { wx1: { secret: `${'f'.repeat(32)}&` } } }],
    ['api_base_url', { api_base_url: 'http://api.weixin.qq.com' }],
    ['apps', { apps: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`wx${n}`, {}])) }],
  ])('refuses a bad %s', (field, change) => {
    expectRefusal({ ...document, ...change }, field);
  });

  it.each<[string, unknown]>([
    ['former', '1900000001'],
    ['former', null],
    ['former', ['1', '2', '3', '4', '5', '6']],
    ...['', '../auth', '1900000001/2', '.1900000001', '1'.repeat(131), 1_900_000_001].map(
      (name): [string, unknown] => ['former.1', ['1900000001', name]],
    ),
  ])('refuses merchants of before for a bad %s: %j', (field, former) => {
    expectRefusal({ ...document, former }, field);
  });

  it.each([[null], [[]], ['text'], [undefined]])('refuses %j', (value) => {
    expect(() => parseWechatDocument(value)).toThrow(DocumentError);
  });
});

function expectRefusal(value: unknown, field: string | RegExp) {
  const named = typeof field === 'string' ? field : expect.stringMatching(field);
  const error = expect.objectContaining({ name: 'DocumentError', field: named });
  expect(() => parseWechatDocument(value)).toThrow(error);
}
