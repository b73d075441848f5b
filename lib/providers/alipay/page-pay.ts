import type { AlipayConfig } from '../../config/alipay.ts';
import { formatAmount } from '../../money.ts';
import type { PaymentRequest } from '../../orders/provider-gateway.ts';
import { formatBeijingTime } from './beijing-time.ts';
import { CNY } from './currencies.ts';
import { signedParameters } from './sign.ts';

/** What Alipay does not take in a `subject`. */
const REFUSED_IN_SUBJECT = /[/=&]/g;

export type PagePayRequest = Pick<
  PaymentRequest,
  'payment_no' | 'amount' | 'description' | 'begun_at' | 'expires_at'
>;

/**
 * The address of Alipay's payment page (alipay.trade.page.pay) for a payment in yuan. Alipay learns of the trade only
 * once the payer opens it; past `expires_at`, in whole seconds, it takes no payment. Signed as of when the payment was
 * begun, the same address comes out again.
 */
export function alipayPagePay(config: AlipayConfig, notify_url: string, request: PagePayRequest): string {
  const call = { method: 'alipay.trade.page.pay', bizContent: bizContent(request) };
  const signed_at = Date.parse(request.begun_at);
  return `${config.gatewayUrl}?${new URLSearchParams(signedParameters(config, signed_at, call, { notify_url }))}`;
}

function bizContent(request: PagePayRequest): Readonly<Record<string, string>> {
  return {
    out_trade_no: request.payment_no,
    product_code: 'FAST_INSTANT_TRADE_PAY',
    total_amount: formatAmount(request.amount, CNY),
    subject: request.description.replace(REFUSED_IN_SUBJECT, ' '),
    time_expire: formatBeijingTime(Date.parse(request.expires_at)),
  };
}
