import type { Answer, Call, Route } from '../http.ts';
import type { Payments } from '../payments.ts';
import { randomDigits } from '../random.ts';
import { type RefundRefusal, type Refunds, returnedOf } from '../refunds.ts';
import {
  type Answers,
  invalidRequest,
  parameterError,
  RESOURCE_NOT_EXISTS,
  type Refusal,
} from './answers.ts';
import { parseRefundParameters, parseRepairParameters, type RefundParameters } from './parameters.ts';
import type { WechatPayment } from './payment.ts';
import { MERCHANT_ACCOUNT, refundAnswer, USER_ACCOUNT, type WechatRefund } from './refund.ts';

interface Parts {
  readonly payments: Payments<WechatPayment>;
  readonly refunds: Refunds<WechatRefund>;
  readonly answers: Answers;
  readonly open: (refund: WechatRefund) => void;
  /** One that was abnormal is on its way again. */
  readonly reopen: (refund: WechatRefund) => WechatRefund;
  readonly now: () => number;
}

/** What passes. */
const REFUSALS: Readonly<Record<RefundRefusal, Refusal>> = {
  balance: { status: 403, code: 'NOT_ENOUGH', message: '基本账户余额不足，请充值后重新发起' },
  frequency: { status: 429, code: 'FREQUENCY_LIMITED', message: '频率超限' },
};
const MAX_REFUNDS = 50;
const REFUNDABLE_MS = 365 * 24 * 3_600_000;

/** Refunds, their query and their repair (docs: "申请退款", "查询单笔退款（按商户退款单号）", "发起异常退款"). */
export function refundRoutes({ payments, refunds, answers, open, reopen, now }: Parts): Route[] {
  const { succeed, refuse } = answers;

  function findPayment({ transaction_id, out_trade_no = '' }: RefundParameters): WechatPayment | undefined {
    if (transaction_id === undefined) return payments.find(out_trade_no);
    return payments.list().find((payment) => payment.transaction_id === transaction_id);
  }

  /** 200 says that the refund was taken, not that it was made: it always begins as PROCESSING. */
  function request(call: Call): Answer {
    const parsed = parseRefundParameters(call.body);
    if ('fault' in parsed) return refuse(parameterError(parsed.fault));
    const { parameters } = parsed;
    const payment = findPayment(parameters);
    if (!payment) return refuse({ ...RESOURCE_NOT_EXISTS, message: '订单不存在' });
    const refund = newRefund(parameters, payment, now());
    const known = refunds.find(parameters.out_refund_no);
    if (known && known.core !== refund.core) {
      return refuse(invalidRequest('订单金额或退款金额与之前请求不一致，请核实后再试'));
    }
    if (known) return succeed(refundAnswer(known));
    const refusal = refunds.refusal();
    if (refusal) return refuse(REFUSALS[refusal]);
    const wrong = refusalOf(refund, payment, refunds.of(payment), now());
    if (wrong) return refuse(wrong);
    open(refund);
    return succeed(refundAnswer(refund));
  }

  function query(_call: Call, refund_no = ''): Answer {
    const refund = refunds.find(refund_no);
    return refund ? succeed(refundAnswer(refund)) : refuse(RESOURCE_NOT_EXISTS);
  }

  function repair(call: Call, id = ''): Answer {
    const parsed = parseRepairParameters(call.body);
    if ('fault' in parsed) return refuse(parameterError(parsed.fault));
    const { out_refund_no, type } = parsed.parameters;
    const refund = refunds.get(id);
    if (refund?.refund_no !== out_refund_no) return refuse(RESOURCE_NOT_EXISTS);
    if (refund.state !== 'abnormal') return refuse(invalidRequest('退款单状态不是退款异常'));
    const received_account = type === 'MERCHANT_BANK_CARD' ? MERCHANT_ACCOUNT : '用户银行卡';
    return succeed(refundAnswer(reopen({ ...refund, received_account })));
  }

  return [
    ['POST', /^\/v3\/refund\/domestic\/refunds$/, request],
    ['POST', /^\/v3\/refund\/domestic\/refunds\/([^/]+)\/apply-abnormal-refund$/, repair],
    ['GET', /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/, query],
  ];
}

function refusalOf(
  refund: WechatRefund,
  payment: WechatPayment,
  earlier: readonly WechatRefund[],
  now: number,
): Refusal | null {
  const left = payment.amount - returnedOf(earlier);
  if (payment.state !== 'paid') return invalidRequest('订单未支付，不能退款');
  if (refund.total !== payment.amount) return invalidRequest('订单金额不一致，请核实后再试');
  if (left === 0) return invalidRequest('订单已全额退款');
  if (refund.amount > left) return invalidRequest('申请退款金额大于订单剩余可退金额');
  if (earlier.length >= MAX_REFUNDS) return invalidRequest('一笔订单最多支持50次部分退款');
  if (Date.parse(payment.paid_at ?? payment.created_at) + REFUNDABLE_MS <= now) {
    return invalidRequest('订单已经超过退款期限');
  }
  return null;
}

export function newRefund(parameters: RefundParameters, payment: WechatPayment, now: number): WechatRefund {
  const { out_refund_no, amount, reason, notify_url } = parameters;
  return {
    provider: 'wechat',
    id: `5030${randomDigits(24)}`,
    refund_no: out_refund_no,
    payment_id: payment.id,
    payment_no: payment.payment_no,
    transaction_id: payment.transaction_id ?? '',
    amount: amount.refund,
    total: amount.total,
    currency: amount.currency,
    reason,
    state: 'pending',
    notify_url,
    created_at: new Date(now).toISOString(),
    decided_at: null,
    left_at: null,
    by_console: false,
    received_account: USER_ACCOUNT,
    core: JSON.stringify([payment.id, amount.refund, amount.total]),
  };
}
