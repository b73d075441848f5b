import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { isJsonObject } from '../../json.ts';
import type {
  RefundAnswer,
  RefundReference,
  RefundRequest,
  RepairAnswer,
} from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../call.ts';
import { readTransactionId } from '../message.ts';
import { wechatFacts } from './facts.ts';
import { refundStates } from './message.ts';
import {
  lookUp,
  readAnswer,
  requestWechat,
  unusableAnswer,
  type WechatAnswer,
  type WechatRequest,
} from './request.ts';

/** What WeChat Pay says of a refund that it holds: its own number, once nothing is to come that would name it. */
type HeldRefund =
  | { readonly state: 'open' }
  | { readonly state: 'succeeded' | 'failed' | 'abnormal'; readonly refund_id: string };

/** The number is another payment's refund, from when the order's number was used before: ours is never made under it. */
type Taken = { readonly state: 'failed'; readonly refund_id: null };

/** The refusals after which the same request will not be taken either (docs: "微信支付退款最佳实践"). */
const finalRefusals: ReadonlySet<string | null> = new Set(['INVALID_REQUEST', 'USER_ACCOUNT_ABNORMAL']);

/**
 * Asks for a refund (docs: "申请退款"); the same `refund_no` again is the same refund. A refusal alone proves nothing,
 * because the refund may have been taken before: it has failed when WeChat Pay does not hold it either.
 * @throws ProviderCallError
 */
export async function refundPayment(
  config: WechatConfig,
  io: Io,
  notifyUrl: string,
  refund: RefundRequest,
): Promise<RefundAnswer> {
  const request: WechatRequest = {
    method: 'POST',
    path: '/v3/refund/domestic/refunds',
    body: refundFields(refund, notifyUrl),
  };
  try {
    return readRefund(request, refund, (await requestWechat(config, io, request)) ?? {});
  } catch (error) {
    if (!(error instanceof ProviderCallError && finalRefusals.has(error.code))) throw error;
    const held = await queryRefund(config, io, refund);
    return held.state === 'absent' ? { state: 'failed', refund_id: null } : held;
  }
}

/** What became of a refund (docs: "查询单笔退款（按商户退款单号）"). @throws ProviderCallError */
export async function queryRefund(
  config: WechatConfig,
  io: Io,
  refund: RefundReference,
): Promise<HeldRefund | Taken | { readonly state: 'absent' }> {
  const path = `/v3/refund/domestic/refunds/${encodeURIComponent(refund.refund_no)}`;
  const request: WechatRequest = { method: 'GET', path };
  const answer = await lookUp(config, io, request);
  if (!answer) return { state: 'absent' };
  return isTaken(refund, answer) ? { state: 'failed', refund_id: null } : readRefund(request, refund, answer);
}

function isTaken(
  { payment_no, refund_no, transaction_id }: RefundReference,
  { out_refund_no, out_trade_no, transaction_id: of }: WechatAnswer,
): boolean {
  const isOther = (value: unknown, ours: string | null) => typeof value === 'string' && value !== ours;
  return out_refund_no === refund_no && isOther(out_trade_no, payment_no) && isOther(of, transaction_id);
}

/**
 * Has the money of an abnormal refund sent to the merchant's own bank account (docs: "发起异常退款"). To a card of the
 * payer's it would need their name and card number, which are not taken here. What the refund has come to is asked
 * first: only one that is abnormal still is repaired, under WeChat Pay's number, which that answer names. A refusal
 * alone proves nothing, because somebody else may have asked for the same meanwhile.
 * @throws ProviderCallError
 */
export async function repairRefund(
  config: WechatConfig,
  io: Io,
  refund: RefundRequest,
): Promise<RepairAnswer> {
  const held = await queryRefund(config, io, refund);
  if (held.state !== 'abnormal') return held;
  const request: WechatRequest = {
    method: 'POST',
    path: `/v3/refund/domestic/refunds/${encodeURIComponent(held.refund_id)}/apply-abnormal-refund`,
    body: { out_refund_no: refund.refund_no, type: 'MERCHANT_BANK_CARD' },
  };
  try {
    const repaired = readRefund(request, refund, (await requestWechat(config, io, request)) ?? {});
    // It was taken, whatever the refund is called until it is on its way.
    return repaired.state === 'abnormal' ? { state: 'open' } : repaired;
  } catch (error) {
    if (!(error instanceof ProviderCallError && finalRefusals.has(error.code))) throw error;
    const now = await queryRefund(config, io, refund);
    return now.state === 'abnormal' ? { state: 'refused' } : now;
  }
}

function refundFields(
  { payment_no, refund_no, transaction_id, paid_amount, amount, currency, reason }: RefundRequest,
  notify_url: string,
) {
  const text = cutToBytes(reason, wechatFacts.texts.reason.most);
  return {
    ...(transaction_id === null ? { out_trade_no: payment_no } : { transaction_id }),
    out_refund_no: refund_no,
    ...(text && { reason: text }),
    notify_url,
    amount: { refund: amount, total: paid_amount, currency },
  };
}

/** The refund must be the one that was asked for: of that payment, under that number, of that amount. */
function readRefund(
  request: WechatRequest,
  { payment_no, refund_no, transaction_id, amount, currency, paid_amount }: RefundReference,
  answer: WechatAnswer,
): HeldRefund {
  const said = isJsonObject(answer.amount) ? answer.amount : {};
  const isOfPayment =
    transaction_id === null ? answer.out_trade_no === payment_no : answer.transaction_id === transaction_id;
  if (!isOfPayment) throw unusableAnswer(request, 'transaction');
  if (answer.out_refund_no !== refund_no) throw unusableAnswer(request, 'out_refund_no');
  if (said.refund !== amount) throw unusableAnswer(request, 'amount.refund');
  if ((paid_amount ?? said.total) !== said.total) throw unusableAnswer(request, 'amount.total');
  if ((said.currency ?? currency) !== currency) throw unusableAnswer(request, 'amount.currency');
  const state = refundStates.get(answer.status);
  if (!state) throw unusableAnswer(request, 'status');
  if (state === 'open') return { state };
  const refund_id = readAnswer(request, () => readTransactionId(answer.refund_id, 'refund_id'));
  return { state, refund_id };
}

/** As much of the text as fits, in whole characters of UTF-8. */
function cutToBytes(text: string, size: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(size)).read);
}
