import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import { ProviderCallError } from '../errors.ts';
import type { CloseAnswer, PaymentReference } from '../provider.ts';
import { TRADE_NOT_EXIST } from './query.ts';
import { requestAlipay, unusableAnswer } from './request.ts';

/** The trade does not wait to be paid: it was paid, or closed before. A query tells. */
const NOT_WAITING: ReadonlySet<string | null> = new Set([
  'ACQ.TRADE_STATUS_ERROR',
  'ACQ.REASON_TRADE_STATUS_INVALID',
  'ACQ.REASON_ILLEGAL_STATUS',
]);

/**
 * Closes a trade (alipay.trade.close). One that Alipay does not hold cannot be closed, but its page can still be
 * opened and paid until it expires; past that it is closed.
 * @throws ProviderCallError
 */
export async function closeTrade(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  { order_no, expires_at }: Pick<PaymentReference, 'order_no' | 'expires_at'>,
): Promise<CloseAnswer> {
  const request = { method: 'alipay.trade.close', bizContent: { out_trade_no: order_no } };
  // Read first: the payer may open the page while Alipay's answer is on its way.
  const isExpired = Date.parse(expires_at) <= io.now();
  try {
    const answer = await requestAlipay(config, io, request);
    if (answer['out_trade_no'] !== order_no) throw unusableAnswer(request, 'out_trade_no');
    return 'closed';
  } catch (error) {
    const code = error instanceof ProviderCallError ? error.code : null;
    if (code === TRADE_NOT_EXIST) return isExpired ? 'closed' : 'not_closed';
    if (NOT_WAITING.has(code)) return 'not_closed';
    throw error;
  }
}
