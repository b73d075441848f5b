import type { AlipayConfig } from '../../config/alipay.ts';
import { formatAmount } from '../../money.ts';
import type { CheckoutRequest } from '../provider.ts';
import { formatBeijingTime } from './beijing-time.ts';
import { CNY } from './currencies.ts';
import { signedParameters } from './sign.ts';

/** What Alipay does not take in a `subject`. */
const REFUSED_IN_SUBJECT = /[/=&]/g;

/**
 * The address of Alipay's payment page (alipay.trade.page.pay) for an order in yuan. Alipay learns of the trade only
 * once the payer opens it; past `expires_at`, in whole seconds, it takes no payment. Signed as of the same time, in
 * milliseconds, the same address comes out again.
 */
export function createAlipayPagePay(
  config: AlipayConfig,
  signed_at: number,
  { notify_url, ...request }: CheckoutRequest & { readonly notify_url: string },
): string {
  const call = { method: 'alipay.trade.page.pay', bizContent: bizContent(request) };
  const query = new URLSearchParams(signedParameters(config, signed_at, call, { notify_url }));
  return `${config.gatewayUrl}?${query}`;
}

function bizContent(request: CheckoutRequest): Readonly<Record<string, string>> {
  return {
    out_trade_no: request.order_no,
    product_code: 'FAST_INSTANT_TRADE_PAY',
    total_amount: formatAmount(request.amount, CNY),
    subject: request.description.replace(REFUSED_IN_SUBJECT, ' '),
    time_expire: formatBeijingTime(Date.parse(request.expires_at)),
  };
}
