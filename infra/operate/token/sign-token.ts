import { SignJWT } from 'jose';

interface SigningDocument {
  readonly issuer?: string;
  readonly audience?: string;
  readonly hs256_secret?: string | readonly string[];
}

/** Signs a token of the stage's own issuer, which its API takes; good for so long as jose takes it: `1 hour`. */
export type SignToken = (
  subject: string,
  claims: Readonly<Record<string, string | number | boolean>>,
  goodFor: string,
) => Promise<string>;

/** Null when the `auth` document holds no key to sign with. */
export function createTokenSigner(auth: unknown): SignToken | null {
  const { issuer, audience, hs256_secret } = auth as SigningDocument;
  // Of several, the current one comes first.
  const [secret] = [hs256_secret].flat();
  if (secret === undefined || issuer === undefined || audience === undefined) return null;
  return (subject, claims, goodFor) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(goodFor)
      .sign(Buffer.from(secret));
}
