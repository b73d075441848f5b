import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { isoTime } from '../../iso-time.ts';
import type { Scene } from '../../orders/kinds.ts';
import type { CreatedPayment, PaymentRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import type { WechatRequest } from './exchange.ts';
import { requestWechat, unusableAnswer } from './request.ts';

/** A way of paying: where it is asked for, who is told of it, and what comes back for the payer. */
interface Way {
  readonly path: string;
  /** Below our public address. */
  readonly notifyPath: string;
  readonly field: string;
  readonly form: RegExp;
}

const ways: Readonly<Record<Scene, Way>> = {
  /** In a mini-program (docs: products/jsapi-payment). */
  jsapi: {
    path: '/v3/pay/transactions/jsapi',
    notifyPath: '/v2/payments/notify',
    field: 'prepay_id',
    form: /^[!-~]{1,64}$/,
  },
  /** By a QR code, which the payer's WeChat opens (docs: products/native-payment). */
  desktop: {
    path: '/v3/pay/transactions/native',
    notifyPath: '/api/pay/callback/wechat',
    field: 'code_url',
    form: /^(?:weixin|https?):\/\/[!-~]{1,512}$/,
  },
};

/** How long a prepay_id or a code_url is good; asked again, WeChat Pay gives another of the same payment. */
const LIFETIME_MS = 2 * 60 * 60_000;

/** The number has been paid, closed, or used for something else, in the spellings of the documents' versions. */
const over: ReadonlySet<string | null> = new Set([
  'ORDER_PAID',
  'ORDERPAID',
  'ORDER_CLOSED',
  'ORDERCLOSED',
  'OUT_TRADE_NO_USED',
]);

/** Makes a payment, or asks anew for what its payer needs. @throws ProviderCallError */
export async function createPayment(
  config: WechatConfig,
  io: Io,
  publicUrl: string,
  payment: PaymentRequest,
): Promise<CreatedPayment> {
  const { path, notifyPath, field, form } = ways[payment.scene];
  const body = paymentFields(config, `${publicUrl}${notifyPath}`, payment);
  const request: WechatRequest = { method: 'POST', path, body };
  // Read first: what WeChat Pay gives may be as old as the request.
  const asked_at = io.now();
  try {
    const page = (await requestWechat(config, io, request))?.[field];
    if (typeof page !== 'string' || !form.test(page)) throw unusableAnswer(request, field);
    const good_until = isoTime(Math.min(asked_at + LIFETIME_MS, Date.parse(payment.expires_at)));
    return { outcome: 'created', page, handed_out: { page, id: null, good_until } };
  } catch (error) {
    if (error instanceof ProviderCallError && over.has(error.code)) return { outcome: 'over' };
    throw error;
  }
}

/** As the official clients write a time: RFC 3339, and no part of a second. */
const toTheSecond = (time: string): string => time.replace(/\.\d+(?=Z$)/, '');

/** `time_expire` cannot change after the first call. */
function paymentFields(config: WechatConfig, notify_url: string, payment: PaymentRequest) {
  const { payment_no, amount, description, expires_at, appid, openid, scene } = payment;
  if (scene === 'jsapi' && openid === null) throw new Error('a payment in a mini-program needs its payer');
  return {
    appid: appid ?? config.appid,
    mchid: config.mchid,
    description,
    out_trade_no: payment_no,
    time_expire: toTheSecond(expires_at),
    notify_url,
    amount: { total: amount, currency: 'CNY' },
    ...(scene === 'jsapi' && { payer: { openid } }),
  };
}
