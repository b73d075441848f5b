import type { WechatConfig } from '../../config/wechat.ts';

/** What every way of paying asks for. */
export interface TransactionRequest {
  readonly order_no: string;
  /** In fen. */
  readonly amount: number;
  /** At most 127 characters. */
  readonly description: string;
  /** ISO 8601; it cannot change after the first call for an order. */
  readonly expires_at: string;
  /** Without a query. */
  readonly notify_url: string;
}

/** The fields that JSAPI and Native payments share (docs: products/jsapi-payment, native-payment). */
export function transactionFields(
  { appid, mchid }: Pick<WechatConfig, 'appid' | 'mchid'>,
  { order_no, amount, description, expires_at, notify_url }: TransactionRequest,
) {
  return {
    appid,
    mchid,
    description,
    out_trade_no: order_no,
    time_expire: expires_at,
    notify_url,
    amount: { total: amount, currency: 'CNY' },
  };
}
