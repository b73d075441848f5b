import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createTokenVerifierLoader } from '../../../lib/http/token.ts';
import { NOW } from '../../support/orders.ts';
import { weakRsaKeys } from '../../support/weak-rsa-keys.ts';

const auth = { issuer: 'https://login.example', audience: 'settle' };
const MINUTE_MS = 60_000;

const createSigner = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
};
type Signer = Awaited<ReturnType<typeof createSigner>>;

const [ours, next, forger] = (await Promise.all(['1', '2', '3'].map(createSigner))) as [
  Signer,
  Signer,
  Signer,
];
const down = async () => {
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  });
};
/** As a login publishes it that numbers no keys. */
const unnumbered = ({ privateKey, jwk: { kid: _, ...jwk } }: Signer) => ({ privateKey, jwk });
const publish = (...keys: readonly Omit<Signer['jwk'], 'kid'>[]) => Response.json({ keys });

/** A login that answers so, and functions that believe it. */
function arrange(answer: (init?: RequestInit) => Response | Promise<Response>) {
  const login = { answer, asked: 0 };
  const failures: unknown[] = [];
  const clock = { now: NOW };
  const io = {
    now: () => clock.now,
    fetch: async (_url: unknown, init?: RequestInit) => {
      login.asked += 1;
      return login.answer(init);
    },
  };
  const document = JSON.stringify({ ...auth, jwks_url: 'https://login.example/jwks.json' });
  const documents = {
    read: async () => document,
    onFailure: (_name: string, error: unknown) => void failures.push(error),
  };
  const load = createTokenVerifierLoader(documents, io);
  const ask = async (
    { privateKey, kid }: Pick<Signer, 'privateKey'> & Partial<Pick<Signer, 'kid'>>,
    alg = 'ES256',
  ) => {
    const token = await new SignJWT({ sub: 'user-1', role: 'user' })
      .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
      .setIssuer(auth.issuer)
      .setAudience(auth.audience)
      .setExpirationTime(clock.now / 1_000 + 3_600)
      .sign(privateKey);
    return (await load())(`Bearer ${token}`);
  };
  return { login, failures, clock, ask };
}

/** A body that would never end, were it not left off. */
const endless = () =>
  new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)) });

const unauthenticated = expect.objectContaining({ name: 'ApiError', statusCode: 401 });
const genuine = { sub: 'user-1', role: 'user' };

describe("the login's keys", () => {
  it('are fetched once, and again after ten minutes', async () => {
    const { login, clock, ask } = arrange(() => publish(ours.jwk));
    for (let minute = 0; minute < 10; minute += 1) {
      expect(await ask(ours)).toMatchObject(genuine);
      clock.now += MINUTE_MS;
    }
    expect(login.asked).toBe(1);
    login.answer = () => publish(next.jwk);
    await expect(ask(ours)).rejects.toThrow(unauthenticated);
    expect(login.asked).toBe(2);
  });

  it('are fetched anew for a key that is not known yet', async () => {
    const { login, clock, ask } = arrange(() => publish(ours.jwk));
    await ask(ours);
    login.answer = () => publish(ours.jwk, next.jwk);
    await expect(ask(next)).rejects.toThrow(unauthenticated);
    clock.now += MINUTE_MS;
    expect(await ask(next)).toMatchObject(genuine);
  });

  it('stay good while the login is down, for as long as that is, and fifty forged tokens ask it once', async () => {
    const { login, failures, clock, ask } = arrange(() => publish(ours.jwk));
    await ask(ours);
    login.answer = down;
    for (const wait of [MINUTE_MS, 20 * MINUTE_MS, 24 * 60 * MINUTE_MS]) {
      clock.now += wait;
      login.asked = 0;
      const forged = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) => ask({ ...forger, kid: `forged-${index}` })),
      );
      expect(forged).toEqual(Array(50).fill({ status: 'rejected', reason: unauthenticated }));
      expect(await ask(ours)).toMatchObject(genuine);
      expect(login.asked).toBe(1);
    }
    expect(failures).toHaveLength(3);
    expect(failures[0]).toMatchObject({ name: 'LoginKeysError', message: 'no answer: ECONNREFUSED' });
  });

  it('that were never fetched let nobody in, and everybody in once they are', async () => {
    const { login, clock, ask } = arrange(down);
    for (let time = 0; time < 50; time += 1) await expect(ask(ours)).rejects.toThrow(unauthenticated);
    expect(login.asked).toBe(1);
    login.answer = () => publish(ours.jwk);
    clock.now += 30_000;
    expect(await ask(ours)).toMatchObject(genuine);
  });

  it('are good beside keys that cannot verify a token', async () => {
    const rsa = await generateKeyPair('RS256');
    const others = [
      { ...weakRsaKeys().jwk, kid: 'weak' },
      { kty: 'RSA', n: '!', e: 'AQAB', kid: 'odd' },
      { ...(await exportJWK(rsa.publicKey)), key_ops: ['verify', 'sign'], kid: 'signing' },
    ];
    const { ask } = arrange(() => Response.json({ keys: [null, 'key', ...others, ours.jwk] }));
    expect(await ask(ours)).toMatchObject(genuine);
    for (const kid of ['weak', 'odd', 'signing']) {
      await expect(ask({ privateKey: rsa.privateKey, kid }, 'RS256')).rejects.toThrow(unauthenticated);
    }
  });

  it('that have no number are all tried, as a rotation leaves two of them', async () => {
    const [first, second] = [unnumbered(ours), unnumbered(next)];
    const { ask } = arrange(() => publish(first.jwk, second.jwk));
    expect(await ask(first)).toMatchObject(genuine);
    expect(await ask(second)).toMatchObject(genuine);
    await expect(ask(unnumbered(forger))).rejects.toThrow(unauthenticated);
  });

  it('that have no number are tried up to four', async () => {
    const others = await Promise.all(['4', '5', '6', '7'].map(createSigner));
    const keys = others.map((signer) => unnumbered(signer).jwk);
    const last = unnumbered(ours);
    const { ask } = arrange(() => publish(...keys.slice(1), last.jwk));
    expect(await ask(last)).toMatchObject(genuine);
    const { ask: askAmongMore } = arrange(() => publish(...keys, last.jwk));
    await expect(askAmongMore(last)).rejects.toThrow(unauthenticated);
  });

  it.each<[string, () => Response, string]>([
    ['another status', () => new Response('no', { status: 503 }), 'HTTP 503'],
    ['no JSON', () => new Response('<html>'), 'the answer is no JSON object'],
    ['no object', () => Response.json([ours.jwk]), 'the answer is no JSON object'],
    ['no keys', () => Response.json({ keys: 'none' }), 'the answer has no keys'],
    ['too much', () => new Response(endless()), 'the answer is too large'],
  ])('that come as %s are not taken, and the log may say why', async (_, answer, message) => {
    const { login, failures, clock, ask } = arrange(() => publish(ours.jwk));
    await ask(ours);
    login.answer = answer;
    clock.now += 11 * MINUTE_MS;
    expect(await ask(ours)).toMatchObject(genuine);
    expect(failures).toMatchObject([{ name: 'LoginKeysError', message }]);
  });

  it('are waited for no longer than the request itself allows, and no redirect is followed', async () => {
    const { failures, ask } = arrange(async (init) => {
      expect(init).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) });
      throw new DOMException('', 'TimeoutError');
    });
    await expect(ask(ours)).rejects.toThrow(unauthenticated);
    expect(failures).toMatchObject([{ message: 'no answer: TimeoutError' }]);
  });
});
