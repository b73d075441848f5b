import type { WechatCounterpart } from '../../documents.ts';
import type { Call } from '../http.ts';
import { rsaVerify } from '../rsa.ts';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const MAX_AGE_SECONDS = 300;

/** The merchant that a request says it is of; empty when it says none. */
export const mchidOf = (call: Call): string => fieldsOf(call)?.get('mchid') ?? '';

function fieldsOf({ headers: { authorization = '' } }: Call): ReadonlyMap<string, string> | null {
  if (!authorization.startsWith(SCHEME)) return null;
  const fields = authorization.slice(SCHEME.length).matchAll(/(\w+)="([^"]*)"/g);
  return new Map(fields.map(([, name = '', value = '']) => [name, value] as const));
}

/**
 * Whether the merchant signed the request that says to be its: RSA-SHA256 over
 * `METHOD\n/path?query\ntimestamp\nnonce\nbody\n`
 * (wechatpay-go core/auth/credentials). `now` in milliseconds.
 */
export function isAuthorized(call: Call, counterpart: WechatCounterpart, now: number): boolean {
  const fields = fieldsOf(call);
  if (!fields) return false;
  const timestamp = fields.get('timestamp') ?? '';
  const text = [call.method, call.target, timestamp, fields.get('nonce_str'), call.body, ''].join('\n');
  return (
    fields.get('serial_no') === counterpart.document.serial_no &&
    Math.abs(now / 1000 - Number(timestamp)) <= MAX_AGE_SECONDS &&
    rsaVerify(text, fields.get('signature') ?? '', counterpart.merchantPublicKey)
  );
}
