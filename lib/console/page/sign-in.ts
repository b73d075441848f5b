import * as oauth from 'oauth4webapi';
import { SIGNED_IN_PATH } from './route.ts';
import type { SignInSettings } from './settings.ts';

/**
 * Sign-in by OpenID Connect: the authorization code flow with PKCE of a client without a secret (RFC 7636, OpenID
 * Connect Core 1.0). What it needs on the way back is kept in this tab until then, and is used once.
 */

/** Why a sign-in did not succeed, as far as it can be told. */
export class SignInFailure extends Error {
  readonly reason: 'refused' | 'unreachable' | 'not_ours';
  /** What the issuer says, where it says something. */
  readonly said: string;

  constructor(reason: SignInFailure['reason'], said = '') {
    super(reason);
    this.reason = reason;
    this.said = said;
  }
}

/** What a sign-in under way keeps. */
interface Begun {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  /** Where its user was. */
  readonly address: string;
}

const KEY = 'settle.sign-in';

const redirectUri = () => location.origin + SIGNED_IN_PATH;

/** An issuer on this machine has no certificate. */
const options = (issuer: URL) => ({
  [oauth.allowInsecureRequests]: issuer.protocol === 'http:' && issuer.hostname === '127.0.0.1',
});

async function discover({ issuer }: SignInSettings): Promise<oauth.AuthorizationServer> {
  const address = new URL(issuer);
  try {
    return await oauth.processDiscoveryResponse(
      address,
      await oauth.discoveryRequest(address, options(address)),
    );
  } catch {
    throw new SignInFailure('unreachable', issuer);
  }
}

/** Leads to the issuer, and from there back to `address`. @throws SignInFailure when there is no way to it */
export async function beginSignIn(settings: SignInSettings, address: string): Promise<void> {
  const server = await discover(settings);
  if (!server.authorization_endpoint) throw new SignInFailure('unreachable', settings.issuer);
  const begun: Begun = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    address,
  };
  sessionStorage.setItem(KEY, JSON.stringify(begun));
  const target = new URL(server.authorization_endpoint);
  const parameters = {
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    scope: settings.scope,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
  location.assign(target);
}

export interface SignedIn {
  readonly accessToken: string;
  readonly address: string;
}

/**
 * Exchanges the code that the issuer sent us back with.
 * @throws SignInFailure when it was refused, or is no answer to a sign-in that this tab began
 */
export async function finishSignIn(settings: SignInSettings, callback: URL): Promise<SignedIn> {
  const begun = takeBegun();
  if (!begun) throw new SignInFailure('not_ours');
  const server = await discover(settings);
  const client: oauth.Client = { client_id: settings.clientId };
  try {
    const answer = oauth.validateAuthResponse(server, client, callback, begun.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      redirectUri(),
      begun.verifier,
      options(new URL(settings.issuer)),
    );
    const { access_token } = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: begun.nonce,
      requireIdToken: true,
    });
    return { accessToken: access_token, address: begun.address };
  } catch (error) {
    throw failureOf(error);
  }
}

function takeBegun(): Begun | null {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text === null ? null : JSON.parse(text);
}

function failureOf(error: unknown): SignInFailure {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    return new SignInFailure('refused', error.error_description ?? error.error);
  }
  return new SignInFailure(error instanceof oauth.OperationProcessingError ? 'not_ours' : 'unreachable');
}
