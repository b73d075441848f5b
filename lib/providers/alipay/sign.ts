import { type KeyObject, sign } from 'node:crypto';
import type { AlipayConfig } from '../../config/alipay.ts';
import { formatBeijingTime } from './beijing-time.ts';

/** A call of Alipay's gateway; `bizContent` is what the method itself takes. */
export interface AlipayRequest {
  readonly method: string;
  readonly bizContent: Readonly<Record<string, string>>;
}

/** All parameters of a call, signed with RSA2. `now` in milliseconds. */
export function signedParameters(
  config: AlipayConfig,
  now: number,
  { method, bizContent }: AlipayRequest,
  more: { readonly notify_url?: string } = {},
) {
  const parameters = {
    app_id: config.appId,
    method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: formatBeijingTime(now),
    version: '1.0',
    ...more,
    biz_content: JSON.stringify(bizContent),
    ...(config.certificates && {
      app_cert_sn: config.certificates.appCertSn,
      alipay_root_cert_sn: config.certificates.rootCertSn,
    }),
  };
  return { ...parameters, sign: signatureOf(parameters, config.privateKey) };
}

/** RSA2 over all parameters, sorted by name; unlike in a notification, `sign_type` is one of them. */
function signatureOf(parameters: Readonly<Record<string, string>>, privateKey: KeyObject): string {
  const content = Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64');
}
