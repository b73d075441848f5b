import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import * as z from 'zod/mini';
import { type AuthConfig, parseAuthDocument } from '../config/auth.ts';
import { createDocumentLoader, type DocumentSource, required } from '../config/documents.ts';
import type { Io } from '../io.ts';
import { forbidden, invalidToken, tokenExpired, unauthenticated } from './api-error.ts';
import { createLoginKeys, type LoginKeysError } from './login-keys.ts';

export const roles = ['admin', 'viewer', 'user'] as const;

/** Who calls. */
export interface Claims {
  readonly sub: string;
  /** A viewer may read what an admin may. */
  readonly role: (typeof roles)[number];
  /** The only tenant that the caller reaches. */
  readonly tenant_id?: number | undefined;
}

export type VerifyToken = (authorization: string | undefined) => Promise<Claims>;

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1), z.maxLength(256)),
  role: z.enum(roles),
  tenant_id: z.optional(z.int().check(z.positive())),
  all_tenants: z.optional(z.boolean()),
  openid: z.optional(z.string()),
});

const asymmetricAlgorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** The verifier of the stage's `auth` document. */
export const createTokenVerifierLoader = (
  documents: DocumentSource,
  io: Pick<Io, 'fetch' | 'now'>,
): (() => Promise<VerifyToken>) =>
  required(
    'auth',
    createDocumentLoader(
      documents,
      'auth',
      (document) => {
        const config = parseAuthDocument(document);
        // Keys that cannot be fetched are like a document that cannot be read.
        const keySet = keySetOf(config, io, (error) => documents.onFailure('auth', error));
        return createTokenVerifier(config, keySet, io.now);
      },
      io.now,
    ),
  );

/** Checks bearer tokens of the configured issuer. The key decides which algorithms count, never the token. */
function createTokenVerifier(config: AuthConfig, keySet: JWTVerifyGetKey, now: () => number): VerifyToken {
  const verify = signatureVerifier(config, keySet, now);
  return async (authorization) => {
    const token = /^bearer +([^\s,]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw authorization === undefined ? unauthenticated() : invalidToken();
    const claims = claimsSchema.safeParse(await verify(token));
    if (!claims.success) throw invalidToken();
    const { sub, role, tenant_id, all_tenants } = claims.data;
    const isBound = role === 'user' || tenant_id !== undefined || all_tenants === true;
    if (config.allTenantsClaim && !isBound) throw forbidden();
    return { sub, role, tenant_id };
  };
}

/** So far may the login's clock and ours be apart. A token is taken for as long after its end, too. */
const CLOCK_DIFFERENCE_S = 5;

function signatureVerifier(
  config: AuthConfig,
  keySet: JWTVerifyGetKey,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const { issuer, audience } = config;
  const options = { issuer, audience, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_DIFFERENCE_S };
  const verify = (token: string) => {
    const current = { ...options, currentDate: new Date(now()) };
    if ('hs256Secrets' in config) {
      return verifyByAny(token, config.hs256Secrets, { ...current, algorithms: ['HS256'] });
    }
    return verifyByKeySet(token, keySet, { ...current, algorithms: asymmetricAlgorithms });
  };
  return async (token) => {
    try {
      return (await verify(token)).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw error instanceof errors.JWTExpired ? tokenExpired() : invalidToken();
    }
  };
}

/** Keys that have no `kid` to tell them apart, as a rotation may leave two of, are all that the token may be signed by. */
async function verifyByKeySet(token: string, keySet: JWTVerifyGetKey, options: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keySet, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyByAny(token, error, options);
  }
}

/** More than a rotation leaves; what a token costs that nobody signed is bounded so. */
const MOST_KEYS = 4;

/** Any of the keys may have signed the token. */
async function verifyByAny(
  token: string,
  keys: Iterable<Buffer> | AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
) {
  let tried = 0;
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
    tried += 1;
    if (tried === MOST_KEYS) break;
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function keySetOf(
  config: AuthConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  onFailure: (error: LoginKeysError) => void,
): JWTVerifyGetKey {
  if ('jwksUrl' in config) return createLoginKeys(config.jwksUrl, io, onFailure);
  return createLocalJWKSet('jwks' in config ? config.jwks : { keys: [] });
}
