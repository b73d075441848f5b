import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Handler } from '../../../../../infra/local/simulators/http.ts';
import { consoleClientId, createIssuer } from '../../../../../infra/local/simulators/issuer/issuer.ts';
import { createTokenSigner } from '../../../../../infra/operate/token/sign-token.ts';

const url = 'http://127.0.0.1:3001/issuer';
const publicUrl = 'http://127.0.0.1:3000';
const redirect_uri = `${publicUrl}/console/signed-in`;
const verifier = randomBytes(32).toString('base64url');

let now: number;
let handle: Handler;

beforeEach(() => {
  now = Date.now();
  const signToken = createTokenSigner({ issuer: 'me', audience: 'settle', hs256_secret: 'x'.repeat(32) });
  if (!signToken) throw new Error('the document holds a key');
  ({ handle } = createIssuer({ url, publicUrl, signToken, now: () => now }));
});

const ask = async (
  method: string,
  path: string,
  parameters: Record<string, string> = {},
  origin = publicUrl,
) => {
  const query = new URLSearchParams(method === 'GET' ? parameters : {});
  const body = method === 'GET' ? '' : String(new URLSearchParams(parameters));
  const target = `${path}?${query}`;
  const from = '127.0.0.1';
  return handle({ method, target, path, query, from, headers: { origin }, body: Buffer.from(body) });
};

const request = {
  ...{
    response_type: 'code',
    client_id: consoleClientId,
    redirect_uri,
    scope: 'openid',
    state: 's',
    nonce: 'n',
  },
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};

const parse = (answer: Answer) => JSON.parse(String(answer.body));
const answered = ({ headers }: Answer) => Object.fromEntries(new URL(headers['location'] ?? '').searchParams);

async function codeFor(person: string): Promise<string> {
  return answered(await ask('GET', `/authorize/${person}`, request))['code'] ?? '';
}

const exchange = (changes: Record<string, string>) =>
  ask('POST', '/token', {
    ...{
      grant_type: 'authorization_code',
      client_id: consoleClientId,
      redirect_uri,
      code_verifier: verifier,
    },
    ...changes,
  });

describe('the simulated issuer', () => {
  it('describes itself, for pages of the console alone', async () => {
    const known = await ask('GET', '/.well-known/openid-configuration');
    expect(parse(known)).toMatchObject({
      issuer: url,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
    });
    expect(known.headers['access-control-allow-origin']).toBe(publicUrl);
    const foreign = await ask('GET', '/.well-known/openid-configuration', {}, 'https://evil.example');
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('asks who to be, and leads back with a code that is exchanged for tokens of that person', async () => {
    const page = await ask('GET', '/authorize', request);
    expect(page.status).toBe(200);
    expect(String(page.body)).toContain('authorize/tenant-7-admin?');
    const back = await ask('GET', '/authorize/tenant-7-admin', request);
    expect(back.headers['location']).toMatch(/^http:\/\/127\.0\.0\.1:3000\/console\/signed-in\?/);
    const { code = '', ...rest } = answered(back);
    expect(rest).toEqual({ state: 's', iss: url });
    const { access_token, id_token, token_type } = parse(await exchange({ code }));
    expect(token_type).toBe('Bearer');
    expect(decodeJwt(access_token)).toMatchObject({
      ...{ sub: 'tenant-7-admin', role: 'admin', tenant_id: 7, iss: 'me', aud: 'settle' },
    });
    const keys: JSONWebKeySet = parse(await ask('GET', '/jwks'));
    const { payload } = await jwtVerify(id_token, createLocalJWKSet(keys), {
      ...{ issuer: url, audience: consoleClientId, algorithms: ['RS256'] },
    });
    expect(payload).toMatchObject({ sub: 'tenant-7-admin', nonce: 'n' });
  });

  it.each([
    ['another verifier', { code_verifier: 'a'.repeat(43) }],
    ['no verifier', { code_verifier: '' }],
    ['another address', { redirect_uri: `${publicUrl}/console` }],
    ['no code', { code: '' }],
  ])('gives no token for %s', async (_what, changes) => {
    const answer = await exchange({ code: await codeFor('admin'), ...changes });
    expect([answer.status, parse(answer)]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('takes a code once, and for a minute', async () => {
    const code = await codeFor('viewer');
    expect((await exchange({ code })).status).toBe(200);
    expect(parse(await exchange({ code }))).toEqual({ error: 'invalid_grant' });
    const late = await codeFor('viewer');
    now += 60_000;
    expect(parse(await exchange({ code: late }))).toEqual({ error: 'invalid_grant' });
  });

  it.each([
    ['another client', { client_id: 'other' }],
    ['another address', { redirect_uri: 'https://evil.example/console/signed-in' }],
  ])('sends nobody anywhere for %s', async (_what, changes) => {
    const answer = await ask('GET', '/authorize/admin', { ...request, ...changes });
    expect([answer.status, answer.headers['location']]).toEqual([400, undefined]);
  });

  it.each([
    ['invalid_request', { code_challenge: '' }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_scope', { scope: 'profile' }],
  ])('leads back with %s for %o', async (error, changes) => {
    const answer = await ask('GET', '/authorize/admin', { ...request, ...changes });
    expect(answered(answer)).toEqual({ error, state: 's', iss: url });
  });

  it('leads back with a refusal when nobody is chosen', async () => {
    const answer = await ask('GET', '/authorize/nobody', request);
    expect(answered(answer)).toMatchObject({ error: 'access_denied', state: 's', iss: url });
  });

  it('shows what it was asked for as text', async () => {
    const page = await ask('GET', '/authorize', { ...request, state: '"><script>' });
    expect(String(page.body)).not.toContain('<script>');
  });
});
