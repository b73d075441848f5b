import { createSign, createVerify, type KeyLike } from 'node:crypto';

/** RSA PKCS#1 v1.5 with SHA-256 in base64: WeChat Pay's and Alipay's (RSA2) signature alike. */
export const rsaSign = (text: string, privateKey: KeyLike): string =>
  createSign('RSA-SHA256').update(text).sign(privateKey, 'base64');

export const rsaVerify = (text: string, signature: string, publicKey: KeyLike): boolean =>
  createVerify('RSA-SHA256').update(text).verify(publicKey, signature, 'base64');
