import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokens, localUser } from '../../../infra/local/tokens.ts';

const auth = { issuer: 'me', audience: 'settle', hs256_secret: 'x'.repeat(32) };

describe('createTokens', () => {
  it('makes an admin and a user token that hold for 30 days', async () => {
    const tokens = await createTokens(auth);
    const verify = async (token = '') => {
      const { payload } = await jwtVerify(token, Buffer.from(auth.hs256_secret), auth);
      const { iat = 0, exp = 0, iss, aud, ...claims } = payload;
      return { ...claims, days: (exp - iat) / 86_400 };
    };
    expect(await verify(tokens?.admin)).toEqual({ sub: 'admin', role: 'admin', days: 30 });
    expect(await verify(tokens?.user)).toEqual({ sub: localUser, role: 'user', days: 30 });
  });

  it('makes none without a key of its own to sign with', async () => {
    expect(await createTokens({ issuer: 'me', audience: 'a', jwks_url: 'https://a.example' })).toBeNull();
  });
});
