import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type DocumentName, documentNames } from '../../../../infra/endpoints.ts';
import { generateDocuments } from '../../../../infra/local/documents.ts';
import { documentFields } from '../../../../infra/operate/documents/document-fields.ts';
import { inspectDocument } from '../../../../infra/operate/documents/inspect/inspect-document.ts';
import { appCertificate, rootCertificates } from '../../../support/alipay-certificates.ts';
import { createCertificate } from '../../../support/certificate.ts';
import { rsaKeys, rsaKeysInPem } from '../../../support/rsa-keys.ts';
import { weakRsaKeys } from '../../../support/weak-rsa-keys.ts';

const now = Date.parse('2026-11-22T00:00:00Z');
const DAY_MS = 86_400_000;
const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
const platform = rsaKeys();
const weak = weakRsaKeys();

const { documents: local } = await generateDocuments({
  consoleUrl: 'http://127.0.0.1:3001',
  rsaKeys: rsaKeysInPem,
});
type Document = Record<string, unknown>;
const { base_url: _w, api_base_url: _m, ...wechat } = local.wechat as Document;
const { gateway_url: _a, ...alipay } = local.alipay as Document;
const { base_url: _s, ...stripe } = local.stripe as Document;
/** As they would be of a stage that is deployed. */
const sound: Record<DocumentName, Document> = {
  auth: local.auth as Document,
  wechat,
  alipay,
  stripe: { ...stripe, success_url: 'https://shop.example.com', cancel_url: 'https://shop.example.com' },
  wecom: { webhook_url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1' },
  webhooks: { ...(local.webhooks as Document), url: 'https://shop.example.com/settle' },
};

const certificate = (from_days: number, until_days: number) =>
  createCertificate({
    publicKey: platform.publicKey,
    issuerKey: platform.privateKey,
    serial,
    validFrom: now + from_days * DAY_MS,
    validUntil: now + until_days * DAY_MS,
  });

const loginKey = ['jwks.keys.0', /private key/] as const;
const alipayKey = ['alipay_public_key', /2048 bits/] as const;

const publicPem = (key: unknown) =>
  createPublicKey(String(key)).export({ type: 'spki', format: 'pem' }).toString();

const inspect = (name: DocumentName, changes: Document, stage = 'dev') =>
  inspectDocument(name, { ...sound[name], ...changes }, { stage, now });

describe('a document', () => {
  it.each(documentNames)('%s that is sound has nothing wrong', (name) => {
    expect(inspect(name, {})).toEqual([]);
  });

  it('of the local system is sound there, and leads nowhere in a stage that is deployed', () => {
    const everything = (stage: string) =>
      documentNames.flatMap((name) => inspectDocument(name, local[name], { stage, now }));
    expect(everything('local')).toEqual([]);
    expect(new Set(everything('dev').map(({ field, problem }) => `${field} ${problem}`))).toEqual(
      new Set(
        ['base_url', 'api_base_url', 'gateway_url', 'success_url', 'cancel_url', 'webhook_url', 'url'].map(
          (field) => `${field} leads to the machine that reads it`,
        ),
      ),
    );
  });

  it('has every field listed that its parser knows', () => {
    for (const name of documentNames) {
      const known = documentFields[name].map((field) => field.name);
      expect(Object.keys(local[name] as object).filter((field) => !known.includes(field))).toEqual([]);
    }
  });

  it('that is refused has every field named, and no value', () => {
    const findings = inspect('wechat', { appid: '', mchid: undefined, private_key: 'MIIEvQIBADANBg' });
    expect(findings).toEqual([
      { level: 'fault', field: 'appid', problem: 'must not be empty' },
      { level: 'fault', field: 'mchid', problem: 'is missing' },
      { level: 'fault', field: 'private_key', problem: 'must be an RSA private key' },
    ]);
  });

  it.each<[string, DocumentName, Document, 'fault' | 'warning', string, RegExp]>([
    ['white space', 'auth', { audience: 'settle\n' }, 'fault', 'audience', /white space/],
    ['another field', 'alipay', { gateway: 'https://a.example' }, 'warning', 'gateway', /no field/],
    ['one secret twice', 'wechat', twice(), 'warning', 'callback_keys.1', /twice/],
    ['a plain secret', 'auth', { hs256_secret: 'ab'.repeat(20) }, 'warning', 'hs256_secret', /easy to guess/],
    ['a private key', 'auth', jwks(platform.privateKey.export({ format: 'jwk' })), 'fault', ...loginKey],
    ['a secret as a key', 'auth', jwks({ kty: 'oct', k: 'AQAB' }), 'fault', 'jwks.keys.0', /public key/],
    ['a short key', 'wechat', { private_key: weak.privateKey }, 'fault', 'private_key', /2048 bits/],
    ["a provider's short key", 'alipay', { alipay_public_key: weak.publicKey }, 'fault', ...alipayKey],
    ['a short login key', 'auth', jwks(weak.jwk), 'fault', 'jwks.keys.0', /2048 bits/],
    ['a login without TLS', 'auth', loginAt('http://login.example.com'), 'fault', 'jwks_url', /https/],
    ['no secure gateway', 'alipay', { gateway_url: 'http://a.example/do' }, 'fault', 'gateway_url', /https/],
    ['no secure cart', 'stripe', { cancel_url: 'http://a.example' }, 'fault', 'cancel_url', /https/],
    ['an odd serial', 'wechat', { serial_no: '123' }, 'warning', 'serial_no', /40 hexadecimal/],
    ['an odd merchant', 'wechat', { mchid: 'shop' }, 'warning', 'mchid', /digits/],
    ['an odd app', 'wechat', { appid: 'shop' }, 'warning', 'appid', /wx/],
    ['an odd seller', 'alipay', { seller_id: '1' }, 'warning', 'seller_id', /2088/],
    ['an odd key name', 'wechat', platformKeys('key-1'), 'warning', 'public_keys.key-1', /PUB_KEY_ID_/],
    [
      'a certificate by an id',
      'wechat',
      held('PUB_KEY_ID_1'),
      'fault',
      'public_keys.PUB_KEY_ID_1',
      /public key/,
    ],
    [
      'a certificate of another serial',
      'wechat',
      held('A'.repeat(40)),
      'fault',
      expect.any(String),
      /5157F09E/,
    ],
    [
      'its own serial',
      'wechat',
      { ...held(serial), serial_no: serial },
      'fault',
      'serial_no',
      /WeChat Pay's own/,
    ],
    ['no secure address', 'wechat', { base_url: 'http://wx.example.com' }, 'fault', 'base_url', /https/],
    ['no secure page', 'stripe', { success_url: 'http://a.example' }, 'fault', 'success_url', /https/],
    [
      'the live side',
      'stripe',
      { secret_key: 'sk_live_51HG8vIabcdefgh' },
      'warning',
      'secret_key',
      /real money/,
    ],
    [
      'a robot elsewhere',
      'wecom',
      { webhook_url: 'https://a.example/?key=1' },
      'warning',
      'webhook_url',
      /robot/,
    ],
  ])('with %s', (_what, name, changes, level, field, problem) => {
    expect(inspect(name, changes)).toEqual([{ level, field, problem: expect.stringMatching(problem) }]);
  });

  it("with the merchant's own key in place of WeChat Pay's", () => {
    const changes = { public_keys: { PUB_KEY_ID_1: publicPem(sound.wechat['private_key']) } };
    expect(inspect('wechat', changes)).toMatchObject([{ level: 'fault', field: 'public_keys.PUB_KEY_ID_1' }]);
  });

  it('takes a test key for real where real money is wanted', () => {
    expect(inspect('stripe', {}, 'prod')).toMatchObject([{ level: 'warning', field: 'secret_key' }]);
    expect(inspect('stripe', { secret_key: 'rk_live_51HG8vIabcdefgh' }, 'prod')).toEqual([]);
  });

  it('in certificate mode holds the certificate of its key', () => {
    const mode = { app_cert: appCertificate, alipay_root_cert: rootCertificates };
    expect(inspect('alipay', mode).map(({ field }) => field)).toContain('app_cert');
  });
});

describe('a certificate', () => {
  const platformHeld = (pem: string, more: Document = {}) =>
    inspect('wechat', { public_keys: { [serial]: pem, ...more } });

  it.each<[string, number, number, string[]]>([
    ['is in date', -1, 31, []],
    ['expires in 30 days', -1, 29, ['warning holds a certificate that expires on 2026-12-21']],
    ['expired', -30, -1, ['fault holds a certificate that expired on 2026-11-21']],
    ['has not begun', 1, 30, ['fault holds a certificate that begins on 2026-11-23']],
  ])('that %s', (_what, from, until, expected) => {
    const found = platformHeld(certificate(from, until));
    expect(found.map(({ level, problem }) => `${level} ${problem}`)).toEqual(expected);
  });

  it('that expired beside a key that is good does no harm', () => {
    const key = { PUB_KEY_ID_1: platform.publicKey.export({ type: 'spki', format: 'pem' }) };
    expect(platformHeld(certificate(-30, -1), key)).toMatchObject([
      { level: 'warning', field: `public_keys.${serial}` },
    ]);
  });

  it('is found in bare base64 too', () => {
    const bare = certificate(-30, -1).replace(/-----.*-----|\n/g, '');
    expect(platformHeld(bare)).toMatchObject([{ level: 'fault', field: `public_keys.${serial}` }]);
  });
});

function twice(): Document {
  const key = 'Zk3sN9qLp0vX7tYb2mWc5dRf8hJg1aUe';
  return { callback_keys: [key, key] };
}

function jwks(members: Document): Document {
  const key = { ...platform.publicKey.export({ format: 'jwk' }), ...members };
  return { hs256_secret: undefined, jwks: { keys: [key] } };
}

function loginAt(jwks_url: string): Document {
  return { hs256_secret: undefined, jwks_url };
}

function platformKeys(name: string): Document {
  return { public_keys: { [name]: platform.publicKey.export({ type: 'spki', format: 'pem' }) } };
}

function held(name: string): Document {
  return { public_keys: { [name]: certificate(-1, 100) } };
}
