import type { WechatConfig } from '../../config/wechat.ts';
import { type Io, isoTime } from '../../io.ts';
import type { Scene } from '../../orders/kinds.ts';
import type {
  CloseAnswer,
  CreatedPayment,
  PaymentAnswer,
  PaymentReference,
  PaymentRequest,
  ProviderGateway,
} from '../../orders/provider-gateway.ts';
import { HAND_OUT_MARGIN_MS } from '../../orders/schedule.ts';
import { ProviderCallError } from '../call.ts';
import { callbackPath, type OpenParts } from '../provider.ts';
import { openTradeStates, readTransactionEvent } from './message.ts';
import { queryRefund, refundPayment, repairRefund } from './refund.ts';
import {
  lookUp,
  readAnswer,
  requestWechat,
  signLines,
  unusableAnswer,
  type WechatRequest,
} from './request.ts';
import { createShippingReport } from './shipping.ts';

/** Where we are reached, and for whom. */
type Callee = Pick<OpenParts, 'publicUrl' | 'tenant_id'>;

/** What can be asked of WeChat Pay. */
export function createWechatGateway(config: WechatConfig, io: Io, callee: Callee): ProviderGateway {
  return {
    clientParameters: (payment, page) =>
      isAddress(page)
        ? { pay_url: page }
        : jsapiParameters({ ...config, appid: appidOf(config, payment) }, io, page),
    createPayment: (request) => createPayment(config, io, callee, request),
    query: (payment) => queryPayment(config, io, payment),
    close: (payment) => closePayment(config, io, payment),
    refund: (request) => refundPayment(config, io, notifyUrl(callee, SHOP_NOTIFY_PATH), request),
    queryRefund: (request) => queryRefund(config, io, request),
    repairRefund: (request) => repairRefund(config, io, request),
    reportShipping: createShippingReport(config, io),
  };
}

/** In which a payment is made. */
const appidOf = (
  { appids }: Pick<WechatConfig, 'appids'>,
  { appid }: Pick<PaymentReference, 'appid'>,
): string => appid ?? appids[0];

const SHOP_NOTIFY_PATH = '/v2/payments/notify';

/** Of a tenant's own merchant all that is told comes in where its keys are known. */
const notifyUrl = ({ publicUrl, tenant_id }: Callee, path: string): string =>
  publicUrl + (tenant_id === null ? path : callbackPath('wechat', tenant_id));

/** A code_url, and no prepay_id. */
const isAddress = (page: string): boolean => page.includes('://');

/** A way of paying: where it is asked for, who is told of it, and what comes back for the payer. */
interface Way {
  readonly path: string;
  /** Where the stage's merchant is told of it, below our public address. */
  readonly notifyPath: string;
  readonly field: string;
  readonly form: RegExp;
  /** How long what comes back is good; asked again, WeChat Pay gives another of the same payment. */
  readonly lifetime_ms: number;
}

const MINUTE = 60_000;

const ways: Readonly<Record<Scene, Way>> = {
  /** In a mini-program (docs: products/jsapi-payment). */
  jsapi: {
    path: '/v3/pay/transactions/jsapi',
    notifyPath: SHOP_NOTIFY_PATH,
    field: 'prepay_id',
    form: /^[!-~]{1,64}$/,
    lifetime_ms: 120 * MINUTE,
  },
  /** By a QR code, which the payer's WeChat opens (docs: products/native-payment). */
  desktop: {
    path: '/v3/pay/transactions/native',
    notifyPath: callbackPath('wechat', null),
    field: 'code_url',
    form: /^(?:weixin|https?):\/\/[!-~]{1,512}$/,
    lifetime_ms: 120 * MINUTE,
  },
  /** In a phone's browser, which opens WeChat (docs: "H5下单"): refused from any address but the payer's own. */
  mobile: {
    path: '/v3/pay/transactions/h5',
    notifyPath: callbackPath('wechat', null),
    field: 'h5_url',
    // Nobody on the way may read it, or answer in its place; on loopback nobody is.
    form: /^(?:https:\/\/|http:\/\/127\.0\.0\.1[:/])[!-~]{1,512}$/,
    lifetime_ms: 5 * MINUTE,
  },
};

/** The number has been paid, closed, or used for something else, in the spellings of the documents' versions. */
const over: ReadonlySet<string | null> = new Set([
  'ORDER_PAID',
  'ORDERPAID',
  'ORDER_CLOSED',
  'ORDERCLOSED',
  'OUT_TRADE_NO_USED',
]);

/** Makes a payment, or asks anew for what its payer needs. @throws ProviderCallError */
async function createPayment(
  config: WechatConfig,
  io: Io,
  callee: Callee,
  payment: PaymentRequest,
): Promise<CreatedPayment> {
  const { path, notifyPath, field, form, lifetime_ms } = ways[payment.scene];
  const body = paymentFields(config, notifyUrl(callee, notifyPath), payment);
  const request: WechatRequest = { method: 'POST', path, body };
  // Read first: what WeChat Pay gives may be as old as the request.
  const asked_at = io.now();
  try {
    const given = (await requestWechat(config, io, request))?.[field];
    if (typeof given !== 'string' || !form.test(given)) throw unusableAnswer(request, field);
    const page = withReturn(given, payment);
    const good_until = isoTime(Math.min(asked_at + lifetime_ms, Date.parse(payment.expires_at)));
    // What is not good for long enough to be handed out again would only make the payment's item larger.
    const kept = lifetime_ms > HAND_OUT_MARGIN_MS ? page : null;
    return { outcome: 'created', page, handed_out: { page: kept, id: null, good_until } };
  } catch (error) {
    if (error instanceof ProviderCallError && over.has(error.code)) return { outcome: 'over' };
    throw error;
  }
}

/** Of the phone's page alone: it takes the address to come back to with its own (docs: "H5调起支付"). */
const withReturn = (page: string, { scene, return_url }: PaymentRequest): string =>
  scene === 'mobile' && return_url !== null ? `${page}&redirect_url=${encodeURIComponent(return_url)}` : page;

/** As the official clients write a time: RFC 3339, and no part of a second. */
const toTheSecond = (time: string): string => time.replace(/\.\d+/, '');

/** `time_expire` cannot change after the first call. */
function paymentFields(config: WechatConfig, notify_url: string, payment: PaymentRequest) {
  const { payment_no, amount, description, expires_at, openid, payer_client_ip, scene } = payment;
  if (scene === 'jsapi' && openid === null) throw new Error('a payment in a mini-program needs its payer');
  if (scene === 'mobile' && payer_client_ip === null)
    throw new Error('a payment by phone needs its payer’s address');
  return {
    appid: appidOf(config, payment),
    mchid: config.mchid,
    description,
    out_trade_no: payment_no,
    time_expire: toTheSecond(expires_at),
    notify_url,
    amount: { total: amount, currency: 'CNY' },
    ...(scene === 'jsapi' && { payer: { openid } }),
    ...(scene === 'mobile' && { scene_info: { payer_client_ip, h5_info: { type: 'Wap' } } }),
  };
}

/** What a mini-program hands to `wx.requestPayment`, with the app's id. */
export type JsapiParameters = {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
};

/** Fresh parameters for a prepay_id; `signType` is no part of what is signed (docs: products/jsapi-payment). */
export function jsapiParameters(
  { appid, privateKey }: Pick<WechatConfig, 'privateKey'> & { readonly appid: string },
  io: Pick<Io, 'now' | 'randomBytes'>,
  prepayId: string,
): JsapiParameters {
  const timeStamp = String(Math.floor(io.now() / 1000));
  const nonceStr = io.randomBytes(16).toString('hex');
  const prepay = `prepay_id=${prepayId}`;
  const paySign = signLines({ privateKey }, [appid, timeStamp, nonceStr, prepay]);
  return { appId: appid, timeStamp, nonceStr, package: prepay, signType: 'RSA', paySign };
}

/**
 * What became of a payment (docs: "商户订单号查询订单"). Its merchant, amount and currency are given as they are
 * said; settlement compares them.
 * @throws ProviderCallError
 */
async function queryPayment(
  config: WechatConfig,
  io: Io,
  { payment_no }: Pick<PaymentReference, 'payment_no'>,
): Promise<PaymentAnswer> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(payment_no)}?mchid=${config.mchid}`;
  const request: WechatRequest = { method: 'GET', path };
  const transaction = await lookUp(config, io, request);
  if (!transaction) return { state: 'absent' };
  if (transaction.out_trade_no !== payment_no) throw unusableAnswer(request, 'out_trade_no');
  if (openTradeStates.has(transaction.trade_state)) return { state: 'open' };
  return { state: 'decided', event: readAnswer(request, () => readTransactionEvent(transaction)) };
}

/** The refusals that say how the payment is, in the spellings of the documents' versions. */
const refusals: ReadonlyMap<string | null, CloseAnswer> = new Map([
  ['ORDER_CLOSED', 'closed'],
  ['ORDERCLOSED', 'closed'],
  ['ORDER_NOT_EXIST', 'absent'],
  ['ORDERNOTEXIST', 'absent'],
  ['ORDER_PAID', 'not_closed'],
  ['ORDERPAID', 'not_closed'],
  ['USER_PAYING', 'not_closed'],
  ['USERPAYING', 'not_closed'],
]);

/** The documents' present version has no other words for a payment that was made, and they mean much else besides. */
const generalRefusals: ReadonlySet<string | null> = new Set(['TRADE_ERROR', 'INVALID_REQUEST']);

/**
 * Closes a payment, so that it can no longer be made (docs: "关闭订单"). WeChat Pay says that it has closed what it does not
 * hold, too (developers.weixin.qq.com/community/pay/doc/00048a1efdc23011142d839d351800), which may still arrive there: of a
 * payment that was not handed out, it is asked first.
 * @throws ProviderCallError
 */
async function closePayment(
  config: WechatConfig,
  io: Io,
  { payment_no, handed_out }: Pick<PaymentReference, 'payment_no' | 'handed_out'>,
): Promise<CloseAnswer> {
  if (handed_out === null) {
    const { state } = await queryPayment(config, io, { payment_no });
    if (state === 'absent') return state;
  }
  const request: WechatRequest = {
    method: 'POST',
    path: `/v3/pay/transactions/out-trade-no/${encodeURIComponent(payment_no)}/close`,
    body: { mchid: config.mchid },
  };
  try {
    if ((await requestWechat(config, io, request)) !== null) throw unusableAnswer(request, 'status');
    return 'closed';
  } catch (error) {
    if (!(error instanceof ProviderCallError)) throw error;
    const answer = refusals.get(error.code);
    if (answer) return answer;
    const isDecided =
      generalRefusals.has(error.code) && (await queryPayment(config, io, { payment_no })).state === 'decided';
    if (isDecided) return 'not_closed';
    throw error;
  }
}
