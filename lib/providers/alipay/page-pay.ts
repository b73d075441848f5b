import { type KeyObject, sign } from 'node:crypto';
import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import { formatAmount } from '../../money.ts';
import type { CheckoutRequest } from '../provider.ts';
import { formatBeijingTime } from './beijing-time.ts';
import { CNY } from './currencies.ts';

/** What Alipay does not take in a `subject`. */
const REFUSED_IN_SUBJECT = /[/=&]/g;

/**
 * The address of Alipay's payment page (alipay.trade.page.pay) for an order in yuan. Alipay learns of the trade only
 * once the payer opens it; past `expires_at`, in whole seconds, it takes no payment.
 */
export function createAlipayPagePay(
  config: AlipayConfig,
  io: Pick<Io, 'now'>,
  request: CheckoutRequest & { readonly notify_url: string },
): string {
  const parameters = {
    app_id: config.appId,
    method: 'alipay.trade.page.pay',
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: formatBeijingTime(io.now()),
    version: '1.0',
    notify_url: request.notify_url,
    biz_content: bizContent(request),
    ...(config.certificates && {
      app_cert_sn: config.certificates.appCertSn,
      alipay_root_cert_sn: config.certificates.rootCertSn,
    }),
  };
  const query = new URLSearchParams({ ...parameters, sign: signParameters(parameters, config.privateKey) });
  return `${config.gatewayUrl}?${query}`;
}

function bizContent(request: CheckoutRequest): string {
  return JSON.stringify({
    out_trade_no: request.order_no,
    product_code: 'FAST_INSTANT_TRADE_PAY',
    total_amount: formatAmount(request.amount, CNY),
    subject: request.description.replace(REFUSED_IN_SUBJECT, ' '),
    time_expire: formatBeijingTime(Date.parse(request.expires_at)),
  });
}

/** RSA2 over all parameters, sorted by name; unlike in a notification, `sign_type` is one of them. */
function signParameters(parameters: Readonly<Record<string, string>>, privateKey: KeyObject): string {
  const content = Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64');
}
