import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import type { PaymentAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import { readTransactionId } from '../message-fields.ts';
import type { AlipayFields } from './answer.ts';
import { isGiven, readTime, readTradeStatus, readYuan } from './fields.ts';
import { readAnswer, requestAlipay, unusableAnswer } from './request.ts';

export const TRADE_NOT_EXIST = 'ACQ.TRADE_NOT_EXIST';

/**
 * What became of a trade (alipay.trade.query). Alipay holds none before the payer opens the page. Its amount is given
 * as it is said; settlement compares it.
 * @throws ProviderCallError
 */
export async function queryTrade(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  { payment_no }: Pick<PaymentReference, 'payment_no'>,
): Promise<PaymentAnswer> {
  const request = { method: 'alipay.trade.query', bizContent: { out_trade_no: payment_no } };
  let trade: AlipayFields;
  try {
    trade = await requestAlipay(config, io, request);
  } catch (error) {
    if (error instanceof ProviderCallError && error.code === TRADE_NOT_EXIST) return { state: 'absent' };
    throw error;
  }
  if (trade['out_trade_no'] !== payment_no) throw unusableAnswer(request, 'out_trade_no');
  const event = readAnswer(request, () => toEvent(trade, payment_no, config.merchant));
  return event ? { state: 'decided', event } : { state: 'open' };
}

/** The answer names neither app nor seller: it is signed for the app that asked. Null while the trade can be paid. */
function toEvent(trade: AlipayFields, payment_no: string, merchant: string): PaymentEvent | null {
  const status = readTradeStatus(trade['trade_status']);
  if (status === null) return null;
  const paidAt = trade['send_pay_date'];
  // A trade is closed unpaid, or after all of it was returned: then it was paid once, and is booked before its refund.
  const type = status === 'closed' && isGiven(paidAt) ? 'succeeded' : status;
  return {
    type,
    payment_no,
    provider: 'alipay',
    merchant,
    amount: readYuan(trade['total_amount'], 'total_amount'),
    currency: 'CNY',
    transaction_id: readTransactionId(trade['trade_no'], 'trade_no'),
    ...(isGiven(paidAt) && { paid_at: readTime(paidAt, 'send_pay_date') }),
  };
}
