import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect } from 'vitest';
import { createTokenVerifierLoader, type VerifyToken } from '../../lib/http/token.ts';
import { startLoopbackServer } from '../support/loopback-server.ts';
import { createStage, type Rehearsal } from './stage.ts';

const auth = { issuer: 'https://login.example', audience: 'settle' };

type Load = () => Promise<VerifyToken>;

/** A caller with a token that was signed now and is good for an hour. */
function caller(alg: string, key: Parameters<SignJWT['sign']>[0], now: () => number, kid = 'none') {
  return async (load: Load) => {
    const issued = Math.floor(now() / 1_000);
    const token = await new SignJWT({
      sub: 'user-1',
      role: 'user',
      iat: issued,
      exp: issued + 3_600,
      ...{ iss: auth.issuer, aud: auth.audience },
    })
      .setProtectedHeader({ alg, kid })
      .sign(key);
    const verify = await load();
    expect(await verify(`Bearer ${token}`)).toMatchObject({ sub: 'user-1' });
  };
}

const unauthenticated = expect.objectContaining({ name: 'ApiError', statusCode: 401 });

const start = (...[documents, io]: Parameters<Parameters<typeof createStage<Load>>[0]['start']>): Load =>
  createTokenVerifierLoader(documents, io);

/** Both secrets are taken until the last token of before has expired. */
const hs256: Rehearsal = async () => {
  const [before, after] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const stage = await createStage({ documents: { auth: { ...auth, hs256_secret: before } }, start });
  const [old, current] = [before, after].map((secret) => caller('HS256', Buffer.from(secret), stage.now)) as [
    ReturnType<typeof caller>,
    ReturnType<typeof caller>,
  ];
  const both = async (load: Load) => {
    await old(load);
    await current(load);
  };

  await stage.live(old);
  stage.put('auth', { hs256_secret: [after, before] });
  await stage.live(old);
  // The login signs with the new one from now on.
  await stage.live(both, 3_600_000);
  stage.put('auth', { hs256_secret: after });
  await stage.live(current);
  await expect(stage.everywhere(old)).rejects.toThrow(unauthenticated);
};

const createSigner = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
};

/** The public keys are in the document. */
const jwks: Rehearsal = async () => {
  const [before, after] = await Promise.all([createSigner('1'), createSigner('2')]);
  const stage = await createStage({
    documents: { auth: { ...auth, jwks: { keys: [before.jwk] } } },
    start,
  });
  const old = caller('ES256', before.privateKey, stage.now, before.kid);
  const current = caller('ES256', after.privateKey, stage.now, after.kid);

  await stage.live(old);
  stage.put('auth', { jwks: { keys: [after.jwk, before.jwk] } });
  await stage.live(old);
  await stage.live(async (load) => {
    await old(load);
    await current(load);
  });
  stage.put('auth', { jwks: { keys: [after.jwk] } });
  await stage.live(current);
  await expect(stage.everywhere(old)).rejects.toThrow(unauthenticated);
};

/** The public keys are at an address of the login's, which is asked again after ten minutes. */
const jwksUrl: Rehearsal = async () => {
  const [before, after] = await Promise.all([createSigner('1'), createSigner('2')]);
  const published = { keys: [before.jwk] };
  const server = await startLoopbackServer(() => ({ body: published }));
  try {
    const stage = await createStage({
      documents: { auth: { ...auth, jwks_url: `${server.baseUrl}/jwks.json` } },
      start,
    });
    const call =
      ({ privateKey, kid }: typeof before) =>
      async (load: Load) => {
        await caller('ES256', privateKey, stage.now, kid)(load);
      };
    const [old, current] = [call(before), call(after)];

    await stage.live(old);
    published.keys = [after.jwk, before.jwk];
    await stage.live(old, 10 * 60_000);
    await stage.live(async (load) => {
      await old(load);
      await current(load);
    });
    published.keys = [after.jwk];
    await stage.live(current, 10 * 60_000);
    await expect(stage.everywhere(old)).rejects.toThrow(unauthenticated);
  } finally {
    await server.close();
  }
};

export const loginRehearsals: Readonly<Record<string, Rehearsal>> = {
  'Login keys in the document': jwks,
  'Login keys at an address': jwksUrl,
  'Login secret': hs256,
};
