import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import {
  currentAndPrevious,
  DocumentError,
  isWeakRsaKey,
  nothingElse,
  parseDocument,
  secretBytes,
  secureUrl,
  text,
  weakRsaKey,
} from './document.ts';

/** Who signs the tokens, and with what: one of the three. */
export type AuthConfig = {
  readonly issuer: string;
  readonly audience: string;
  /** Whether who is to reach all tenants must say so by the claim `all_tenants`, in place of naming none. */
  readonly allTenantsClaim: boolean;
} & (
  | { readonly jwksUrl: URL }
  | { readonly jwks: { readonly keys: Record<string, unknown>[] } }
  | { readonly hs256Secrets: readonly Buffer[] }
);

const keySources = ['jwks_url', 'jwks', 'hs256_secret'] as const;

/** What keeps a JSON Web Key from verifying tokens, in words that follow its name; null when nothing does. */
export function webKeyFault(key: Readonly<Record<string, unknown>>): string | null {
  if (hasFurtherUses(key['key_ops'])) return 'must have no key_ops beside verify';
  let parsed: KeyObject;
  try {
    parsed = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
  } catch {
    // Node's own message may quote the key.
    return 'must be a public key';
  }
  return isWeakRsaKey(parsed) ? weakRsaKey : null;
}

/** WebCrypto takes a public key to verify alone, and fails with what is for more when a token comes. */
const hasFurtherUses = (operations: unknown): boolean =>
  Array.isArray(operations) && operations.includes('verify') && operations.length > 1;

const webKey = z.record(z.string(), z.unknown()).check((context) => {
  const message = webKeyFault(context.value);
  if (message !== null) context.issues.push({ code: 'custom', message, input: undefined });
});

const schema = z.catchall(
  z.object({
    issuer: text,
    audience: text,
    jwks_url: z.optional(secureUrl),
    jwks: z.optional(
      z.object({
        keys: z
          .array(webKey, { error: 'must be a list of keys' })
          .check(z.minLength(1, { error: 'must hold a key' })),
      }),
    ),
    hs256_secret: z.optional(currentAndPrevious(secretBytes(32))),
    all_tenants_claim: z._default(z.boolean({ error: 'must be true or false' }), false),
  }),
  nothingElse,
);

/** @throws DocumentError */
export function parseAuthDocument(document: unknown): AuthConfig {
  const { jwks_url, jwks, hs256_secret, ...read } = parseDocument('auth', schema, document);
  const { issuer, audience, all_tenants_claim: allTenantsClaim } = read;
  const common = { issuer, audience, allTenantsClaim };
  const given = keySources.filter((name) => (document as Record<string, unknown>)[name] !== undefined);
  if (given.length !== 1)
    throw new DocumentError('auth', keySources.join(' | '), 'must be given, exactly one of them');
  if (jwks_url) return { ...common, jwksUrl: new URL(jwks_url) };
  if (jwks) return { ...common, jwks };
  if (hs256_secret) return { ...common, hs256Secrets: hs256_secret };
  throw new DocumentError('auth', keySources.join(' | '), 'is missing');
}
