import { constants, sign } from 'node:crypto';
import type { WechatConfig } from '../../config/wechat.ts';
import { signatureType } from './verify.ts';

/** The merchant's signature in base64: RSA PKCS#1 v1.5 with SHA-256 over the lines, each ended by a line feed. */
export function signLines(
  { privateKey }: Pick<WechatConfig, 'privateKey'>,
  lines: readonly string[],
): string {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return sign('sha256', text, { key: privateKey, padding: constants.RSA_PKCS1_PADDING }).toString('base64');
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query of the address that is called. */
  readonly target: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly nonce: string;
  /** Empty when there is none. */
  readonly body: string;
}

/** The Authorization header of a request (wechatpay-go core/auth/credentials). */
export function wechatAuthorization(
  config: Pick<WechatConfig, 'mchid' | 'serialNumber' | 'privateKey'>,
  { method, target, timestamp, nonce, body }: SignedRequest,
): string {
  const signature = signLines(config, [method, target, timestamp, nonce, body]);
  const fields = {
    mchid: config.mchid,
    nonce_str: nonce,
    signature,
    timestamp,
    serial_no: config.serialNumber,
  };
  const list = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return `${signatureType} ${list.join(',')}`;
}
