import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import { formatAmount } from '../../money.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import type {
  CloseAnswer,
  CreatedPayment,
  PaymentAnswer,
  PaymentReference,
  PaymentRequest,
  ProviderGateway,
} from '../../orders/provider-gateway.ts';
import { formatBeijingTime } from '../beijing-time.ts';
import { ProviderCallError } from '../call.ts';
import { readTransactionId } from '../message.ts';
import { CNY } from './facts.ts';
import {
  isGiven,
  plainText,
  readDiscount,
  readReturned,
  readTime,
  readTradeStatus,
  readYuan,
} from './fields.ts';
import { queryRefund, refundPayment } from './refund.ts';
import { type AlipayFields, readAnswer, requestAlipay, signedParameters, unusableAnswer } from './request.ts';

/** What can be asked of Alipay. `notifyUrl`, without a query, is told what becomes of a payment. */
export function createAlipayGateway(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  notifyUrl: string,
): ProviderGateway {
  return {
    clientParameters: (_payment, pay_url) => ({ pay_url }),
    createPayment: async (request) => createPayment(config, notifyUrl, request),
    query: (payment) => queryTrade(config, io, payment),
    close: (payment) => closeTrade(config, io, payment),
    refund: (request) => refundPayment(config, io, request),
    queryRefund: (request) => queryRefund(config, io, request),
    repairRefund: async () => ({ state: 'unsupported' }),
    reportShipping: async () => ({ state: 'unsupported' }),
  };
}

/** Alipay is not asked: the page is computed, whenever it is wanted, and too long to be kept. */
function createPayment(config: AlipayConfig, notifyUrl: string, request: PaymentRequest): CreatedPayment {
  return {
    outcome: 'created',
    page: alipayPagePay(config, notifyUrl, request),
    handed_out: { page: null, id: null, good_until: request.expires_at },
  };
}

export type PagePayRequest = Pick<
  PaymentRequest,
  'payment_no' | 'amount' | 'description' | 'scene' | 'return_url' | 'begun_at' | 'expires_at'
>;

/** A page for a computer, and one for a phone's browser, which opens Alipay (alipay.trade.wap.pay). */
const pages = {
  desktop: { method: 'alipay.trade.page.pay', product_code: 'FAST_INSTANT_TRADE_PAY' },
  mobile: { method: 'alipay.trade.wap.pay', product_code: 'QUICK_WAP_WAY' },
} as const;

const pageOf = ({ scene }: Pick<PaymentRequest, 'scene'>) => pages[scene === 'mobile' ? 'mobile' : 'desktop'];

/**
 * The address of Alipay's payment page for a payment in yuan. Alipay learns of the trade only
 * once the payer opens it; past `expires_at`, in whole seconds, it takes no payment. Signed as of when the payment was
 * begun, the same address comes out again.
 */
export function alipayPagePay(config: AlipayConfig, notify_url: string, request: PagePayRequest): string {
  const { begun_at, return_url } = request;
  const call = { method: pageOf(request).method, bizContent: bizContent(request) };
  const addresses = { notify_url, ...(return_url !== null && { return_url }) };
  return `${config.gatewayUrl}?${new URLSearchParams(signedParameters(config, Date.parse(begun_at), call, addresses))}`;
}

function bizContent(request: PagePayRequest): Readonly<Record<string, string>> {
  return {
    out_trade_no: request.payment_no,
    product_code: pageOf(request).product_code,
    total_amount: formatAmount(request.amount, CNY),
    subject: plainText(request.description),
    time_expire: formatBeijingTime(Date.parse(request.expires_at)),
    // Where a payer goes who leaves the phone's page unpaid.
    ...(request.scene === 'mobile' && request.return_url !== null && { quit_url: request.return_url }),
  };
}

const TRADE_NOT_EXIST = 'ACQ.TRADE_NOT_EXIST';

/**
 * What became of a trade (alipay.trade.query). Alipay holds none before the payer opens the page. Its amount is given
 * as it is said; settlement compares it.
 * @throws ProviderCallError
 */
async function queryTrade(
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
  const amount = readYuan(trade['total_amount'], 'total_amount');
  // A trade is closed unpaid, or after all of it was returned: then it was paid once, and money that left.
  const isWhole = status === 'closed' && isGiven(paidAt);
  const type = isWhole ? 'succeeded' : status;
  const returned = isWhole ? amount : readReturned(trade['refund_fee']);
  const discount = type === 'succeeded' ? readDiscount((name) => trade[name]) : null;
  return {
    type,
    payment_no,
    provider: 'alipay',
    merchant,
    amount,
    currency: 'CNY',
    transaction_id: readTransactionId(trade['trade_no'], 'trade_no'),
    ...(discount && { discount }),
    ...(isGiven(paidAt) && { paid_at: readTime(paidAt, 'send_pay_date') }),
    ...(type === 'succeeded' && returned > 0 && { returned }),
  };
}

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
async function closeTrade(
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
