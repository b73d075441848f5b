import type { Surroundings } from '../../surroundings.ts';
import { type Refund, refundedOf, type Transaction } from '../books.ts';
import {
  checkNotifyUrl,
  describeRefund,
  type Fields,
  integer,
  object,
  Refusal,
  text,
  type WechatMerchant,
} from './forms.ts';

/** WeChat Pay's refunds: accepted at once, and decided later. */
export interface Refunds {
  /** @throws Refusal */
  readonly refund: (merchant: WechatMerchant, request: Fields) => unknown;
  /** @throws Refusal */
  readonly queryRefund: (merchant: WechatMerchant, request_no: string) => unknown;
}

export interface RefundParts {
  readonly notify: (
    merchant: WechatMerchant,
    notify_url: string,
    event_type: string,
    original_type: string,
    resource: object,
  ) => void;
  readonly onRefunded: (merchant: WechatMerchant, transaction: Transaction) => void;
}

export function createRefunds(
  { clock, random, faults, books, marks, tell }: Surroundings,
  { notify, onRefunded }: RefundParts,
): Refunds {
  const refund = (merchant: WechatMerchant, request: Fields): unknown => {
    const request_no = text(request, 'out_refund_no', /^[\w\-|*@]{1,64}$/);
    const amount = object(request, 'amount');
    const value = integer(amount, 'refund');
    if (amount['currency'] !== 'CNY') throw new Refusal(400, 'PARAM_ERROR', 'amount.currency');
    if (request['reason'] !== undefined && Buffer.byteLength(String(request['reason'])) > 80) {
      throw new Refusal(400, 'PARAM_ERROR', 'reason 超过最大长度');
    }
    checkNotifyUrl(request['notify_url'], false);
    const transaction = findTransaction(merchant, request);
    if (integer(amount, 'total') !== transaction.amount)
      throw new Refusal(400, 'INVALID_REQUEST', '订单金额不一致');
    const known = transaction.refunds.find((each) => each.request_no === request_no);
    if (known) {
      if (known.amount !== value) throw new Refusal(400, 'INVALID_REQUEST', '退款金额与之前的请求不一致');
      return describeRefund(transaction, known);
    }
    if (clock.now() - transaction.taken_at > 365 * 86_400_000)
      throw new Refusal(400, 'INVALID_REQUEST', '订单已超过可退款的最大期限');
    if (value > transaction.amount - refundedOf(transaction))
      throw new Refusal(403, 'NOT_ENOUGH', '可退金额不足');
    if (random.chance(0.04) && !faults.stopped) {
      marks.take('refund_not_enough');
      throw new Refusal(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起');
    }
    if (random.chance(0.03) && !faults.stopped) throw new Refusal(429, 'FREQUENCY_LIMITED', '频率超限');
    const made: Refund = {
      request_no,
      id: `503${random.digits(25)}`,
      amount: value,
      begun_at: clock.now(),
      state: 'pending',
    };
    transaction.refunds.push(made);
    tell(`WeChat takes on the refund ${request_no} of ${value}`);
    const notify_url = typeof request['notify_url'] === 'string' ? request['notify_url'] : null;
    clock.after(random.pick([500, 20_000, 7_200_000]) + random.below(1_000), () =>
      decideRefund(merchant, transaction, made, notify_url),
    );
    return describeRefund(transaction, made);
  };
  const decideRefund = (
    merchant: WechatMerchant,
    transaction: Transaction,
    made: Refund,
    notify_url: string | null,
  ) => {
    const outcome = random.pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'sent_back'] as const);
    made.state = outcome;
    marks.take(`refund_${outcome}`);
    tell(`WeChat's refund ${made.request_no} ${outcome}`);
    if (outcome === 'succeeded') onRefunded(merchant, transaction);
    const event = { succeeded: 'REFUND.SUCCESS', failed: 'REFUND.CLOSED', sent_back: 'REFUND.ABNORMAL' }[
      outcome
    ];
    const { status: refund_status, ...rest } = describeRefund(transaction, made);
    const { currency: _, ...amount } = rest.amount;
    if (notify_url)
      notify(merchant, notify_url, event, 'refund', {
        ...rest,
        amount,
        mchid: merchant.mchid,
        refund_status,
      });
  };
  const findTransaction = (merchant: WechatMerchant, request: Fields): Transaction => {
    const { transaction_id, out_trade_no } = request;
    if ((transaction_id === undefined) === (out_trade_no === undefined))
      throw new Refusal(400, 'PARAM_ERROR', 'transaction_id 与 out_trade_no 二选一');
    const found = books.transactions.find(
      (each) =>
        each.provider === 'wechat' &&
        each.merchant === merchant.mchid &&
        (transaction_id === undefined ? each.number === out_trade_no : each.id === transaction_id),
    );
    if (!found) throw new Refusal(404, 'RESOURCE_NOT_EXISTS', '订单不存在');
    return found;
  };
  const queryRefund = (merchant: WechatMerchant, request_no: string): unknown => {
    for (const transaction of books.transactions) {
      if (transaction.provider !== 'wechat' || transaction.merchant !== merchant.mchid) continue;
      const made = transaction.refunds.find((each) => each.request_no === request_no);
      if (made) return describeRefund(transaction, made);
    }
    throw new Refusal(404, 'RESOURCE_NOT_EXISTS', '退款单不存在');
  };

  return { refund, queryRefund };
}
