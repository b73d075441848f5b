import { describe, expect, it } from 'vitest';
import { checkConsole } from '../../../../infra/operate/doctor/console.ts';
import type { SignIn } from '../../../../infra/stages.ts';

const url = 'https://pay.example.com';
const issuer = 'https://login.example.com/';
const signIn: SignIn = { issuer, clientId: 'settle' };
const discovery = {
  issuer,
  authorization_endpoint: 'https://login.example.com/authorize',
  token_endpoint: 'https://login.example.com/token',
  code_challenge_methods_supported: ['plain', 'S256'],
};
const page = new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } });

/** What is found where the page and the issuer answer so. */
async function check({
  console = page,
  document = discovery,
  allowed = url,
  ...subject
}: {
  readonly console?: Response;
  readonly document?: object | Response;
  readonly allowed?: string;
  readonly signIn?: SignIn | undefined;
  readonly auth?: { readonly issuer: string } | null;
}) {
  const asked: [address: string, origin: string | null][] = [];
  const fetchIt: typeof fetch = async (address, init) => {
    asked.push([String(address), new Headers(init?.headers).get('origin')]);
    if (String(address) === `${url}/console`) return console.clone();
    if (document instanceof Response) return document.clone();
    return Response.json(document, { headers: { 'access-control-allow-origin': allowed } });
  };
  const setting = { signIn: 'signIn' in subject ? subject.signIn : signIn };
  const { auth = { issuer } } = subject;
  const results = await checkConsole({ fetch: fetchIt }, { stage: 'dev', url, setting, auth });
  return { results, asked };
}

describe('the console of a stage', () => {
  it('is there, and people can sign in from its page', async () => {
    const { results, asked } = await check({});
    expect(results).toEqual([
      { level: 'ok', check: 'console', text: `is there at ${url}/console` },
      { level: 'ok', check: 'console sign-in', text: `${issuer} lets pages of ${url} sign in` },
    ]);
    expect(asked).toEqual([
      [`${url}/console`, null],
      ['https://login.example.com/.well-known/openid-configuration', url],
    ]);
  });

  it('asks no issuer where one pastes a token', async () => {
    const { results, asked } = await check({ signIn: undefined });
    expect(results).toMatchObject([{ level: 'ok', check: 'console' }]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['is not deployed', new Response('', { status: 404 }), /^answers 404 at .* -c stage=dev/],
    ['is something else', Response.json({}), /^answers 200 with no page at/],
  ])('is missed where it %s', async (_what, console, text) => {
    const { results } = await check({ console });
    expect(results[0]).toEqual({ level: 'fault', check: 'console', text: expect.stringMatching(text) });
  });

  it('takes whatever page the issuer lets ask, and an issuer that does not tell its methods', async () => {
    const { code_challenge_methods_supported: _, ...silent } = discovery;
    const { results } = await check({ allowed: '*', document: silent });
    expect(results[1]).toMatchObject({ level: 'ok' });
  });

  it('takes tokens from an origin that the stage names', async () => {
    const document = { ...discovery, token_endpoint: 'https://tokens.example.com/token' };
    const { results } = await check({
      document,
      signIn: { ...signIn, origins: ['https://tokens.example.com'] },
    });
    expect(results[1]).toMatchObject({ level: 'ok' });
  });

  it.each<[string, Parameters<typeof check>[0], RegExp]>([
    [
      'is not whose tokens are taken',
      { auth: { issuer: 'https://other.example.com' } },
      /takes tokens of https:\/\/other\.example\.com alone$/,
    ],
    [
      'has no discovery document',
      { document: new Response('', { status: 404 }) },
      /openid-configuration answers 404$/,
    ],
    ['answers with something else', { document: new Response('<html>') }, /calls itself undefined/],
    [
      'has another name',
      { document: { ...discovery, issuer: 'https://login.example.com' } },
      /calls itself https:\/\/login\.example\.com\. Write that/,
    ],
    [
      'has nowhere to sign in',
      { document: { ...discovery, authorization_endpoint: undefined } },
      /has no authorization_endpoint$/,
    ],
    ['gives no tokens', { document: { ...discovery, token_endpoint: '' } }, /has no token_endpoint$/],
    [
      'gives its tokens where the page may not ask',
      { document: { ...discovery, token_endpoint: 'https://tokens.example.com/token' } },
      /are at https:\/\/tokens\.example\.com, which the console may not ask/,
    ],
    [
      'offers no proof of the code',
      { document: { ...discovery, code_challenge_methods_supported: ['plain'] } },
      /offers no PKCE with S256/,
    ],
    ['lets another page ask', { allowed: 'https://other.example.com' }, /lets no page of https:\/\/pay\.ex/],
  ])('is not signed in to where its issuer %s', async (_what, answers, text) => {
    const { results } = await check(answers);
    expect(results[1]).toEqual({
      level: 'fault',
      check: 'console sign-in',
      text: expect.stringMatching(text),
    });
  });

  it('asks the issuer as well where the document auth cannot be read', async () => {
    const { results } = await check({ auth: null });
    expect(results[1]).toMatchObject({ level: 'ok' });
  });
});
