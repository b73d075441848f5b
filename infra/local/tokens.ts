import type { SignToken } from '../operate/token/sign-token.ts';

export interface Tokens {
  readonly admin: string;
  readonly viewer: string;
  readonly user: string;
}

/** Of the user token; an order handed over for this user can be paid with it. */
export const localUser = 'user-1';

/** Tokens for trying things out, good for 30 days. */
export async function createTokens(sign: SignToken): Promise<Tokens> {
  const [admin, viewer, user] = await Promise.all([
    sign('admin', { role: 'admin' }, '30 days'),
    sign('viewer', { role: 'viewer' }, '30 days'),
    sign(localUser, { role: 'user' }, '30 days'),
  ]);
  return { admin, viewer, user };
}
