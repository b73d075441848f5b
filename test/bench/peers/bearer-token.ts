import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type JWTPayload, jwtVerify } from 'jose';
import { readSecret } from './secret.ts';

interface AuthSecret {
  readonly issuer: string;
  readonly audience: string;
  readonly hs256_secret: string;
}

const secret = readSecret<AuthSecret>('auth').then(({ hs256_secret, ...options }) => ({
  key: new TextEncoder().encode(hs256_secret),
  options,
}));

/** The claims of the token that a request carries; null when it is none. */
export async function readClaims({ headers }: APIGatewayProxyEventV2): Promise<JWTPayload | null> {
  const { key, options } = await secret;
  const token = headers['authorization']?.replace('Bearer ', '') ?? '';
  return jwtVerify(token, key, options).then(
    ({ payload }) => payload,
    () => null,
  );
}
