import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { PaymentAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { MalformedMessageError, ProviderCallError } from '../errors.ts';
import type { WechatRequest } from './exchange.ts';
import { requestWechat, unusableAnswer, type WechatAnswer } from './request.ts';
import { openTradeStates } from './statuses.ts';
import { readTransactionEvent } from './transaction-event.ts';

/** The codes that WeChat Pay has for a payment or a refund that it does not hold. */
const absentCodes: ReadonlySet<string | null> = new Set([
  'ORDER_NOT_EXIST',
  'ORDERNOTEXIST',
  'RESOURCE_NOT_EXISTS',
]);

/**
 * What became of a payment (docs: "商户订单号查询订单"). Its merchant, amount and currency are given as they are
 * said; settlement compares them.
 * @throws ProviderCallError
 */
export async function queryPayment(
  config: WechatConfig,
  io: Io,
  { payment_no }: Pick<PaymentReference, 'payment_no'>,
): Promise<PaymentAnswer> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(payment_no)}?mchid=${config.mchid}`;
  const request: WechatRequest = { method: 'GET', path };
  const transaction = await lookUp(config, io, request);
  if (!transaction) return { state: 'absent' };
  if (transaction.out_trade_no !== payment_no) throw unusableAnswer(request, 'out_trade_no');
  if (openTradeStates.has(transaction.trade_state)) return { state: 'open' };
  return { state: 'decided', event: readAnswer(request, () => readTransactionEvent(transaction)) };
}

/** What WeChat Pay holds; null when it says that it holds nothing. @throws ProviderCallError */
export async function lookUp(
  config: WechatConfig,
  io: Io,
  request: WechatRequest,
): Promise<WechatAnswer | null> {
  try {
    return (await requestWechat(config, io, request)) ?? {};
  } catch (error) {
    if (error instanceof ProviderCallError && error.status === 404 && absentCodes.has(error.code))
      return null;
    throw error;
  }
}

/** What `read` makes of a verified answer. @throws ProviderCallError */
export function readAnswer<T>(request: WechatRequest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof MalformedMessageError ? unusableAnswer(request, error.field ?? 'body') : error;
  }
}
