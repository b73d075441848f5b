import { formatAmount } from '../../../../lib/money.ts';
import type { Payment } from '../payments.ts';
import type { Fields } from './gateway.ts';
import { YUAN } from './yuan.ts';

type Paid = Pick<Payment, 'amount' | 'discount'>;

/**
 * What of a trade its payer paid and its seller received (opendocs.alipay.com, "异步通知参数说明"): the seller does without its own discount,
 * and Alipay makes its own good.
 */
export function paidAmounts({ amount, discount: { merchant, provider } }: Paid): Fields {
  const buyer_pay_amount = formatAmount(amount - merchant - provider, YUAN);
  return {
    buyer_pay_amount,
    invoice_amount: buyer_pay_amount,
    point_amount: '0.00',
    receipt_amount: formatAmount(amount - merchant, YUAN),
  };
}

/** From where it was paid: the payer's account, an envelope of Alipay's, a coupon of the seller's. */
export const fundBills = ({ amount, discount: { merchant, provider } }: Paid) =>
  [
    { channel: 'ALIPAYACCOUNT', fen: amount - merchant - provider },
    { channel: 'COUPON', fen: provider },
    { channel: 'MDISCOUNT', fen: merchant },
  ]
    .filter(({ fen }) => fen > 0)
    .map(({ channel, fen }) => ({ channel, amount: formatAmount(fen, YUAN) }));
