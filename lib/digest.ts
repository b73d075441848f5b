import { createHash } from 'node:crypto';

/**
 * What tells whether a text is the one of before, which is not kept: half of SHA-256, in base64url. Under different
 * salts, digests of one text have nothing in common.
 */
export const digestOf = (salt: string, text: string): string =>
  createHash('sha256').update(`${salt}\n${text}`).digest().subarray(0, 16).toString('base64url');
