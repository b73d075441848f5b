import { formatAmount } from '../../../../lib/money.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import { beijingTime } from '../beijing-time.ts';
import type { Payment } from '../payments.ts';
import { rsaSign } from '../rsa.ts';
import type { PagePay } from './page-pay.ts';
import { signedText } from './signature.ts';
import { YUAN } from './yuan.ts';

/**
 * Where Alipay leads who has paid: the `return_url`, with what Alipay says of the trade behind what the seller put there.
 * It is signed as a notification is, without `sign_type`, and over Alipay's own parameters only (opendocs.alipay.com,
 * "电脑网站支付", 同步返回参数). It proves nothing to the seller: anybody may have seen it. `now` in milliseconds.
 */
export function returnAddress(
  { payment_no, transaction_id, amount }: Payment,
  { method, return_url }: { readonly method: PagePay['method']; readonly return_url: string },
  { document: { app_id, seller_id }, privateKey }: AlipayCounterpart,
  now: number,
): string {
  const fields = {
    charset: 'utf-8',
    out_trade_no: payment_no,
    method: `${method}.return`,
    total_amount: formatAmount(amount, YUAN),
    trade_no: transaction_id ?? '',
    auth_app_id: app_id,
    version: '1.0',
    app_id,
    seller_id,
    timestamp: beijingTime(now),
  };
  const sign = rsaSign(signedText(Object.entries(fields)), privateKey);
  const added = new URLSearchParams({ ...fields, sign_type: 'RSA2', sign });
  const address = new URL(return_url);
  address.search = address.search === '' ? `?${added}` : `${address.search}&${added}`;
  return address.href;
}
