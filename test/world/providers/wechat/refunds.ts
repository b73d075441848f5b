import type { Surroundings } from '../../surroundings.ts';
import { leftOf, newRefund, type Refund, type Transaction, type Word } from '../books.ts';
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

/**
 * WeChat Pay's refunds: accepted at once, and decided later. What the payer's bank refuses is `ABNORMAL`, and stays so
 * until somebody says where it shall go (docs: "退款 开发指引", "发起异常退款").
 */
export interface Refunds {
  /** @throws Refusal */
  readonly refund: (merchant: WechatMerchant, request: Fields) => unknown;
  /** @throws Refusal */
  readonly queryRefund: (merchant: WechatMerchant, request_no: string) => unknown;
  /** @throws Refusal */
  readonly repair: (merchant: WechatMerchant, refund_id: string, request: Fields) => unknown;
  /** Somebody gives money back in the merchant's console, under a number that WeChat makes. */
  readonly giveBack: (merchant: WechatMerchant, transaction: Transaction, amount: number) => void;
}

export interface RefundParts {
  readonly notify: (
    merchant: WechatMerchant,
    notify_url: string,
    event_type: string,
    original_type: string,
    resource: object,
    says: readonly Word[],
  ) => void;
}

/** The address that the console has for notices of refunds that were made there. */
const consoleUrlsOf = ({ tenant_id }: WechatMerchant): readonly [string, ...string[]] =>
  tenant_id === null
    ? ['https://pay.example.com/v2/payments/notify', 'https://pay.example.com/api/pay/callback/wechat']
    : [`https://pay.example.com/api/pay/callback/wechat/${tenant_id}`];

/** A refund of a merchant, and who is told of it. */
interface Known {
  readonly merchant: WechatMerchant;
  readonly transaction: Transaction;
  readonly made: Refund;
  readonly notify_url: string | null;
}

export function createRefunds(
  { clock, random, faults, books, marks, tell }: Surroundings,
  { notify }: RefundParts,
): Refunds {
  const known = new Map<string, Known>();

  const take = (one: Known) => {
    one.transaction.refunds.push(one.made);
    known.set(one.made.id, one);
    decideLater(one);
  };
  const decideLater = (one: Known) =>
    clock.after(random.pick([500, 20_000, 7_200_000]) + random.below(1_000), () => decide(one));

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
    const before = transaction.refunds.find((each) => each.request_no === request_no);
    if (before) {
      if (before.amount !== value) throw new Refusal(400, 'INVALID_REQUEST', '退款金额与之前的请求不一致');
      return describeRefund(transaction, before);
    }
    if (clock.now() - transaction.taken_at > 365 * 86_400_000)
      throw new Refusal(400, 'INVALID_REQUEST', '订单已超过可退款的最大期限');
    if (value > leftOf(transaction)) {
      marks.take('refund_of_more_than_is_left');
      throw new Refusal(400, 'INVALID_REQUEST', '申请退款金额大于订单可退金额');
    }
    if (random.chance(0.04) && !faults.stopped) {
      marks.take('refund_not_enough');
      throw new Refusal(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起');
    }
    if (random.chance(0.03) && !faults.stopped) throw new Refusal(429, 'FREQUENCY_LIMITED', '频率超限');
    const made = make(request_no, value, 'asked');
    tell(`WeChat takes on the refund ${request_no} of ${value}`);
    const notify_url = typeof request['notify_url'] === 'string' ? request['notify_url'] : null;
    take({ merchant, transaction, made, notify_url });
    return describeRefund(transaction, made);
  };
  const make = (request_no: string, amount: number, origin: Refund['origin']) =>
    newRefund({
      request_no,
      id: `503${random.digits(25)}`,
      amount,
      begun_at: clock.now(),
      origin,
      state: 'pending',
    });

  const giveBack = (merchant: WechatMerchant, transaction: Transaction, amount: number) => {
    const made = make(random.digits(24), amount, 'console');
    tell(`WeChat's console gives back ${amount} of ${transaction.number} as ${made.request_no}`);
    take({ merchant, transaction, made, notify_url: random.pick(consoleUrlsOf(merchant)) });
  };

  const decide = (one: Known) => {
    const { merchant, transaction, made, notify_url } = one;
    const outcome = random.pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'abnormal'] as const);
    // What was abnormal has left the account: it comes to its end, or is refused once more.
    made.state = outcome === 'failed' && made.named.isSent ? 'abnormal' : outcome;
    if (made.state === 'abnormal') made.wasAbnormal = true;
    marks.take(made.origin === 'asked' ? `refund_${made.state}` : `console_refund_${made.state}`);
    tell(`WeChat's refund ${made.request_no} ${made.state}`);
    if (made.state === 'abnormal' && random.chance(0.4))
      clock.after(random.pick([600_000, 10_800_000]), () => {
        // Whoever repaired it through the API was first.
        if (made.state !== 'abnormal') return;
        marks.take('abnormal_repaired_in_console');
        repaired(one);
      });
    const event = { succeeded: 'REFUND.SUCCESS', failed: 'REFUND.CLOSED', abnormal: 'REFUND.ABNORMAL' }[
      made.state === 'succeeded' || made.state === 'failed' ? made.state : 'abnormal'
    ];
    const { status: refund_status, ...rest } = describeRefund(transaction, made);
    const { currency: _, ...amount } = rest.amount;
    if (!notify_url) return;
    const resource = { ...rest, amount, mchid: merchant.mchid, refund_status };
    const word = made.state === 'failed' ? made.returned : made.named;
    notify(merchant, notify_url, event, 'refund', resource, [word]);
  };
  const repaired = (one: Known) => {
    one.made.state = 'pending';
    tell(`WeChat's refund ${one.made.request_no} is on its way again`);
    decideLater(one);
  };
  const repair = (merchant: WechatMerchant, refund_id: string, request: Fields): unknown => {
    const one = known.get(refund_id);
    if (one?.merchant !== merchant) throw new Refusal(404, 'RESOURCE_NOT_EXISTS', '退款单不存在');
    if (request['out_refund_no'] !== one.made.request_no)
      throw new Refusal(400, 'PARAM_ERROR', 'out_refund_no');
    const type = text(request, 'type', /^(?:USER|MERCHANT)_BANK_CARD$/);
    if (type === 'USER_BANK_CARD' && !request['bank_account'])
      throw new Refusal(400, 'PARAM_ERROR', 'bank_account');
    if (one.made.state !== 'abnormal')
      throw new Refusal(400, 'INVALID_REQUEST', '退款单状态不是退款异常，不能发起异常退款');
    marks.take('abnormal_repaired');
    repaired(one);
    return describeRefund(one.transaction, one.made);
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

  return { refund, queryRefund, repair, giveBack };
}
