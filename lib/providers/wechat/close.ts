import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { CloseAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import type { WechatRequest } from './exchange.ts';
import { requestWechat, unusableAnswer } from './request.ts';

/** The refusals that say how the payment is, in the spellings of the documents' versions. */
const refusals: ReadonlyMap<string | null, CloseAnswer> = new Map([
  ['ORDER_CLOSED', 'closed'],
  ['ORDERCLOSED', 'closed'],
  ['ORDER_NOT_EXIST', 'absent'],
  ['ORDERNOTEXIST', 'absent'],
  ['ORDER_PAID', 'not_closed'],
  ['ORDERPAID', 'not_closed'],
  ['USER_PAYING', 'not_closed'],
  ['USERPAYING', 'not_closed'],
]);

/** Closes a payment, so that it can no longer be made (docs: "关闭订单"). @throws ProviderCallError */
export async function closePayment(
  config: WechatConfig,
  io: Io,
  { payment_no }: Pick<PaymentReference, 'payment_no'>,
): Promise<CloseAnswer> {
  const request: WechatRequest = {
    method: 'POST',
    path: `/v3/pay/transactions/out-trade-no/${encodeURIComponent(payment_no)}/close`,
    body: { mchid: config.mchid },
  };
  try {
    if ((await requestWechat(config, io, request)) !== null) throw unusableAnswer(request, 'status');
    return 'closed';
  } catch (error) {
    const answer = error instanceof ProviderCallError ? refusals.get(error.code) : undefined;
    if (answer) return answer;
    throw error;
  }
}
