import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import { formatAmount } from '../../money.ts';
import type { RefundAnswer, RefundReference, RefundRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../call.ts';
import { CNY } from './facts.ts';
import { isGiven, plainText, readYuan } from './fields.ts';
import {
  type AlipayFields,
  type AlipayRequest,
  readAnswer,
  requestAlipay,
  unusableAnswer,
} from './request.ts';

/**
 * Alipay moved nothing and never will, however often it is asked (docs: "统一收单交易退款接口", 业务错误码): past the refund
 * period, not refundable by contract or for the voucher that was bought with it, more than is left, nothing left, or
 * nobody there any more to have it. Any other refusal, such as a seller's balance that is too low, may pass.
 */
const FINAL: ReadonlySet<string | null> = new Set([
  'ACQ.TRADE_HAS_FINISHED',
  'ACQ.TRADE_HAS_CLOSE',
  'ACQ.TRADE_NOT_ALLOW_REFUND',
  'ACQ.NOT_ALLOW_PARTIAL_REFUND',
  'ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND',
  'ACQ.REASON_TRADE_REFUND_FEE_ERR',
  'ACQ.REFUND_FEE_ERROR',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
  'ACQ.BUYER_NOT_EXIST',
  'ACQ.TRADE_STATUS_ERROR',
  'ACQ.REASON_TRADE_STATUS_INVALID',
]);

type RefundIo = Pick<Io, 'fetch' | 'now'>;

/**
 * Asks for a refund (alipay.trade.refund); the same `refund_no` again is the same refund. `fund_change` says whether
 * this very call moved the money. Where it does not, and where a refusal may only be the echo of a refund that an
 * earlier call made, the refund itself is asked about.
 * @throws ProviderCallError
 */
export async function refundPayment(
  config: AlipayConfig,
  io: RefundIo,
  refund: RefundRequest,
): Promise<RefundAnswer> {
  const request = {
    method: 'alipay.trade.refund',
    bizContent: {
      ...tradeOf(refund),
      out_request_no: refund.refund_no,
      refund_amount: formatAmount(refund.amount, CNY),
      refund_reason: plainText(refund.reason),
    },
  };
  let answer: AlipayFields;
  try {
    answer = await requestAlipay(config, io, request);
  } catch (error) {
    if (!(error instanceof ProviderCallError) || !FINAL.has(error.code)) throw error;
    return earlierRefund(config, io, refund);
  }
  requireTrade(request, refund, answer);
  if (answer['fund_change'] === 'Y') return { state: 'succeeded', refund_id: null };
  const current = await queryRefund(config, io, refund);
  return current.state === 'absent' ? { state: 'open' } : current;
}

/**
 * What became of a refund (alipay.trade.fastpay.refund.query). Alipay has no number of its own for it, and says
 * nothing of one that failed or never came.
 * @throws ProviderCallError
 */
export async function queryRefund(
  config: AlipayConfig,
  io: RefundIo,
  refund: RefundReference,
): Promise<RefundAnswer> {
  const request = refundQuery(refund);
  return readRefund(request, refund, await requestAlipay(config, io, request));
}

/**
 * What became of a refund that is refused for good now. Alipay has been seen to answer about one that was made with its
 * amount and no `refund_status`, and about one that was not with neither: with an amount, it is not known to have failed.
 * @throws ProviderCallError
 */
async function earlierRefund(
  config: AlipayConfig,
  io: RefundIo,
  refund: RefundRequest,
): Promise<RefundAnswer> {
  const request = refundQuery(refund);
  const answer = await requestAlipay(config, io, request);
  const earlier = readRefund(request, refund, answer);
  if (earlier.state !== 'absent') return earlier;
  if (isGiven(answer['refund_amount'])) throw unusableAnswer(request, 'refund_status');
  return { state: 'failed', refund_id: null };
}

const refundQuery = (refund: RefundReference): AlipayRequest => ({
  method: 'alipay.trade.fastpay.refund.query',
  bizContent: { ...tradeOf(refund), out_request_no: refund.refund_no },
});

function readRefund(request: AlipayRequest, refund: RefundReference, answer: AlipayFields): RefundAnswer {
  const { refund_no, amount } = refund;
  if ((answer['refund_status'] ?? '') === '') return { state: 'absent' };
  if (answer['refund_status'] !== 'REFUND_SUCCESS') throw unusableAnswer(request, 'refund_status');
  requireTrade(request, refund, answer);
  if (answer['out_request_no'] !== refund_no) throw unusableAnswer(request, 'out_request_no');
  const returned = readAnswer(request, () => readYuan(answer['refund_amount'], 'refund_amount'));
  if (returned !== amount) throw unusableAnswer(request, 'refund_amount');
  requirePaidAmount(request, refund, answer);
  return { state: 'succeeded', refund_id: null };
}

/** Of several trades under one number, `trade_no` says which: it is taken before `out_trade_no` (docs: "统一收单交易退款接口"). */
const tradeOf = ({ payment_no, transaction_id }: RefundReference) => ({
  out_trade_no: payment_no,
  ...(transaction_id !== null && { trade_no: transaction_id }),
});

/** @throws ProviderCallError of an answer about a trade of another amount, where both are known */
function requirePaidAmount(
  request: AlipayRequest,
  { paid_amount }: RefundReference,
  { total_amount }: AlipayFields,
): void {
  if (paid_amount === undefined || !isGiven(total_amount)) return;
  const total = readAnswer(request, () => readYuan(total_amount, 'total_amount'));
  if (total !== paid_amount) throw unusableAnswer(request, 'total_amount');
}

/** @throws ProviderCallError of an answer about another trade than was asked about */
function requireTrade(
  request: AlipayRequest,
  { payment_no, transaction_id }: RefundReference,
  { out_trade_no, trade_no }: AlipayFields,
): void {
  if (out_trade_no !== payment_no) throw unusableAnswer(request, 'out_trade_no');
  const isAnother = isGiven(trade_no) && trade_no !== transaction_id;
  if (transaction_id !== null && isAnother) throw unusableAnswer(request, 'trade_no');
}
