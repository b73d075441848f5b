import { createHash, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Io } from '../../../../lib/io.ts';
import type { SignToken } from '../../../operate/token/sign-token.ts';
import { type Answer, type Call, type Handler, html, json, router } from '../http.ts';
import { authorizePage, refusalPage } from './authorize-page.ts';
import { isPerson, type Person, people } from './people.ts';

/** The console, as the issuer knows it: a client without a secret. */
export const consoleClientId = 'settle-console';

export interface IssuerParts {
  /** Where it is, and what it calls itself. */
  readonly url: string;
  /** Where the console is. */
  readonly publicUrl: string;
  /** Makes the access tokens: those of the API. */
  readonly signToken: SignToken;
  readonly now: Io['now'];
}

/** What a code was given out for. */
interface Grant {
  readonly person: Person;
  readonly redirect_uri: string;
  readonly challenge: string;
  readonly nonce: string | null;
  readonly expires: number;
}

const CODE_MS = 60_000;
const TOKEN_SECONDS = 3_600;
const KEY_ID = 'local';

/**
 * An OpenID provider with the code flow and PKCE alone (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9207), at which
 * whoever signs in chooses who to be.
 */
export function createIssuer({ url, publicUrl, signToken, now }: IssuerParts): { readonly handle: Handler } {
  const grants = new Map<string, Grant>();
  // Made when first asked for: most systems have nobody who signs in.
  let keys: ReturnType<typeof generateKeyPair> | undefined;
  const keyPair = () => (keys ??= generateKeyPair('RS256', { extractable: true }));
  const { port } = new URL(publicUrl);
  const origins = ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${port}`);
  const redirectUris = origins.map((origin) => `${origin}/console/signed-in`);

  const redirect = (uri: string, parameters: Readonly<Record<string, string | null>>): Answer => {
    const target = new URL(uri);
    for (const [name, value] of Object.entries({ ...parameters, iss: url })) {
      if (value !== null) target.searchParams.set(name, value);
    }
    return { status: 302, headers: { location: String(target), 'cache-control': 'no-store' }, body: '' };
  };

  /** What is wrong with a request to sign in; null where nothing is. */
  function authorizationFault(query: URLSearchParams): string | null {
    if (query.get('response_type') !== 'code') return 'unsupported_response_type';
    if (!query.get('scope')?.split(' ').includes('openid')) return 'invalid_scope';
    const hasChallenge = /^[\w-]{43}$/.test(query.get('code_challenge') ?? '');
    return query.get('code_challenge_method') === 'S256' && hasChallenge ? null : 'invalid_request';
  }

  function authorize({ query }: Call, choice: string | null): Answer {
    const redirect_uri = query.get('redirect_uri') ?? '';
    // Nobody is sent to an address that is not the client's, with an error neither (RFC 6749, section 4.1.2.1).
    if (query.get('client_id') !== consoleClientId) return html(400, refusalPage('client_id'));
    if (!redirectUris.includes(redirect_uri)) return html(400, refusalPage('redirect_uri'));
    const state = query.get('state');
    const fault = authorizationFault(query);
    if (fault !== null) return redirect(redirect_uri, { error: fault, state });
    if (choice === null) return html(200, authorizePage(query));
    if (!isPerson(choice)) {
      return redirect(redirect_uri, {
        error: 'access_denied',
        error_description: 'Nobody was chosen',
        state,
      });
    }
    const code = randomBytes(24).toString('base64url');
    const challenge = query.get('code_challenge') ?? '';
    grants.set(code, {
      ...{ person: choice, redirect_uri, challenge, nonce: query.get('nonce') },
      expires: now() + CODE_MS,
    });
    return redirect(redirect_uri, { code, state });
  }

  async function token(call: Call): Promise<Answer> {
    const body = new URLSearchParams(call.body.toString());
    if (body.get('grant_type') !== 'authorization_code') return tokenError('unsupported_grant_type');
    if (body.get('client_id') !== consoleClientId) return tokenError('invalid_client');
    const grant = take(body.get('code') ?? '');
    const verifier = body.get('code_verifier') ?? '';
    if (
      !grant ||
      grant.redirect_uri !== body.get('redirect_uri') ||
      challengeOf(verifier) !== grant.challenge
    ) {
      return tokenError('invalid_grant');
    }
    const { person, nonce } = grant;
    const [access_token, id_token] = await Promise.all([
      signToken(person, people[person].claims, `${TOKEN_SECONDS} seconds`),
      signIdToken(person, nonce),
    ]);
    return json(
      200,
      { access_token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, id_token },
      { 'cache-control': 'no-store' },
    );
  }

  /** A code is good once. */
  function take(code: string): Grant | null {
    const grant = grants.get(code);
    grants.delete(code);
    return grant && grant.expires > now() ? grant : null;
  }

  async function signIdToken(person: Person, nonce: string | null): Promise<string> {
    const { privateKey } = await keyPair();
    return new SignJWT({ name: people[person].name, ...(nonce !== null && { nonce }) })
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
      .setSubject(person)
      .setIssuer(url)
      .setAudience(consoleClientId)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_SECONDS} seconds`)
      .sign(privateKey);
  }

  async function jwks(): Promise<Answer> {
    const { publicKey } = await keyPair();
    return json(200, { keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'RS256', use: 'sig' }] });
  }

  const route = router([
    ['GET', /^\/\.well-known\/openid-configuration$/, () => json(200, describe(url))],
    ['GET', /^\/authorize$/, (call) => authorize(call, null)],
    ['GET', /^\/authorize\/([a-z0-9-]+)$/, (call, choice = '') => authorize(call, choice)],
    ['POST', /^\/token$/, token],
    ['GET', /^\/jwks$/, jwks],
  ]);
  return {
    handle: async (call) => {
      const answer = await route(call);
      const { origin } = call.headers;
      if (origin === undefined || !origins.includes(origin)) return answer;
      const headers = { ...answer.headers, 'access-control-allow-origin': origin, vary: 'origin' };
      return { ...answer, headers };
    },
  };
}

const describe = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
});

const tokenError = (error: string): Answer => json(400, { error }, { 'cache-control': 'no-store' });

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
