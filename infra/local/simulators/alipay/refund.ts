import * as z from 'zod/mini';
import { formatAmount } from '../../../../lib/money.ts';
import { beijingTime } from '../beijing-time.ts';
import type { Payment, Payments } from '../payments.ts';
import { type Refund, type RefundRefusal, type Refunds, returnedOf } from '../refunds.ts';
import type { Fields, Methods } from './gateway.ts';
import { GatewayError } from './gateway-error.ts';
import { parseBizContent, parseYuan } from './request.ts';
import { BUYER, findTrade, names, statusError, tradeReference, tradeStatus } from './trade.ts';
import { YUAN } from './yuan.ts';

interface Parts {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly open: (refund: Refund) => void;
  readonly now: () => number;
}

const requestNumber = z.string().check(z.regex(/^[!-~]{1,64}$/));
const refundContent = z.extend(tradeReference, {
  refund_amount: z.string(),
  out_request_no: requestNumber,
  refund_reason: z._default(z.string().check(z.maxLength(256)), ''),
});
const queryContent = z.extend(tradeReference, { out_request_no: requestNumber });

/** What passes. */
const REFUSALS: Readonly<Record<RefundRefusal, () => GatewayError>> = {
  balance: () => new GatewayError('ACQ.SELLER_BALANCE_NOT_ENOUGH', '卖家余额不足'),
  frequency: () => new GatewayError('isv.app-call-limited', '应用调用次数超限'),
};

const nameOf = (trade: Payment, out_request_no: string): string => `${trade.id}/${out_request_no}`;

/** alipay.trade.refund, which is decided at once, and alipay.trade.fastpay.refund.query. */
export function refundMethods({ payments, refunds, open, now }: Parts): Methods {
  function request(parameters: URLSearchParams): Fields {
    const content = parseBizContent(parameters, refundContent);
    const amount = parseYuan(content.refund_amount, 'refund_amount');
    const trade = findTrade(payments, content);
    const known = refunds.get(nameOf(trade, content.out_request_no));
    if (known && known.amount !== amount) {
      throw new GatewayError('ACQ.DISCORDANT_REPEAT_REQUEST', '不一致的请求');
    }
    const refusal = refunds.refusal();
    if (!known && refusal) throw REFUSALS[refusal]();
    if (!known) {
      checkRefund(trade, amount, refunds.of(trade));
      open(newRefund(trade, content, amount, new Date(now()).toISOString()));
    }
    return {
      ...BUYER,
      ...names(trade),
      fund_change: known ? 'N' : 'Y',
      refund_fee: formatAmount(returnedOf(refunds.of(trade)), YUAN),
      send_back_fee: known ? '0.00' : formatAmount(amount, YUAN),
    };
  }

  /** Of a refund that there is not, Alipay says nothing but that the question was understood. */
  function query(parameters: URLSearchParams): Fields {
    const content = parseBizContent(parameters, queryContent);
    const trade = findTrade(payments, content);
    const refund = refunds.get(nameOf(trade, content.out_request_no));
    if (!refund) return {};
    return {
      ...names(trade),
      out_request_no: refund.refund_no,
      refund_amount: formatAmount(refund.amount, YUAN),
      refund_status: 'REFUND_SUCCESS',
      total_amount: formatAmount(trade.amount, YUAN),
    };
  }

  return { 'alipay.trade.refund': request, 'alipay.trade.fastpay.refund.query': query };
}

/** What a notice about the trade adds when it tells of this refund, by what was returned before. */
export const refundFields = (refund: Refund, trade: Payment, before: readonly Refund[]): Fields => {
  const all = [...before, refund];
  return {
    gmt_refund: `${beijingTime(Date.parse(refund.decided_at ?? refund.created_at))}.000`,
    ...(!refund.by_console && { out_biz_no: refund.refund_no }),
    refund_fee: formatAmount(returnedOf(all), YUAN),
    trade_status: tradeStatus(trade, all),
  };
};

/** @throws GatewayError */
function checkRefund(trade: Payment, amount: number, earlier: readonly Refund[]): void {
  const status = tradeStatus(trade, earlier);
  if (status === 'TRADE_CLOSED') throw new GatewayError('ACQ.TRADE_HAS_CLOSE', '交易已关闭');
  if (status !== 'TRADE_SUCCESS') throw statusError();
  if (amount > trade.amount - returnedOf(earlier)) {
    throw new GatewayError('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', '退款金额超限');
  }
}

export const newRefund = (
  trade: Payment,
  { out_request_no, refund_reason }: Pick<z.infer<typeof refundContent>, 'out_request_no' | 'refund_reason'>,
  amount: number,
  time: string,
): Refund => ({
  provider: 'alipay',
  id: nameOf(trade, out_request_no),
  refund_no: out_request_no,
  payment_id: trade.id,
  payment_no: trade.payment_no,
  amount,
  currency: trade.currency,
  reason: refund_reason,
  state: 'succeeded',
  notify_url: trade.notify_url,
  created_at: time,
  decided_at: time,
  left_at: time,
  by_console: false,
});
