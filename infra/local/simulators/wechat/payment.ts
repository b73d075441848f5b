import { rfc3339Beijing } from '../beijing-time.ts';
import { type Discount, NO_DISCOUNT, type Payment } from '../payments.ts';
import { randomDigits, randomText } from '../random.ts';
import { type Refund, returnedOf } from '../refunds.ts';
import type { NoticeContent } from './notification.ts';
import { type CreateParameters, payableUntil, type TradeType } from './parameters.ts';

export interface WechatPayment extends Payment {
  readonly appid: string;
  readonly trade_type: TradeType;
  readonly openid: string;
  /** From where alone it is paid; null where that is not asked. */
  readonly payer_client_ip: string | null;
  /** The parameters that a repeated creation must repeat. */
  readonly core: string;
}

/** Of what was paid, and of which something was returned. */
const REFUND = { trade_state: 'REFUND', trade_state_desc: '转入退款' } as const;
const TRADE_STATE = { open: 'NOTPAY', paid: 'SUCCESS', failed: 'PAYERROR', closed: 'CLOSED' } as const;
const TRADE_STATE_DESC = {
  open: '订单未支付',
  paid: '支付成功',
  failed: '支付失败',
  closed: '订单已关闭',
} as const;

/** The transaction as a query and a notification both tell it. */
export function transaction(payment: WechatPayment, refunds: readonly Refund[]) {
  const isReturned = payment.state === 'paid' && returnedOf(refunds) > 0;
  return {
    appid: payment.appid,
    mchid: payment.merchant,
    out_trade_no: payment.payment_no,
    trade_state: TRADE_STATE[payment.state],
    trade_state_desc: TRADE_STATE_DESC[payment.state],
    ...(isReturned && REFUND),
    attach: '',
    ...(payment.state !== 'paid'
      ? {}
      : {
          transaction_id: payment.transaction_id,
          trade_type: payment.trade_type,
          bank_type: 'OTHERS',
          success_time: rfc3339Beijing(Date.parse(payment.paid_at ?? payment.created_at)),
          payer: { openid: payment.openid },
          amount: {
            total: payment.amount,
            payer_total: payment.amount - payment.discount.merchant - payment.discount.provider,
            currency: payment.currency,
            payer_currency: payment.currency,
          },
          ...promotions(payment.discount),
        }),
  };
}

/**
 * The coupons that it was paid with (docs: "支付成功回调通知", `promotion_detail`), if any: one of the merchant's own, which
 * nobody makes good to it (NOCASH), and one that WeChat Pay pays for (CASH).
 */
function promotions({ merchant, provider }: Discount) {
  const promotion_detail = [
    {
      type: 'NOCASH',
      name: '商家立减',
      amount: merchant,
      merchant_contribute: merchant,
      wechatpay_contribute: 0,
    },
    {
      type: 'CASH',
      name: '微信支付代金券',
      amount: provider,
      merchant_contribute: 0,
      wechatpay_contribute: provider,
    },
  ]
    .filter(({ amount }) => amount > 0)
    .map((promotion, index) => ({
      coupon_id: String(109_519 + index),
      scope: 'GLOBAL',
      stock_id: String(931_386 + index),
      other_contribute: 0,
      currency: 'CNY',
      ...promotion,
    }));
  return promotion_detail.length > 0 && { promotion_detail };
}

/** A prepay_id lives two hours, and so does a code_url, whatever `time_expire` says (docs: "JSAPI下单", "Native下单"). */
const CODE_LIFE_MS = 2 * 3_600_000;

/** Whether what was handed out for it is still good; asking with the same number gives it anew. `now` in milliseconds. */
export const isFresh = ({ created_at }: WechatPayment, now: number): boolean =>
  now < Date.parse(created_at) + CODE_LIFE_MS;

/** The event type is the same for a payment that failed: the state is inside. */
export const paymentNotice = (content: unknown): NoticeContent => ({
  event_type: 'TRANSACTION.SUCCESS',
  summary: '支付成功',
  original_type: 'transaction',
  content,
});

/** `now` in milliseconds. */
export function newPayment(parameters: CreateParameters, trade_type: TradeType, now: number): WechatPayment {
  const { appid, mchid, out_trade_no, description, amount, time_expire, notify_url, payer } = parameters;
  const payer_client_ip = parameters.scene_info?.payer_client_ip ?? null;
  const core = JSON.stringify([trade_type, appid, description, amount, time_expire, payer?.openid]);
  return {
    provider: 'wechat',
    merchant: mchid,
    appid,
    id: out_trade_no,
    payment_no: out_trade_no,
    amount: amount.total,
    currency: amount.currency,
    description,
    state: 'open',
    notify_url,
    pay_url: trade_type === 'NATIVE' ? `weixin://wxpay/bizpayurl?pr=${randomText(9)}` : null,
    prepay_id: trade_type === 'JSAPI' ? `wx${randomDigits(17)}${randomText(17)}` : null,
    transaction_id: null,
    created_at: new Date(now).toISOString(),
    expires_at: time_expire === undefined ? null : new Date(payableUntil(time_expire, now)).toISOString(),
    discount: NO_DISCOUNT,
    paid_at: null,
    trade_type,
    openid: payer?.openid ?? `o${randomText(27)}`,
    payer_client_ip,
    core,
  };
}
