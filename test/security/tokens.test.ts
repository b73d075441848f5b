import { createPublicKey } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flatSignature } from '../../lib/providers/flat-callback.ts';
import { createHttpClient } from '../support/http-client.ts';
import { startTestSystem, type TestSystem } from '../support/local-system.ts';
import { createParties, openTable } from '../support/parties.ts';
import { rsaKeys } from '../support/rsa-keys.ts';

const { privateKey } = rsaKeys();
const publicKey = createPublicKey(privateKey);
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const auth = { issuer: 'https://issuer.test', audience: 'settle' };
const { orders, documents: good, alipay } = createParties();

let system: TestSystem;
let broken: TestSystem;

beforeAll(async () => {
  const keys = [{ ...(await exportJWK(publicKey)), kid: '1' }];
  system = await startTestSystem({ documents: { auth: { ...auth, jwks: { keys } } } });
  broken = await startTestSystem({
    documents: {
      auth: { ...auth, hs256_secret: 'a secret of not quite 32 bytes.' },
      wechat: { ...good.wechat, apiv3_key: ' '.repeat(32) },
      alipay: { ...alipay.document, callback_keys: [''] },
      stripe: { ...good.stripe, webhook_secrets: ['whsec_'] },
    },
  });
});
afterAll(async () => {
  await system?.stop();
  await broken?.stop();
});

const token = (alg: string, key: Parameters<SignJWT['sign']>[0], header = {}) =>
  new SignJWT({ sub: 'admin-1', role: 'admin' })
    .setProtectedHeader({ alg, kid: '1', ...header })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime('1h')
    .sign(key);

const ask = ({ url }: TestSystem, value: string) =>
  createHttpClient(url)('GET', '/api/pay/exceptions', { token: value });

describe('an issuer with public keys', () => {
  it('is believed under its own signature', async () => {
    expect((await ask(system, await token('RS256', privateKey))).status).toBe(200);
  });

  it.each([
    ['PEM', Buffer.from(pem)],
    ['PEM without its line break', Buffer.from(pem.trim())],
    ['DER', publicKey.export({ type: 'spki', format: 'der' })],
  ])('is not believed under HS256 with its public key in %s', async (_, key) => {
    expect((await ask(system, await token('HS256', key))).status).toBe(401);
  });

  it('is not believed by a key that the token brings along', async () => {
    const other = rsaKeys();
    const jwk = await exportJWK(createPublicKey(other.privateKey));
    for (const header of [{ jwk }, { jku: `${system.consoleUrl}/jwks` }, { kid: '__proto__' }, { kid: '' }]) {
      expect((await ask(system, await token('RS256', other.privateKey, header))).status).toBe(401);
    }
  });

  it('is not believed without a signature', async () => {
    const [, claims] = (await token('RS256', privateKey)).split('.');
    for (const alg of ['none', 'None', 'NONE']) {
      const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      expect((await ask(system, `${header}.${claims}.`)).status).toBe(401);
    }
  });
});

describe('a document with an empty, blank or short key', () => {
  const secret = Buffer.from('a secret of not quite 32 bytes.');

  it('opens nothing: every function that needs it fails, and changes nothing', async () => {
    const order = await openTable(broken).store(orders.alipay());
    const call = createHttpClient(broken.url);
    const fields = { order_no: order.order_no, status: 'succeeded' };
    const sig = flatSignature(new Map(Object.entries(fields)), Buffer.alloc(0));
    const trade = alipay.signNotification(alipay.trade(order.order_no, '19.99'));
    const answers = [
      await ask(broken, await token('HS256', secret)),
      await call('POST', '/api/pay/callback/alipay', { body: { ...fields, sig } }),
      await call('POST', '/api/pay/callback/alipay', { headers: trade.headers, body: trade.body }),
      await call('POST', '/api/pay/callback/wechat', { body: { ...fields, sig } }),
      await call('POST', '/api/pay/callback/stripe', {
        body: fields,
        headers: { 'stripe-signature': 't=1,v1=' },
      }),
      await call('POST', '/v2/payments/notify', { body: {}, headers: { 'wechatpay-serial': 'x' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 500]);
    expect(await openTable(broken).items(order)).toMatchObject([
      { sk: 'ORDER', status: 'pending', version: 1 },
      { sk: 'PAYMENT#1', state: 'open', version: 1 },
    ]);
  });

  it.each(['hs256_secret', 'apiv3_key', 'callback_keys', 'webhook_secrets'])(
    'is named in the log by its field: %s',
    async (field) => {
      await expect.poll(() => broken.logs.join('\n')).toContain(field);
    },
  );
});
