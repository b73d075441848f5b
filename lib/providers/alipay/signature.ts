import { constants, type KeyObject, verify } from 'node:crypto';

/** Whether one of Alipay's keys made this RSA2 signature (SHA256withRSA, PKCS#1 v1.5). */
export const isSignedByAny = (keys: readonly KeyObject[], content: Buffer, signature: Buffer): boolean =>
  keys.some((key) => verify('RSA-SHA256', content, { key, padding: constants.RSA_PKCS1_PADDING }, signature));
