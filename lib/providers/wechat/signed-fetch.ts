import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { wechatAuthorization } from './sign.ts';

export interface SignedFetch {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Empty when there is none. */
  readonly body?: string;
  readonly accept?: string;
  readonly signal: AbortSignal;
}

/** Sends a request that the merchant has signed. Rejects as `fetch` does; the answer is not verified. */
export function fetchSigned(
  config: WechatConfig,
  io: Io,
  { method, url, body = '', accept = 'application/json', signal }: SignedFetch,
): Promise<Response> {
  const authorization = wechatAuthorization(config, {
    method,
    target: `${url.pathname}${url.search}`,
    timestamp: String(Math.floor(io.now() / 1000)),
    nonce: io.randomBytes(16).toString('hex'),
    body,
  });
  return io.fetch(url, {
    method,
    headers: {
      accept,
      authorization,
      'user-agent': 'settle',
      // WeChat Pay answers under the key that it is asked for (docs: "如何从平台证书切换成微信支付公钥").
      ...(config.publicKeyId !== null && { 'wechatpay-serial': config.publicKeyId }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body }),
    redirect: 'error',
    signal,
  });
}
