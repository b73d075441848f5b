import type { Refund, Transaction } from '../books.ts';

/** What WeChat Pay's requests and answers look like, and what it refuses in them. */

export interface WechatMerchant {
  readonly mchid: string;
  readonly appids: readonly string[];
  readonly serial_no: string;
  readonly apiv3_key: string;
  /** Whose it is: a tenant's own or, with null, the stage's. */
  readonly tenant_id: number | null;
}

export interface Trade {
  readonly merchant: WechatMerchant;
  readonly number: string;
  readonly appid: string;
  readonly description: string;
  readonly total: number;
  readonly openid: string | null;
  readonly trade_type: 'JSAPI' | 'NATIVE' | 'MWEB';
  /** Whose address alone may open the phone's page. */
  payer_client_ip: string | null;
  readonly notify_url: string;
  readonly expires_at: number;
  /** As it was sent, for `time_expire` cannot change. */
  readonly time_expire: string | null;
  state: 'NOTPAY' | 'PAYERROR' | 'SUCCESS' | 'CLOSED';
  /** More than one only where WeChat itself went wrong. */
  readonly transactions: Transaction[];
}

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** Beijing's time with its offset, as WeChat writes times. */
export const rfc3339 = (time_ms: number) =>
  `${new Date(time_ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;

const LONGEST_EXPIRY_MS = 7 * 24 * 3_600_000;
const SHORTEST_EXPIRY_MS = 60_000;

const describes = {
  NOTPAY: '订单未支付',
  PAYERROR: '支付失败',
  SUCCESS: '支付成功',
  CLOSED: '订单已关闭',
  REFUND: '订单发生过退款，退款详情请查询退款单',
} as const;

/** What was paid is called `REFUND` once any of it is given back. */
export const isRefunded = ({ refunds }: Transaction) => refunds.some(({ state }) => state !== 'failed');

export function describeTrade(trade: Trade, transaction: Transaction | undefined): object {
  const { merchant, number, appid, total, trade_type } = trade;
  const state = transaction && isRefunded(transaction) ? 'REFUND' : trade.state;
  const shared = {
    appid,
    mchid: merchant.mchid,
    out_trade_no: number,
    trade_state: state,
    trade_state_desc: describes[state],
    attach: '',
  };
  if (!transaction) return { ...shared, amount: { payer_currency: 'CNY', total }, promotion_detail: [] };
  return {
    ...shared,
    transaction_id: transaction.id,
    trade_type,
    bank_type: 'OTHERS',
    success_time: rfc3339(transaction.taken_at),
    payer: { openid: payerOf(trade) },
    amount: {
      total: transaction.amount,
      payer_total: transaction.amount - transaction.discount.merchant - transaction.discount.provider,
      currency: 'CNY',
      payer_currency: 'CNY',
    },
    ...(isWithCoupon(transaction) && { promotion_detail: promotions(transaction) }),
  };
}

/** Who pays by a code or on a phone is known to WeChat all the same. */
export const payerOf = ({ openid }: Pick<Trade, 'openid'>) => openid ?? 'o-scanned-0000000000000000000';

const isWithCoupon = ({ discount }: Transaction) => discount.merchant + discount.provider > 0;

/** docs: "支付通知", `promotion_detail`: of the type CASH WeChat makes the coupon good, of NOCASH nobody does. */
const promotions = ({ discount }: Transaction) =>
  (
    [
      ['CASH', discount.provider],
      ['NOCASH', discount.merchant],
    ] as const
  )
    .filter(([, amount]) => amount > 0)
    .map(([type, amount]) => ({
      coupon_id: '109519',
      name: '单品惠-6',
      scope: 'GLOBAL',
      type,
      amount,
      stock_id: '931386',
      wechatpay_contribute: type === 'CASH' ? amount : 0,
      merchant_contribute: type === 'NOCASH' ? amount : 0,
      other_contribute: 0,
      currency: 'CNY',
    }));

export function describeRefund(
  transaction: Transaction,
  { request_no, id, amount, begun_at, state }: Refund,
) {
  const status = {
    pending: 'PROCESSING',
    succeeded: 'SUCCESS',
    failed: 'CLOSED',
    sent_back: 'CLOSED',
    abnormal: 'ABNORMAL',
  }[state];
  return {
    refund_id: id,
    out_refund_no: request_no,
    transaction_id: transaction.id,
    out_trade_no: transaction.number,
    channel: 'ORIGINAL',
    user_received_account: '支付用户零钱',
    create_time: rfc3339(begun_at),
    ...(status === 'SUCCESS' ? { success_time: rfc3339(begun_at + 1_000) } : {}),
    status,
    funds_account: 'AVAILABLE',
    amount: {
      total: transaction.amount,
      refund: amount,
      payer_total: transaction.amount,
      payer_refund: amount,
      settlement_total: transaction.amount,
      settlement_refund: amount,
      discount_refund: 0,
      currency: 'CNY',
    },
  };
}

export const isSameTrade = (one: Trade, other: Trade) =>
  one.total === other.total &&
  one.appid === other.appid &&
  one.openid === other.openid &&
  one.description === other.description &&
  one.trade_type === other.trade_type &&
  one.time_expire === other.time_expire;

export function readCreation(
  merchant: WechatMerchant,
  trade_type: Trade['trade_type'],
  request: Fields,
  now: number,
): Trade {
  if (request['mchid'] !== merchant.mchid) throw new Refusal(400, 'PARAM_ERROR', 'mchid');
  const appid = text(request, 'appid', /^wx[0-9a-f]{16}$/);
  if (!merchant.appids.includes(appid))
    throw new Refusal(400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配');
  const description = text(request, 'description', /^[\s\S]+$/);
  const size = Buffer.byteLength(description);
  if (size > 127)
    throw new Refusal(
      400,
      'PARAM_ERROR',
      `输入源“/body/description”映射到值字段“商品描述”字符串规则校验失败，字节数 ${size}，大于最大值 127`,
    );
  const amount = object(request, 'amount');
  if (amount['currency'] !== undefined && amount['currency'] !== 'CNY')
    throw new Refusal(400, 'PARAM_ERROR', 'amount.currency');
  const openid = trade_type === 'JSAPI' ? text(object(request, 'payer'), 'openid', /^[\w-]{1,128}$/) : null;
  const payer_client_ip = trade_type === 'MWEB' ? readAddress(object(request, 'scene_info')) : null;
  checkNotifyUrl(request['notify_url'], true);
  const time_expire =
    request['time_expire'] === undefined
      ? null
      : text(request, 'time_expire', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)$/);
  const expires_at = time_expire === null ? now + LONGEST_EXPIRY_MS : Date.parse(time_expire);
  if (!(expires_at >= now + SHORTEST_EXPIRY_MS && expires_at <= now + LONGEST_EXPIRY_MS))
    throw new Refusal(400, 'PARAM_ERROR', 'time_expire');
  return {
    merchant,
    number: text(request, 'out_trade_no', /^[\w\-|*]{6,32}$/),
    appid,
    description,
    total: integer(amount, 'total'),
    openid,
    payer_client_ip,
    trade_type,
    notify_url: String(request['notify_url']),
    expires_at,
    time_expire,
    state: 'NOTPAY',
    transactions: [],
  };
}

/** docs: "H5下单", `scene_info`. */
function readAddress(scene: Fields): string {
  if (!['iOS', 'Android', 'Wap'].includes(String(object(scene, 'h5_info')['type'])))
    throw new Refusal(400, 'PARAM_ERROR', 'h5_info.type');
  return text(scene, 'payer_client_ip', /^[0-9a-f.:]{7,45}$/);
}

export function checkNotifyUrl(value: unknown, isNeeded: boolean): void {
  if (value === undefined && !isNeeded) return;
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (url?.protocol !== 'https:' || url.search !== '' || String(value).length > 255)
    throw new Refusal(400, 'PARAM_ERROR', 'notify_url');
}

export function text(fields: Fields, name: string, form: RegExp): string {
  const value = fields[name];
  if (typeof value !== 'string' || !form.test(value))
    throw new Refusal(400, 'PARAM_ERROR', `输入源“/body/${name}”校验失败`);
  return value;
}

export function object(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (typeof value !== 'object' || value === null) throw new Refusal(400, 'PARAM_ERROR', name);
  return value as Fields;
}

export function integer(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 10_000_000_000)
    throw new Refusal(400, 'PARAM_ERROR', name);
  return value;
}
