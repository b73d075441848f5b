import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import type { CloseAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import { TRADE_NOT_EXIST } from './query.ts';
import { requestAlipay, unusableAnswer } from './request.ts';

/**
 * The refusals that say how the trade is. One that does not wait to be paid was paid, or closed before: a query tells.
 * One that Alipay does not hold can still be opened on its page, and be paid.
 */
const refusals: ReadonlyMap<string | null, CloseAnswer> = new Map([
  [TRADE_NOT_EXIST, 'absent'],
  ['ACQ.TRADE_STATUS_ERROR', 'not_closed'],
  ['ACQ.REASON_TRADE_STATUS_INVALID', 'not_closed'],
  ['ACQ.REASON_ILLEGAL_STATUS', 'not_closed'],
]);

/** Closes a trade (alipay.trade.close). @throws ProviderCallError */
export async function closeTrade(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  { payment_no }: Pick<PaymentReference, 'payment_no'>,
): Promise<CloseAnswer> {
  const request = { method: 'alipay.trade.close', bizContent: { out_trade_no: payment_no } };
  try {
    const answer = await requestAlipay(config, io, request);
    if (answer['out_trade_no'] !== payment_no) throw unusableAnswer(request, 'out_trade_no');
    return 'closed';
  } catch (error) {
    const answer = error instanceof ProviderCallError ? refusals.get(error.code) : undefined;
    if (answer) return answer;
    throw error;
  }
}
