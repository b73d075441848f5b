import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Finding, fault } from './finding.ts';

/** What WeChat Pay and Alipay sign with. */
const LEAST_BITS = 2048;

/** Whether the public key is the private key's own. */
export const isPair = (privateKey: KeyObject, publicKey: KeyObject): boolean =>
  createPublicKey(privateKey).equals(publicKey);

export function inspectPrivateKey({ asymmetricKeyDetails }: KeyObject): Finding[] {
  if ((asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_BITS) return [];
  return [fault('private_key', `must have at least ${LEAST_BITS} bits`)];
}
