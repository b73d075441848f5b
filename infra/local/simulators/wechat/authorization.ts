import type { WechatCounterpart } from '../../documents.ts';
import type { Call } from '../http.ts';
import { rsaVerify } from '../rsa.ts';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const MAX_AGE_SECONDS = 300;

/**
 * Whether the merchant signed the request: RSA-SHA256 over `METHOD\n/path?query\ntimestamp\nnonce\nbody\n`
 * (wechatpay-go core/auth/credentials). `now` in milliseconds.
 */
export function isAuthorized(call: Call, counterpart: WechatCounterpart, now: number): boolean {
  const header = call.headers.authorization ?? '';
  if (!header.startsWith(SCHEME)) return false;
  const fields = new Map(
    [...header.slice(SCHEME.length).matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
  const timestamp = fields.get('timestamp') ?? '';
  const text = [call.method, call.target, timestamp, fields.get('nonce_str'), call.body, ''].join('\n');
  return (
    fields.get('mchid') === counterpart.document.mchid &&
    fields.get('serial_no') === counterpart.document.serial_no &&
    Math.abs(now / 1000 - Number(timestamp)) <= MAX_AGE_SECONDS &&
    rsaVerify(text, fields.get('signature') ?? '', counterpart.merchantPublicKey)
  );
}
