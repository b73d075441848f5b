import { formatAmount } from '../../../../lib/money.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import { beijingTime } from '../beijing-time.ts';
import type { Message } from '../delivery.ts';
import type { Payment } from '../payments.ts';
import type { Changes } from '../provider-simulator.ts';
import { randomText } from '../random.ts';
import { rsaSign } from '../rsa.ts';
import type { Fields } from './gateway.ts';
import { fundBills, paidAmounts } from './paid-amounts.ts';
import { signedText } from './signature.ts';
import { YUAN } from './yuan.ts';

const OTHER_SELLER_ID = '2088000000000998';

/**
 * The notification of a trade that was paid or closed: a form, signed with RSA2. That of a refund is the same with
 * `refund` beside. `now` in milliseconds.
 */
export function notification(
  payment: Payment,
  { document, privateKey }: AlipayCounterpart,
  now: number,
  { forge, otherMerchant }: Changes,
  refund: Fields = {},
): Message {
  const total_amount = formatAmount(payment.amount, YUAN);
  const fields: Fields = {
    app_id: document.app_id,
    auth_app_id: document.app_id,
    buyer_id: '2088000000000999',
    charset: 'utf-8',
    gmt_create: beijingTime(Date.parse(payment.created_at)),
    notify_id: `${beijingTime(now).replace(/\D/g, '')}${randomText(20)}`,
    notify_time: beijingTime(now),
    notify_type: 'trade_status_sync',
    out_trade_no: payment.payment_no,
    seller_id: otherMerchant ? OTHER_SELLER_ID : document.seller_id,
    subject: payment.description,
    total_amount,
    trade_no: payment.transaction_id ?? '',
    trade_status: payment.state === 'paid' ? 'TRADE_SUCCESS' : 'TRADE_CLOSED',
    version: '1.0',
    ...(payment.paid_at === null ? {} : paidFields(payment, payment.paid_at)),
    ...refund,
  };
  const text = signedText(Object.entries(fields));
  const sign = rsaSign(forge ? `${text}forged` : text, privateKey);
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ ...fields, sign_type: 'RSA2', sign }).toString(),
  };
}

const paidFields = (payment: Payment, paid_at: string): Fields => ({
  ...paidAmounts(payment),
  fund_bill_list: JSON.stringify(
    fundBills(payment).map(({ channel, amount }) => ({ amount, fundChannel: channel })),
  ),
  gmt_payment: beijingTime(Date.parse(paid_at)),
});
