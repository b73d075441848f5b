import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokens, localUser } from '../../../infra/local/tokens.ts';
import { createTokenSigner } from '../../../infra/operate/token/sign-token.ts';

const auth = { issuer: 'me', audience: 'settle', hs256_secret: 'x'.repeat(32) };

async function verify(token: string | undefined, secret = auth.hs256_secret) {
  const { payload } = await jwtVerify(token ?? '', Buffer.from(secret), auth);
  const { iat = 0, exp = 0, iss, aud, ...claims } = payload;
  return { ...claims, days: (exp - iat) / 86_400 };
}

describe('tokens for trying things out', () => {
  it('are one for each role, and hold for 30 days', async () => {
    const sign = createTokenSigner(auth);
    const tokens = sign && (await createTokens(sign));
    expect(await verify(tokens?.admin)).toEqual({ sub: 'admin', role: 'admin', days: 30 });
    expect(await verify(tokens?.viewer)).toEqual({ sub: 'viewer', role: 'viewer', days: 30 });
    expect(await verify(tokens?.user)).toEqual({ sub: localUser, role: 'user', days: 30 });
  });
});

describe('a signer', () => {
  it('takes the current one of several secrets', async () => {
    const secrets = ['y'.repeat(32), auth.hs256_secret];
    const token = await createTokenSigner({ ...auth, hs256_secret: secrets })?.(
      'me',
      { role: 'admin' },
      '1 day',
    );
    expect(await verify(token, 'y'.repeat(32))).toEqual({ sub: 'me', role: 'admin', days: 1 });
  });

  it('is none without a key to sign with', () => {
    expect(createTokenSigner({ issuer: 'me', audience: 'a', jwks_url: 'https://a.example' })).toBeNull();
  });
});
