import { createHash, type KeyObject, sign } from 'node:crypto';
import { createCertificate } from '../support/certificate.ts';
import { rsaKeys } from '../support/rsa-keys.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** In PEM, as they stand in documents. */
  readonly privatePem: string;
  readonly publicPem: string;
}

export interface Keys {
  /** What the merchant signs with at WeChat Pay, the same for each of its merchant numbers. */
  readonly wechatMerchant: KeyPair;
  readonly wechatPlatform: KeyPair;
  /** What the platform signs with after its key was rotated. */
  readonly wechatNext: KeyPair & { readonly serial: string; readonly certificate: string };
  readonly alipayMerchant: KeyPair;
  /** Alipay's own, one for each of its merchants' apps. */
  readonly alipayPlatforms: readonly KeyPair[];
}

export const wechatKeyId = 'PUB_KEY_ID_0114232134912410000000000000';

let made: Keys | undefined;

/** The world's keys: real ones, made once for a process. */
export function worldKeys(): Keys {
  made ??= makeKeys();
  return made;
}

function makeKeys(): Keys {
  const next = keyPair();
  const serial = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
  const certificate = createCertificate({
    publicKey: next.publicKey,
    issuerKey: next.privateKey,
    serial,
    validFrom: Date.UTC(2024, 0),
    validUntil: Date.UTC(2034, 0),
  });
  return {
    wechatMerchant: keyPair(),
    wechatPlatform: keyPair(),
    wechatNext: { ...next, serial, certificate },
    alipayMerchant: keyPair(),
    alipayPlatforms: Array.from({ length: 4 }, keyPair),
  };
}

function keyPair(): KeyPair {
  const { privateKey, publicKey } = rsaKeys();
  return {
    privateKey,
    publicKey,
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const signatures = new Map<string, string>();
const REMEMBERED = 20_000;

/** RSA PKCS#1 v1.5 with SHA-256 in base64. A signature is the same for the same text, and slow: it is kept. */
export function rsaSign(key: KeyObject, text: string | Buffer, name: string): string {
  const id = `${name} ${createHash('sha256').update(text).digest('base64')}`;
  const known = signatures.get(id);
  if (known) return known;
  if (signatures.size > REMEMBERED) signatures.clear();
  const signature = sign('sha256', Buffer.from(text), key).toString('base64');
  signatures.set(id, signature);
  return signature;
}
