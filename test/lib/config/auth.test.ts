import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseAuthDocument } from '../../../lib/config/auth.ts';
import { weakRsaKeys } from '../../support/weak-rsa-keys.ts';

const who = { issuer: 'https://login.example', audience: 'settle' };
const read = { ...who, allTenantsClaim: false };
const good = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const secret = 's'.repeat(32);

describe('parseAuthDocument', () => {
  it.each([
    ['https://login.example/jwks.json'],
    ['http://127.0.0.1:3001/jwks'],
    ['http://127.8.9.10/jwks'],
    ['http://[::1]:3001/jwks'],
    ['http://localhost/jwks'],
  ])('reads keys at %s', (jwks_url) => {
    expect(parseAuthDocument({ ...who, jwks_url })).toEqual({ ...read, jwksUrl: new URL(jwks_url) });
  });

  it('reads keys and secrets in the document', () => {
    expect(parseAuthDocument({ ...who, jwks: { keys: [good] } })).toEqual({
      ...read,
      jwks: { keys: [good] },
    });
    for (const key_ops of [['verify'], ['encrypt']]) {
      const keys = [{ ...good, key_ops }];
      expect(parseAuthDocument({ ...who, jwks: { keys } })).toMatchObject({ jwks: { keys } });
    }
    expect(parseAuthDocument({ ...who, hs256_secret: secret })).toEqual({
      ...read,
      hs256Secrets: [Buffer.from(secret)],
    });
  });

  it.each([
    ['jwks_url', { jwks_url: 'http://login.example/jwks.json' }],
    ['jwks_url', { jwks_url: 'http://127.0.0.1.example/jwks' }],
    ['jwks_url', { jwks_url: 'file:///etc/passwd' }],
    ['jwks_url', { jwks_url: 'https://login.example/ jwks' }],
    ['jwks.keys', { jwks: { keys: [] } }],
    ['jwks.keys.0', { jwks: { keys: [{}] } }],
    ['jwks.keys.1', { jwks: { keys: [good, weakRsaKeys().jwk] } }],
    ['jwks.keys.1', { jwks: { keys: [good, { kty: 'RSA', n: '!', e: 'AQAB' }] } }],
    ['jwks.keys.0', { jwks: { keys: [{ kty: 'oct', k: 'AQAB' }] } }],
    ['jwks.keys.0', { jwks: { keys: [{ ...good, key_ops: ['verify', 'sign'] }] } }],
    ['jwks.keys.0', { jwks: { keys: [{ ...good, key_ops: ['sign', 'verify'] }] } }],
    ['jwks.keys.0', { jwks: { keys: [{ ...good, key_ops: ['verify', 'x'] }] } }],
    ['hs256_secret', { hs256_secret: secret.slice(1) }],
    ['all_tenants_claim', { hs256_secret: secret, all_tenants_claim: 'yes' }],
    ['all_tenant_claim', { hs256_secret: secret, all_tenant_claim: true }],
    ['jwks_url | jwks | hs256_secret', {}],
    ['jwks_url | jwks | hs256_secret', { hs256_secret: secret, jwks: { keys: [good] } }],
  ])('refuses a bad %s', (field, change) => {
    expect(() => parseAuthDocument({ ...who, ...change })).toThrow(
      expect.objectContaining({ name: 'DocumentError', field }),
    );
  });
});
