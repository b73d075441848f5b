import type { WechatCounterpart } from '../../documents.ts';
import type { Forgery } from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import { rsaSign } from '../rsa.ts';

/** What WeChat Pay's own test of a verifier begins with (pay.weixin.qq.com, "签名探测流量"). */
const PROBE = 'WECHATPAY/SIGNTEST/';

/**
 * The `Wechatpay-*` headers of an answer or a notification: RSA-SHA256 over `timestamp\nnonce\nbody\n`.
 * `now` in milliseconds.
 */
export function signatureHeaders(
  body: string,
  counterpart: WechatCounterpart,
  now: number,
  forgery?: Forgery,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const nonce = randomText(32);
  const signed = forgery ? `${body}forged` : body;
  const signature = rsaSign(`${timestamp}\n${nonce}\n${signed}\n`, counterpart.platformPrivateKey);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-signature': forgery === 'probe' ? PROBE + signature.slice(PROBE.length) : signature,
    'wechatpay-serial': counterpart.platformSerial,
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  };
}
