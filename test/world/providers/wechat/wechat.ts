import type { Surroundings } from '../../surroundings.ts';
import type { Post, Reply, WireAnswer, WireRequest } from '../../wire.ts';
import { drawDiscount, newTransaction, type Transaction, type Word } from '../books.ts';
import { type Habits, tellAbout } from '../telling.ts';
import {
  describeTrade,
  type Fields,
  isRefunded,
  isSameTrade,
  Refusal,
  readCreation,
  rfc3339,
  type Trade,
  type WechatMerchant,
} from './forms.ts';
import { createPlatform } from './platform.ts';
import { createRefunds } from './refunds.ts';

/** WeChat Pay APIv3, from its own documentation and the official SDKs (`wechatpay-go`, `wechatpay-java`). */

export const wechatHosts = ['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com'];

/** What a payer was handed out: a `prepay_id`, a `code_url` or an `h5_url`. */
export interface Handle {
  readonly trade: Trade;
  readonly made_at: number;
  readonly valid_until: number;
}

export interface Wechat {
  readonly handle: (request: WireRequest) => WireAnswer;
  /** The payer pays with what he was handed out. @returns why not, when WeChat refuses it */
  readonly pay: (handle: string, openid: string | null, address?: string) => string | null;
  /** The payer tries, and his bank refuses. */
  readonly fail: (handle: string) => boolean;
  readonly tradeOf: (handle: string) => Trade | undefined;
  readonly handleOf: (handle: string) => Handle | undefined;
  readonly trade: (mchid: string, number: string) => Trade | undefined;
  readonly trades: () => Trade[];
  /** Whether anybody can still pay this number. */
  readonly isPayable: (trade: Trade) => boolean;
  /** A payment that this merchant took under a number before, by us or by another program. */
  readonly tookBefore: (old: {
    mchid: string;
    number: string;
    total: number;
    at: number;
    origin: Transaction['origin'];
  }) => void;
  /** Signs with the next key from now on, which only `/v3/certificates` tells of. */
  readonly rotate: () => void;
  /** WeChat takes a second payment under a number that was paid: its own fault, told of by a message only. */
  readonly takeTwice: (trade: Trade) => void;
  /** The merchant's console, or WeChat itself, closes what could still be paid. */
  readonly closeEarly: (trade: Trade) => void;
  /** A message about this trade that says something else than the truth, signed all the same. */
  readonly misstate: (trade: Trade, field: Misstated) => void;
  /** Somebody gives some of a payment back in the merchant's console. */
  readonly giveBack: (transaction: Transaction, amount: number) => void;
}

export type Misstated = 'total' | 'currency' | 'appid' | 'mchid';

const PREPAY_LIVES_MS = 2 * 3_600_000;
const PAGE_LIVES_MS = 5 * 60_000;

const types = { jsapi: 'JSAPI', native: 'NATIVE', h5: 'MWEB' } as const;

/** The merchant may say with the phone's page where it leads back to (docs: "H5调起支付"). */
const withoutReturn = (handle: string): string => handle.replace(/&redirect_url=.*$/, '');
const retries = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];

export function createWechat(
  world: Surroundings,
  merchants: readonly WechatMerchant[],
  habits: Habits,
): Wechat {
  const { clock, random, faults, books, marks, keys, tell } = world;
  const trades = new Map<string, Trade>();
  const handles = new Map<string, Handle>();
  const { signed, encrypt, answer, authenticate, rotate, hasRotated } = createPlatform(world, merchants);

  const idOf = (mchid: string, number: string) => `${mchid} ${number}`;
  const find = (mchid: string, number: string) => {
    const trade = trades.get(idOf(mchid, number));
    if (
      trade &&
      clock.now() >= trade.expires_at &&
      (trade.state === 'NOTPAY' || trade.state === 'PAYERROR')
    ) {
      trade.state = 'CLOSED';
      mayTakeLate(trade);
    }
    return trade;
  };
  const demand = (mchid: string, number: string) => {
    const trade = find(mchid, number);
    if (!trade) throw new Refusal(404, 'ORDER_NOT_EXIST', '订单不存在');
    return trade;
  };

  // Creating ------------------------------------------------------------------------------------------------------

  const create = (merchant: WechatMerchant, type: Trade['trade_type'], request: Fields): unknown => {
    const wanted = readCreation(merchant, type, request, clock.now());
    const existing = find(merchant.mchid, wanted.number);
    if (existing) {
      if (existing.state === 'SUCCESS') throw new Refusal(400, 'ORDERPAID', '订单已支付');
      if (existing.state === 'CLOSED') throw new Refusal(400, 'ORDER_CLOSED', '订单已关闭');
      if (!isSameTrade(existing, wanted)) throw new Refusal(400, 'OUT_TRADE_NO_USED', '商户订单号重复');
      marks.take('wechat_prepay_again');
      if (existing.state === 'PAYERROR') existing.state = 'NOTPAY';
    }
    const trade = existing ?? wanted;
    trades.set(idOf(merchant.mchid, trade.number), trade);
    trade.payer_client_ip = wanted.payer_client_ip;
    const id = {
      JSAPI: `wx${random.digits(32)}`,
      NATIVE: `weixin://wxpay/bizpayurl?pr=${random.text(9)}`,
      MWEB: `https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx${random.digits(32)}&package=${random.digits(10)}`,
    }[type];
    const made_at = clock.now();
    const lives_ms = type === 'MWEB' ? PAGE_LIVES_MS : PREPAY_LIVES_MS;
    handles.set(id, { trade, made_at, valid_until: made_at + lives_ms });
    return { [{ JSAPI: 'prepay_id', NATIVE: 'code_url', MWEB: 'h5_url' }[type]]: id };
  };

  // Asking, closing -----------------------------------------------------------------------------------------------

  const query = (merchant: WechatMerchant, number: string): unknown => {
    const trade = demand(merchant.mchid, number);
    if (faults.happens('provider_other_order')) {
      const other = [...trades.values()].find(
        (candidate) => candidate !== trade && candidate.merchant === merchant,
      );
      if (other) return describeTrade(other, other.transactions[0]);
    }
    const [first] = trade.transactions;
    for (const word of first ? [wordOf(first)] : []) word.isSent = true;
    return describeTrade(trade, first);
  };
  /** Of a number that is not there WeChat says the same as of one that it closes. */
  const close = (merchant: WechatMerchant, number: string): null => {
    const trade = find(merchant.mchid, number);
    if (!trade) return null;
    if (trade.state === 'SUCCESS')
      throw trade.total % 2 === 0
        ? new Refusal(400, 'ORDERPAID', '订单已支付')
        : new Refusal(403, 'TRADE_ERROR', '交易错误');
    if (trade.state === 'CLOSED' && random.chance(0.2)) throw new Refusal(400, 'ORDER_CLOSED', '订单已关闭');
    const wasOpen = trade.state !== 'CLOSED';
    trade.state = 'CLOSED';
    tell(`WeChat closes ${number}`);
    if (wasOpen) mayTakeLate(trade);
    return null;
  };
  const mayTakeLate = (trade: Trade) => {
    const isHandedOut = [...handles.values()].some((handle) => handle.trade === trade);
    if (isHandedOut && random.chance(habits.takesLate))
      clock.after(random.between(1, 4_000), () => takeLate(trade));
  };
  /** The payer was entering his password while the number was closed. Whoever closed it is told that it is closed. */
  const takeLate = (trade: Trade) => {
    if (trade.state !== 'CLOSED') return;
    trade.state = 'SUCCESS';
    const transaction = take(trade);
    marks.take('paid_after_its_close');
    tell(`WeChat takes ${trade.number} after it was closed: ${transaction.id}`);
    tellOfTrade(trade, transaction, { ...habits, forgets: 0 });
  };

  // Paying and telling --------------------------------------------------------------------------------------------

  const take = (trade: Trade): Transaction => {
    const transaction = newTransaction({
      provider: 'wechat',
      merchant: trade.merchant.mchid,
      number: trade.number,
      id: `42000${random.digits(23)}`,
      amount: trade.total,
      currency: 'CNY',
      taken_at: clock.now(),
      discount: drawDiscount(world, trade.total),
      origin: 'ours',
    });
    books.transactions.push(transaction);
    trade.transactions.push(transaction);
    return transaction;
  };
  const tellOfTrade = (trade: Trade, transaction: Transaction, how: Habits = habits) =>
    notify(
      trade.merchant,
      trade.notify_url,
      'TRANSACTION.SUCCESS',
      'transaction',
      () => describeTrade(trade, transaction),
      () => [wordOf(transaction)],
      how,
    );
  const notify = (
    merchant: WechatMerchant,
    notify_url: string,
    event_type: string,
    original_type: string,
    /** As it is when it is sent. */
    describe: () => object,
    says: () => readonly Word[] = () => [],
    how: Habits = habits,
  ) => {
    const id = `EV-${random.digits(18)}`;
    const created = clock.now();
    const compose = (attempt: number): Post => {
      const body = JSON.stringify({
        id,
        create_time: rfc3339(created),
        resource_type: 'encrypt-resource',
        event_type,
        summary: '支付通知',
        resource: { original_type, ...encrypt(merchant, original_type, JSON.stringify(describe())) },
      }).replaceAll('/', '\\/');
      const headers: Record<string, string> = {
        'content-type': 'application/json',
        'user-agent': 'Mozilla/4.0',
        ...signed(body),
      };
      if (attempt === 0 && random.chance(0.03)) {
        marks.take('signature_probe');
        headers['wechatpay-signature'] = `WECHATPAY/SIGNTEST/${headers['wechatpay-signature'] ?? ''}`;
      }
      return { path: new URL(notify_url).pathname, headers, body };
    };
    tellAbout(world, how, {
      name: `WeChat ${event_type} of ${resourceName(describe())}`,
      compose,
      isAccepted,
      retries,
      says,
    });
  };

  const { refund, queryRefund, repair, giveBack } = createRefunds(world, {
    notify: (merchant, notify_url, event_type, original_type, resource, words) =>
      notify(
        merchant,
        notify_url,
        event_type,
        original_type,
        () => resource,
        () => words,
      ),
  });

  const route = (request: WireRequest): { status: number; value: unknown } => {
    const { method, url, body } = request;
    const merchant = authenticate(request);
    const parsed = body === '' ? {} : (JSON.parse(body) as Fields);
    const path = url.pathname;
    const note = (
      verb: 'create' | 'query' | 'close' | 'refund' | 'query_refund' | 'repair',
      number: string,
      work: () => unknown,
      status = 200,
    ) => {
      try {
        const value = work();
        books.asked.push({
          time: clock.now(),
          provider: 'wechat',
          merchant: merchant.mchid,
          verb,
          number,
          status,
        });
        return { status, value };
      } catch (error) {
        const refused = error instanceof Refusal ? error.status : 500;
        books.asked.push({
          time: clock.now(),
          provider: 'wechat',
          merchant: merchant.mchid,
          verb,
          number,
          status: refused,
        });
        if (error instanceof Refusal)
          tell(`WeChat refuses to ${verb} ${number}: ${error.code} ${error.message}`);
        throw error;
      }
    };
    const creation = /^\/v3\/pay\/transactions\/(jsapi|native|h5)$/.exec(path);
    if (method === 'POST' && creation) {
      const type = types[creation[1] as keyof typeof types];
      return note('create', String(parsed['out_trade_no']), () => create(merchant, type, parsed));
    }
    const trade = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(path);
    const number = decodeURIComponent(trade?.[1] ?? '');
    if (method === 'GET' && trade && !trade[2]) {
      if (url.searchParams.get('mchid') !== merchant.mchid) throw new Refusal(400, 'PARAM_ERROR', 'mchid');
      return note('query', number, () => query(merchant, number));
    }
    if (method === 'POST' && trade?.[2]) {
      if (parsed['mchid'] !== merchant.mchid) throw new Refusal(400, 'PARAM_ERROR', 'mchid');
      return note('close', number, () => close(merchant, number), 204);
    }
    if (method === 'POST' && path === '/v3/refund/domestic/refunds') {
      return note('refund', String(parsed['out_refund_no']), () => refund(merchant, parsed));
    }
    const abnormal = /^\/v3\/refund\/domestic\/refunds\/([^/]+)\/apply-abnormal-refund$/.exec(path)?.[1];
    if (method === 'POST' && abnormal) {
      const refund_id = decodeURIComponent(abnormal);
      return note('repair', String(parsed['out_refund_no']), () => repair(merchant, refund_id, parsed));
    }
    const asked = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path)?.[1];
    if (method === 'GET' && asked) {
      const refund_no = decodeURIComponent(asked);
      return note('query_refund', refund_no, () => queryRefund(merchant, refund_no));
    }
    if (method === 'GET' && path === '/v3/certificates') {
      if (!hasRotated() && random.chance(0.5)) throw new Refusal(404, 'NOT_FOUND', '无可用的平台证书');
      const { serial, certificate } = keys.wechatNext;
      const encrypt_certificate = encrypt(merchant, 'certificate', certificate);
      return {
        status: 200,
        value: {
          data: [
            {
              serial_no: serial,
              effective_time: rfc3339(Date.UTC(2024, 0)),
              expire_time: rfc3339(Date.UTC(2034, 0)),
              encrypt_certificate,
            },
          ],
        },
      };
    }
    throw new Refusal(404, 'NOT_FOUND', '接口不存在');
  };

  const handleOf = (id: string) => handles.get(withoutReturn(id));
  const payable = ({ trade, valid_until }: Handle) =>
    clock.now() < valid_until &&
    find(trade.merchant.mchid, trade.number) === trade &&
    (trade.state === 'NOTPAY' || trade.state === 'PAYERROR');

  return {
    handle(request) {
      try {
        const { status, value } = route(request);
        return answer(status, value);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { status, code, message } = error;
        return answer(status, { code, message });
      }
    },
    pay(id, openid, address) {
      const handle = handleOf(id);
      if (!handle) return 'unknown';
      const { trade } = handle;
      if (trade.payer_client_ip !== null && trade.payer_client_ip !== address) {
        marks.take('page_opened_from_elsewhere');
        return 'another address';
      }
      if (trade.trade_type === 'MWEB' && clock.now() >= handle.valid_until) marks.take('h5_page_of_before');
      if (trade.openid !== null && trade.openid !== openid) return 'another payer';
      if (!payable(handle)) return trade.state;
      trade.state = 'SUCCESS';
      const transaction = take(trade);
      tell(`the payer pays ${trade.number} at WeChat: ${trade.total} by ${transaction.id}`);
      tellOfTrade(trade, transaction);
      return null;
    },
    fail(id) {
      const handle = handleOf(id);
      if (!handle || !payable(handle)) return false;
      handle.trade.state = 'PAYERROR';
      marks.take('payment_fails');
      tell(`the payer's bank refuses ${handle.trade.number}`);
      return true;
    },
    tradeOf: (id) => handleOf(id)?.trade,
    handleOf,
    trade: find,
    trades: () => [...trades.values()],
    isPayable: (trade) => [...handles.values()].some((handle) => handle.trade === trade && payable(handle)),
    tookBefore({ mchid, number, total, at, origin }) {
      const merchant = merchants.find((each) => each.mchid === mchid);
      if (!merchant) throw new Error(`no merchant ${mchid}`);
      const transaction = newTransaction({
        provider: 'wechat',
        merchant: mchid,
        number,
        id: `40000${random.digits(23)}`,
        amount: total,
        currency: 'CNY',
        taken_at: at,
        origin,
      });
      books.transactions.push(transaction);
      trades.set(idOf(mchid, number), {
        merchant,
        number,
        appid: merchant.appids[0] ?? '',
        description: 'from before',
        total,
        openid: 'o-from-before',
        payer_client_ip: null,
        trade_type: 'JSAPI',
        notify_url: 'https://elsewhere.example/notify',
        expires_at: at + PREPAY_LIVES_MS,
        time_expire: null,
        state: 'SUCCESS',
        transactions: [transaction],
      });
    },
    rotate,
    takeTwice(trade) {
      const transaction = take(trade);
      marks.take('taken_twice');
      tell(`WeChat takes ${trade.number} twice: ${transaction.id}`);
      // When asked it names the first: nothing but the message, or the bill, tells of the second.
      for (const each of trade.transactions) tellOfTrade(trade, each, { ...habits, forgets: 0 });
    },
    closeEarly(trade) {
      if (trade.state !== 'NOTPAY' && trade.state !== 'PAYERROR') return;
      trade.state = 'CLOSED';
      marks.take('closed_early');
      tell(`WeChat closes ${trade.number} by itself`);
    },
    misstate(trade, field) {
      const [transaction] = trade.transactions;
      if (!transaction) return;
      marks.take('message_misstated');
      tell(`WeChat misstates the ${field} of ${trade.number}`);
      const resource = misstated(describeTrade(trade, transaction) as Fields, field);
      const how = { ...habits, forgets: 0 };
      notify(
        trade.merchant,
        trade.notify_url,
        'TRANSACTION.SUCCESS',
        'transaction',
        () => resource,
        () => [],
        how,
      );
    },
    giveBack(transaction, amount) {
      const merchant = merchants.find(({ mchid }) => mchid === transaction.merchant);
      if (!merchant) throw new Error(`no merchant ${transaction.merchant}`);
      giveBack(merchant, transaction, amount);
    },
  };
}

/** Whether a payment is said to be whole or not. */
const wordOf = (transaction: Transaction) => (isRefunded(transaction) ? transaction.less : transaction.whole);

const isAccepted = (reply: Reply) =>
  reply !== null &&
  (reply.status === 204 ||
    (reply.status === 200 && (JSON.parse(reply.body) as Fields)['code'] === 'SUCCESS'));

const resourceName = (resource: object) => {
  const { out_refund_no, out_trade_no } = resource as Fields;
  return String(out_refund_no ?? out_trade_no);
};

function misstated(resource: Fields, field: Misstated): Fields {
  const amount = resource['amount'] as Fields;
  if (field === 'total') return { ...resource, amount: { ...amount, total: Number(amount['total']) + 1 } };
  if (field === 'currency') return { ...resource, amount: { ...amount, currency: 'HKD' } };
  if (field === 'appid') return { ...resource, appid: 'wxffffffffffffffff' };
  return { ...resource, mchid: '1999999999' };
}
