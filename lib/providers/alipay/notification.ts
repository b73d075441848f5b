import { type AlipayConfig, alipayMerchant } from '../../config/alipay.ts';
import { type FlatStatuses, flatStatuses } from '../flat-callback.ts';
import { readPaymentNumber, readText, readTransactionId } from '../message-fields.ts';
import type { ReceivedEvent, ReceiveMessage } from '../provider.ts';
import { isGiven, readTime, readTradeStatus, readYuan, tradeStatuses } from './fields.ts';
import { verifyNotification } from './verify.ts';

const ACCOUNT = /^[0-9A-Za-z_-]{1,64}$/;

/** What a flat body on Alipay's address may say. */
export const alipayFlatStatuses: FlatStatuses = { ...flatStatuses, ...tradeStatuses };

type Fields = ReadonlyMap<string, string>;

/** Receives Alipay's own notifications of a trade and of its refunds (opendocs.alipay.com, "异步通知说明"). */
export function receiveAlipayNotification({ publicKeys }: Pick<AlipayConfig, 'publicKeys'>): ReceiveMessage {
  return ({ body }) => toEvent(verifyNotification(body, publicKeys));
}

/**
 * The notice of a refund repeats the trade's status. It names the refund by our `out_request_no` in `out_biz_no`, but
 * not by its amount: `refund_fee` is what was returned of the trade in all.
 */
function toEvent(fields: Fields): ReceivedEvent {
  const type = readTradeStatus(fields.get('trade_status'));
  if (type === null) return null;
  const sellerId = readText(fields.get('seller_id'), 'seller_id', ACCOUNT);
  const appId = readText(fields.get('app_id'), 'app_id', ACCOUNT);
  const payment = {
    payment_no: readPaymentNumber(fields.get('out_trade_no'), 'out_trade_no'),
    provider: 'alipay' as const,
    merchant: alipayMerchant(appId, sellerId),
  };
  if (isRefund(fields))
    return { ...payment, type: 'refund_succeeded', refund_no: refundNumber(fields), refund_id: null };
  return {
    ...payment,
    type,
    amount: readYuan(fields.get('total_amount'), 'total_amount'),
    currency: 'CNY',
    transaction_id: readTransactionId(fields.get('trade_no'), 'trade_no'),
    ...(isGiven(fields.get('gmt_payment')) && {
      paid_at: readTime(fields.get('gmt_payment'), 'gmt_payment'),
    }),
  };
}

function isRefund(fields: Fields): boolean {
  const refundFee = fields.get('refund_fee');
  return isGiven(fields.get('gmt_refund')) || (isGiven(refundFee) && readYuan(refundFee, 'refund_fee') > 0);
}

function refundNumber(fields: Fields): string | null {
  const number = fields.get('out_biz_no');
  return isGiven(number) ? readText(number, 'out_biz_no', /^[!-~]{1,64}$/) : null;
}
