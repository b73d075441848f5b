import { hasAppSecret, type WechatConfig } from '../../config/wechat.ts';
import { type Io, isoTime, unansweredReason } from '../../io.ts';
import { isJsonObject, parseJsonObject } from '../../json.ts';
import type { LogisticsType } from '../../orders/kinds.ts';
import type { PaymentReference, ShippingAnswer } from '../../orders/provider-gateway.ts';
import type { Parcel, Shipment, Shipping } from '../../orders/shipping.ts';
import { ProviderCallError, readBoundedBody } from '../call.ts';
import { lookUp, unusableAnswer, type WechatRequest } from './request.ts';

/** What the API of mini-programs calls the ways of delivery (docs: "发货信息录入接口", `logistics_type`). */
const logisticsTypes: Readonly<Record<LogisticsType, number>> = {
  courier: 1,
  city: 2,
  virtual: 3,
  pickup: 4,
};

/*
 * docs: "发货信息录入" (developers.weixin.qq.com, api_uploadshippinginfo), 错误码. What stands in none of these sets may
 * pass, and is told again: above all 10060001, since a payment comes to this API up to a minute after it was made (so its
 * staff, in the answers on community/develop/doc/00022457990e5069d6712332766c00); -1, 10060012 and 10060019, it is busy.
 */

/** It was taken now, or it is what is known already. */
const toldCodes: ReadonlySet<number> = new Set([0, 10060023]);

/** The order is known to be sent, and that is not changed any more. */
const sentBeforeCodes: ReadonlySet<number> = new Set([10060002, 10060003]);

/** What a repeat does not mend. 47001: the request is of no form that it takes. */
const refusedCodes: ReadonlySet<number> = new Set([
  ...[10060004, 10060005, 10060006, 10060007, 10060008, 10060009, 10060014, 10060020],
  ...[10060024, 10060025, 10060026, 10060031, 47001],
  ...[268485194, 268485195, 268485196, 268485197, 268485216, 268485224, 268485226, 268485227, 268485228],
]);

/** The token is wrong, or its time is over. */
const tokenCodes: ReadonlySet<number> = new Set([40001, 40014, 42001]);

type Call = (payment: PaymentReference, shipping: Shipping) => Promise<ShippingAnswer>;

/**
 * Tells WeChat that what was paid for in a mini-program was sent, which frees its money (docs: "小程序发货信息管理服务").
 * The payer's openid is read from WeChat Pay's own answer, and not kept; tokens are kept as long as they are good.
 */
export function createShippingReport(config: WechatConfig, io: Io): Call {
  const tokenOf = createTokens(config, io);
  return async (payment, shipping) => {
    const appid = payment.appid ?? config.appids[0];
    if (!hasAppSecret(config, appid)) return { state: 'unsupported' };
    const body = {
      order_key: { order_number_type: 1, mchid: config.mchid, out_trade_no: payment.payment_no },
      ...deliveryOf(shipping),
      // Of two requests WeChat goes by the later one: the same again is the same, and a correction comes after.
      upload_time: beijingTime(Date.parse(shipping.requested_at)),
      payer: { openid: await readOpenid(config, io, payment) },
    };
    const errcode = await withToken(tokenOf, appid, async (token) =>
      errcodeOf(UPLOAD, await post(config, io, UPLOAD, body, token)),
    );
    const wasSent = sentBeforeCodes.has(errcode);
    // Of an order of which nothing else was ever said here, somebody else has said it.
    if (toldCodes.has(errcode) || (wasSent && shipping.version === 1)) return { state: 'told' };
    if (wasSent || refusedCodes.has(errcode)) return { state: 'refused', code: String(errcode) };
    throw failure(UPLOAD, `errcode ${errcode}`);
  };
}

const UPLOAD = '/wxa/sec/order/upload_shipping_info';
const STABLE_TOKEN = '/cgi-bin/stable_token';

const TRADE_MANAGED = '/wxa/sec/order/is_trade_managed';

/**
 * Whether WeChat manages an app's trade: it keeps the money until it is told what was sent (docs:
 * "查询小程序是否已开通发货信息管理服务").
 * @throws ProviderCallError
 */
export async function isTradeManaged(config: WechatConfig, io: Io, appid: string): Promise<boolean> {
  const token = await createTokens(config, io)(appid, null);
  const answer = await post(config, io, TRADE_MANAGED, { appid }, token);
  const { is_trade_managed } = answer;
  if (typeof is_trade_managed === 'boolean') return is_trade_managed;
  throw failure(TRADE_MANAGED, `errcode ${errcodeOf(TRADE_MANAGED, answer)}`);
}

/** Several parcels are told of as one delivery in parts that is complete. */
function deliveryOf({ logistics_type, items, parcels }: Shipment) {
  const shipping_list =
    logistics_type === 'courier'
      ? parcels.map((parcel) => parcelFields(parcel, items))
      : [{ item_desc: items }];
  return {
    logistics_type: logisticsTypes[logistics_type],
    ...(shipping_list.length > 1 ? { delivery_mode: 2, is_all_delivered: true } : { delivery_mode: 1 }),
    shipping_list,
  };
}

const parcelFields = ({ express_company, tracking_no, contact }: Parcel, item_desc: string) => ({
  ...{ tracking_no, express_company, item_desc },
  ...(contact !== null && { contact: { receiver_contact: contact } }),
});

/** RFC 3339, as the documents' examples have it. */
const beijingTime = (now: number): string => isoTime(now + 8 * 3_600_000).replace('Z', '+08:00');

async function readOpenid(config: WechatConfig, io: Io, { payment_no }: PaymentReference): Promise<string> {
  const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(payment_no)}?mchid=${config.mchid}`;
  const request: WechatRequest = { method: 'GET', path };
  const { payer } = (await lookUp(config, io, request)) ?? {};
  const openid = isJsonObject(payer) ? payer['openid'] : undefined;
  if (typeof openid !== 'string' || openid === '') throw unusableAnswer(request, 'payer.openid');
  return openid;
}

interface Token {
  readonly text: string;
  readonly goodUntil: number;
}

/** Gives an app's token; given one that was refused, another. */
type TokenOf = (appid: string, refused: string | null) => Promise<string>;

/** A token is asked for anew so long before its time is over. */
const TOKEN_MARGIN_MS = 5 * 60_000;

function createTokens(config: WechatConfig, io: Io): TokenOf {
  const kept = new Map<string, Token>();
  const ask = async (appid: string, force_refresh: boolean): Promise<Token> => {
    const secret = config.appSecrets.get(appid);
    const fields = { grant_type: 'client_credential', appid, secret, force_refresh };
    const asked_at = io.now();
    const answer = await post(config, io, STABLE_TOKEN, fields, null);
    const { access_token: text, expires_in } = answer;
    if (typeof text !== 'string' || !/^[!-~]{1,1024}$/.test(text) || typeof expires_in !== 'number') {
      throw failure(STABLE_TOKEN, `errcode ${errcodeOf(STABLE_TOKEN, answer)}`);
    }
    const token = { text, goodUntil: asked_at + expires_in * 1_000 - TOKEN_MARGIN_MS };
    kept.set(appid, token);
    return token;
  };
  return async (appid, refused) => {
    const current = kept.get(appid);
    if (current && current.text !== refused && current.goodUntil > io.now()) return current.text;
    const next = await ask(appid, false);
    // WeChat gives the same again while it takes it for good.
    return next.text === refused ? (await ask(appid, true)).text : next.text;
  };
}

/** Once more with another token where the first is refused. */
async function withToken(
  tokenOf: TokenOf,
  appid: string,
  call: (token: string) => Promise<number>,
): Promise<number> {
  const token = await tokenOf(appid, null);
  const errcode = await call(token);
  return tokenCodes.has(errcode) ? call(await tokenOf(appid, token)) : errcode;
}

const TIMEOUT_MS = 5_000;
const MAXIMUM_ANSWER_SIZE = 64 * 1024;

/** Every answer of this API is 200 and says in `errcode` how it went. The token in the address reaches no error. */
async function post(
  { apiBaseUrl }: Pick<WechatConfig, 'apiBaseUrl'>,
  io: Pick<Io, 'fetch'>,
  path: string,
  fields: object,
  token: string | null,
): Promise<Readonly<Record<string, unknown>>> {
  const query = token === null ? '' : `?${new URLSearchParams({ access_token: token })}`;
  try {
    const response = await io.fetch(`${apiBaseUrl}${path}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'settle' },
      body: JSON.stringify(fields),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body = await readBoundedBody(response, MAXIMUM_ANSWER_SIZE);
    if (!body) throw failure(path, 'the answer is too large');
    if (response.status !== 200) throw failure(path, `HTTP ${response.status}`, response.status);
    return parseJsonObject(body);
  } catch (error) {
    if (error instanceof ProviderCallError) throw error;
    throw failure(path, unansweredReason(error));
  }
}

function errcodeOf(path: string, { errcode }: Readonly<Record<string, unknown>>): number {
  if (typeof errcode === 'number') return errcode;
  throw failure(path, 'the answer has no errcode');
}

const failure = (path: string, reason: string, status: number | null = null): ProviderCallError =>
  new ProviderCallError('wechat', status, `WeChat POST ${path}: ${reason}`);
