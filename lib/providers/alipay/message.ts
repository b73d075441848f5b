import { type AlipayConfig, alipayMerchant, parseAlipayDocument } from '../../config/alipay.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import { flatStatusesOf, receiveFlatCallback } from '../flat-callback.ts';
import {
  type ReceivedEvent,
  type ReceiveMessage,
  type Receivers,
  readPaymentNumber,
  readText,
  readTransactionId,
} from '../message.ts';
import type { FromDocument } from '../provider.ts';
import { alipayFacts } from './facts.ts';
import { isGiven, readDiscount, readReturned, readTime, readTradeStatus, readYuan } from './fields.ts';
import { verifyAlipayMessage } from './verify.ts';

const ACCOUNT = /^[0-9A-Za-z_-]{1,64}$/;

type Fields = ReadonlyMap<string, string>;

/** Receives Alipay's own messages of a trade and of its refunds (opendocs.alipay.com, "异步通知说明"). */
export function receiveAlipayMessage({ publicKeys }: Pick<AlipayConfig, 'publicKeys'>): ReceiveMessage {
  return ({ body }) => toEvent(verifyAlipayMessage(body, publicKeys));
}

/**
 * The notice of a refund repeats the trade's status. It names the refund by its `out_request_no` in `out_biz_no`, which
 * one that was made in the console may lack, but not by its amount: `refund_fee` is what was returned of the trade in all.
 */
function toEvent(fields: Fields): ReceivedEvent {
  if (!isOfTrade(fields)) return null;
  const type = readTradeStatus(fields.get('trade_status'));
  if (type === null) return null;
  const sellerId = readText(fields.get('seller_id'), 'seller_id', ACCOUNT);
  const appId = readText(fields.get('app_id'), 'app_id', ACCOUNT);
  const payment = {
    payment_no: readPaymentNumber(fields.get('out_trade_no'), 'out_trade_no'),
    provider: 'alipay' as const,
    merchant: alipayMerchant(appId, sellerId),
  };
  const transaction_id = readTransactionId(fields.get('trade_no'), 'trade_no');
  if (isRefund(fields)) {
    const total = returnedInAll(fields, type);
    const paid = fields.get('total_amount');
    return {
      ...payment,
      type: 'refund_succeeded',
      refund_no: refundNumber(fields),
      refund_id: null,
      transaction_id,
      currency: 'CNY',
      ...(total > 0 && { total }),
      ...(isGiven(paid) && { paid: readYuan(paid, 'total_amount') }),
    };
  }
  const discount = type === 'succeeded' ? readDiscount((name) => fields.get(name)) : null;
  return {
    ...payment,
    type,
    amount: readYuan(fields.get('total_amount'), 'total_amount'),
    currency: 'CNY',
    ...(discount && { discount }),
    transaction_id,
    ...(isGiven(fields.get('gmt_payment')) && {
      paid_at: readTime(fields.get('gmt_payment'), 'gmt_payment'),
    }),
  };
}

/** An app's address is told of agreements, transfers and more, too, which Alipay would send again until they are taken. */
const isOfTrade = (fields: Fields): boolean =>
  fields.has('trade_status') || fields.get('notify_type') === 'trade_status_sync';

const isRefund = (fields: Fields): boolean =>
  isGiven(fields.get('gmt_refund')) || readReturned(fields.get('refund_fee')) > 0;

/** A trade that was paid is closed only once all of it has gone back. Zero where it does not say how much has. */
function returnedInAll(fields: Fields, type: PaymentEvent['type']): number {
  const returned = readReturned(fields.get('refund_fee'));
  const isWhole = returned === 0 && type === 'closed';
  return isWhole ? readYuan(fields.get('total_amount'), 'total_amount') : returned;
}

function refundNumber(fields: Fields): string | null {
  const number = fields.get('out_biz_no');
  return isGiven(number) ? readText(number, 'out_biz_no', /^[!-~]{1,64}$/) : null;
}

/** How what is sent to a seller at Alipay is received. */
export const receiveAlipay: FromDocument<Receivers> = () => (document) => {
  const config = parseAlipayDocument(document);
  const { merchant, former, callbackKeys: keys } = config;
  return {
    name: merchant,
    former,
    native: receiveAlipayMessage(config),
    flat: receiveFlatCallback({
      provider: 'alipay',
      merchant,
      keys,
      statuses: flatStatusesOf(alipayFacts),
      currencies: alipayFacts.currencies,
    }),
  };
};
