import { SignJWT } from 'jose';

export interface Tokens {
  readonly admin: string;
  readonly user: string;
}

/** Of the user token; an order handed over for this user can be paid with it. */
export const localUser = 'user-1';

interface SigningDocument {
  readonly issuer?: string;
  readonly audience?: string;
  readonly hs256_secret?: string | readonly string[];
}

/** Tokens for trying things out, good for 30 days; null when the auth document holds no key to sign with. */
export async function createTokens(auth: unknown): Promise<Tokens | null> {
  const { issuer, audience, hs256_secret } = auth as SigningDocument;
  // Of several, the current one comes first.
  const [secret] = [hs256_secret].flat();
  if (secret === undefined || issuer === undefined || audience === undefined) return null;
  const sign = (subject: string, claims: Readonly<Record<string, string>>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('30 days')
      .sign(Buffer.from(secret));
  const [admin, user] = await Promise.all([
    sign('admin', { role: 'admin' }),
    sign(localUser, { role: 'user' }),
  ]);
  return { admin, user };
}
