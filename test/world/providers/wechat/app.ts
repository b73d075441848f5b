import type { Surroundings } from '../../surroundings.ts';
import { json, type WireAnswer, type WireRequest } from '../../wire.ts';
import { refundedOf, type Transaction } from '../books.ts';
import { payerOf, type Trade } from './forms.ts';

/**
 * WeChat's API of mini-programs, which keeps the money of a managed one until it is told what was sent (docs:
 * "获取稳定版接口调用凭据", "发货信息录入接口"). It answers 200, and says in `errcode` how it went.
 */

export const wechatAppHosts = ['api.weixin.qq.com'];

/** One request that was taken. */
export interface Upload {
  /** What it says but for its time. */
  readonly content: string;
  readonly upload_time: number;
  readonly at: number;
}

/** What was told of a payment. */
export interface Sent {
  readonly number: string;
  readonly mchid: string;
  /** What was sent, and one correction. */
  readonly taken: Upload[];
  /** How often it was told once more, as if it were new, of what it knew. */
  needless: number;
}

export interface WechatApp {
  readonly handle: (request: WireRequest) => WireAnswer;
  readonly sent: () => readonly Sent[];
  /** Every token that was ever given. */
  readonly tokens: () => readonly string[];
  /** Nothing can be told for so long. */
  readonly breakDown: (duration_ms: number) => void;
  /** What it was answered to, of what it does not take. */
  readonly refused: () => ReadonlySet<number>;
}

type Fields = Readonly<Record<string, unknown>>;

interface Token {
  readonly text: string;
  readonly appid: string;
  readonly good_until: number;
}

class Refusal extends Error {
  readonly errcode: number;
  constructor(errcode: number, message: string) {
    super(message);
    this.errcode = errcode;
  }
}

const TOKEN_LIVES_MS = 7_200_000;
/** So long after a payment was made this API may not know it yet. */
const LONGEST_LAG_MS = 60_000;
const MOST_TAKEN = 2;

export interface WechatAppParts {
  readonly secrets: ReadonlyMap<string, string>;
  readonly trade: (mchid: string, number: string) => Trade | undefined;
}

export function createWechatApp(
  { clock, random, faults, marks, tell }: Surroundings,
  { secrets, trade }: WechatAppParts,
): WechatApp {
  const sent = new Map<string, Sent>();
  const current = new Map<string, Token>();
  const given: Token[] = [];
  const refused = new Set<number>();
  let downUntil = 0;

  const stableToken = ({ grant_type, appid, secret, force_refresh }: Fields): object => {
    if (grant_type !== 'client_credential') throw new Refusal(40002, 'invalid grant_type');
    if (!secrets.has(String(appid))) throw new Refusal(40013, 'invalid appid');
    if (secrets.get(String(appid)) !== secret) throw new Refusal(40125, 'invalid appsecret');
    const kept = current.get(String(appid));
    if (kept && kept.good_until > clock.now() && force_refresh !== true)
      return { access_token: kept.text, expires_in: Math.floor((kept.good_until - clock.now()) / 1_000) };
    const token = {
      text: `87_${random.text(60)}`,
      appid: String(appid),
      good_until: clock.now() + TOKEN_LIVES_MS,
    };
    current.set(token.appid, token);
    given.push(token);
    return { access_token: token.text, expires_in: TOKEN_LIVES_MS / 1_000 };
  };

  const renew = (appid: string) =>
    stableToken({ grant_type: 'client_credential', appid, secret: secrets.get(appid), force_refresh: true });

  const authenticate = (text: string | null): string => {
    const token = given.find((each) => each.text === text);
    if (!token) throw new Refusal(40001, 'invalid credential, access_token is invalid or not latest');
    if (faults.happens('wechat_app_forgets_token')) renew(token.appid);
    const isCurrent = current.get(token.appid) === token;
    if (isCurrent && token.good_until > clock.now()) return token.appid;
    marks.take('token_refused');
    throw isCurrent || token.good_until <= clock.now()
      ? new Refusal(42001, 'access_token expired')
      : new Refusal(40001, 'invalid credential, access_token is invalid or not latest');
  };

  const upload = (appid: string, request: Fields): void => {
    const { paid, known, ...wanted } = readUpload(appid, request);
    const last = known.taken.at(-1);
    if (last && (last.content === wanted.content || last.upload_time >= wanted.upload_time)) {
      if (last.content === wanted.content && last.upload_time !== wanted.upload_time) known.needless += 1;
      marks.take('told_what_is_known');
      throw new Refusal(10060023, '发货信息未更新');
    }
    if (refundedOf(paid) >= paid.amount) throw new Refusal(10060004, '支付单处于不可发货的状态');
    if (known.taken.length === MOST_TAKEN) throw new Refusal(10060003, '支付单已使用重新发货机会');
    known.taken.push({ ...wanted, at: clock.now() });
    sent.set(`${known.mchid} ${known.number}`, known);
    marks.take(known.taken.length === 1 ? 'shipping_told' : 'shipping_corrected');
    tell(`WeChat is told that ${known.number} was sent`);
  };

  const readUpload = (appid: string, request: Fields) => {
    const { order_number_type, mchid, out_trade_no } = objectIn(request, 'order_key');
    if (order_number_type !== 1) throw new Refusal(268485194, 'order_number_type');
    if (typeof mchid !== 'string') throw new Refusal(268485196, 'mchid');
    if (typeof out_trade_no !== 'string') throw new Refusal(268485197, 'out_trade_no');
    const content = readDelivery(request);
    const upload_time = readTime(request['upload_time']);
    const found = trade(mchid, out_trade_no);
    const paid = found?.transactions.find(({ origin }) => origin === 'ours');
    if (!found || !paid || found.appid !== appid || !isHere(paid)) {
      marks.take('sent_before_it_is_known');
      throw new Refusal(10060001, '支付单不存在');
    }
    if (objectIn(request, 'payer')['openid'] !== payerOf(found))
      throw new Refusal(10060031, '该笔支付单不属于 openid 所指定的用户');
    const known = sent.get(`${mchid} ${out_trade_no}`) ?? {
      number: out_trade_no,
      mchid,
      taken: [],
      needless: 0,
    };
    return { paid, known, content, upload_time };
  };
  /** Each payment comes here a while after it was made. */
  const isHere = ({ taken_at, id }: Transaction) =>
    clock.now() - taken_at >= (Number(id.slice(-3)) / 999) * LONGEST_LAG_MS;

  const answer = (request: WireRequest): object => {
    if (clock.now() < downUntil || faults.happens('wechat_app_busy')) {
      marks.take('shipping_not_taken_now');
      throw new Refusal(random.pick([-1, 10060012, 10060019]), 'system error');
    }
    const body = JSON.parse(request.body) as Fields;
    if (request.method !== 'POST') throw new Refusal(43002, 'require POST method');
    if (request.url.pathname === '/cgi-bin/stable_token') return stableToken(body);
    const appid = authenticate(request.url.searchParams.get('access_token'));
    if (request.url.pathname !== '/wxa/sec/order/upload_shipping_info')
      throw new Refusal(48001, 'api unauthorized');
    upload(appid, body);
    return { errcode: 0, errmsg: 'ok' };
  };

  return {
    handle(request) {
      if (clock.now() < downUntil && random.chance(0.5))
        return { status: 502, headers: {}, body: 'bad gateway' };
      try {
        return json(200, answer(request));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.add(error.errcode);
        return json(200, { errcode: error.errcode, errmsg: error.message });
      }
    },
    sent: () => [...sent.values()],
    refused: () => refused,
    tokens: () => given.map(({ text }) => text),
    breakDown(duration_ms) {
      marks.take('shipping_down_for_an_hour');
      tell('WeChat takes no word of what was sent for a while');
      downUntil = clock.now() + duration_ms;
    },
  };
}

/** What is sent how, but for its time. @throws Refusal */
function readDelivery({ logistics_type, delivery_mode, is_all_delivered, shipping_list }: Fields): string {
  if (![1, 2, 3, 4].includes(Number(logistics_type))) throw new Refusal(10060005, '物流类型有误');
  const parts = Array.isArray(shipping_list) ? (shipping_list as Fields[]) : [];
  if (parts.length === 0 || parts.length > 15) throw new Refusal(10060024, '物流信息列表太长');
  if (delivery_mode !== 1 && delivery_mode !== 2) throw new Refusal(268485224, '发货模式非法');
  if (delivery_mode === 2 && logistics_type !== 1) throw new Refusal(10060006, '非快递发货时不允许分拆发货');
  if (delivery_mode === 2 && typeof is_all_delivered !== 'boolean')
    throw new Refusal(10060007, 'is_all_delivered');
  if (delivery_mode === 1 && parts.length > 1) throw new Refusal(10060014, '统一发货模式下只能有一个物流单');
  for (const { item_desc, tracking_no, express_company, contact } of parts) {
    if (typeof item_desc !== 'string' || item_desc === '') throw new Refusal(10060008, 'item_desc');
    if ([...item_desc].length > 120) throw new Refusal(10060009, 'item_desc');
    if (logistics_type !== 1) continue;
    if (typeof express_company !== 'string' || express_company === '')
      throw new Refusal(268485226, 'express_company');
    if (typeof tracking_no !== 'string' || tracking_no === '') throw new Refusal(268485227, 'tracking_no');
    const number = (contact as Fields | undefined)?.['receiver_contact'];
    if (express_company === 'SF' && typeof number !== 'string') throw new Refusal(268485228, 'contact');
    if (number !== undefined && !/\*.*\d{4}$/.test(String(number)))
      throw new Refusal(10060014, 'receiver_contact');
  }
  return JSON.stringify([logistics_type, shipping_list]);
}

function readTime(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+08:00$/.test(value))
    throw new Refusal(268485216, '上传时间非法，请按照 RFC 3339 格式填写');
  return Date.parse(value);
}

function objectIn(fields: Fields, name: string): Fields {
  const value = fields[name];
  if (typeof value !== 'object' || value === null) throw new Refusal(47001, `data format error: ${name}`);
  return value as Fields;
}
