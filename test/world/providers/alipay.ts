import { verify } from 'node:crypto';
import { rsaSign } from '../keys.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Post, Reply, WireAnswer, WireRequest } from '../wire.ts';
import {
  drawDiscount,
  leftOf,
  newRefund,
  newTransaction,
  type Refund,
  refundedOf,
  type Transaction,
  type Word,
} from './books.ts';
import { type Habits, tellAbout } from './telling.ts';

/** Alipay's open platform, from its own documentation and `alipay-sdk`. */

export const alipayHosts = ['openapi.alipay.com'];

export interface AlipayMerchant {
  readonly app_id: string;
  readonly seller_id: string;
  /** Which of Alipay's keys signs what it is told. */
  readonly key: number;
}

export const alipayMerchantName = ({ app_id, seller_id }: Pick<AlipayMerchant, 'app_id' | 'seller_id'>) =>
  `${app_id}.${seller_id}`;

export interface AlipayTrade {
  readonly merchant: AlipayMerchant;
  readonly number: string;
  /** By which of Alipay's pages it was opened. */
  readonly scene: 'desktop' | 'mobile';
  readonly trade_no: string;
  readonly subject: string;
  readonly total: number;
  readonly notify_url: string;
  readonly created_at: number;
  readonly expires_at: number;
  state: 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED' | 'TRADE_FINISHED';
  transaction: Transaction | null;
}

export interface Alipay {
  readonly handle: (request: WireRequest) => WireAnswer;
  /** The payer follows the signed address. @returns the trade that it opens, or why Alipay refuses it */
  readonly open: (pay_url: string) => AlipayTrade | string;
  readonly pay: (trade: AlipayTrade) => string | null;
  readonly trades: () => AlipayTrade[];
  readonly isPayable: (trade: AlipayTrade) => boolean;
  /** For which device a page is; null of none of Alipay's. */
  readonly sceneOf: (pay_url: string) => 'desktop' | 'mobile' | null;
  /** Whether a page that was handed out would still open something that can be paid. */
  readonly opens: (pay_url: string) => boolean;
  /** Alipay closes what could still be paid, and tells. */
  readonly closeEarly: (trade: AlipayTrade) => void;
  readonly misstate: (trade: AlipayTrade, field: AlipayMisstated) => void;
  /** Somebody gives some of a payment back in Alipay's console. Nothing that is finished. */
  readonly giveBack: (transaction: Transaction, amount: number) => void;
}

export type AlipayMisstated = 'total_amount' | 'seller_id' | 'app_id';

const retries = [240, 600, 600, 3600, 7200, 21600, 54000];
/** A trade that was opened without a time of its own. */
const DEFAULT_EXPIRY_MS = 15 * 86_400_000;
const BEIJING_MS = 8 * 3_600_000;

class Refusal extends Error {
  readonly code: string;
  readonly sub_code: string;
  constructor(sub_code: string, code = '40004') {
    super(sub_code);
    this.sub_code = sub_code;
    this.code = code;
  }
}

type Fields = Readonly<Record<string, string>>;

/** alipay.trade.page.pay and alipay.trade.wap.pay */
const pageMethods: Readonly<
  Record<string, { readonly product_code: string; readonly scene: AlipayTrade['scene'] }>
> = {
  'alipay.trade.page.pay': { product_code: 'FAST_INSTANT_TRADE_PAY', scene: 'desktop' },
  'alipay.trade.wap.pay': { product_code: 'QUICK_WAP_WAY', scene: 'mobile' },
};

export function createAlipay(
  world: Surroundings,
  merchants: readonly AlipayMerchant[],
  habits: Habits,
): Alipay {
  const { clock, random, faults, books, marks, keys, tell } = world;
  const trades = new Map<string, AlipayTrade>();
  /** By the key of the merchant's app; of nobody's, by the first. */
  const signFor = (app_id: string | undefined, text: string): string => {
    const index = merchants.find((merchant) => merchant.app_id === app_id)?.key ?? 0;
    const pair = keys.alipayPlatforms[index];
    if (!pair) throw new Error(`no key ${index} of Alipay`);
    return rsaSign(pair.privateKey, text, `alipay ${index}`);
  };

  const idOf = ({ app_id }: AlipayMerchant, number: string) => `${app_id} ${number}`;
  const find = (merchant: AlipayMerchant, number: string) => {
    const trade = trades.get(idOf(merchant, number));
    if (trade?.state === 'WAIT_BUYER_PAY' && clock.now() >= trade.expires_at) {
      trade.state = 'TRADE_CLOSED';
      notify(trade, {});
    }
    return trade;
  };

  /** Who asks, by the signature over all parameters. */
  const authenticate = (parameters: Fields): AlipayMerchant => {
    const { sign = '', ...rest } = parameters;
    const merchant = merchants.find(({ app_id }) => app_id === rest['app_id']);
    if (!merchant) throw new Refusal('isv.invalid-app-id', '40002');
    if (rest['sign_type'] !== 'RSA2' || rest['version'] !== '1.0')
      throw new Refusal('isv.invalid-signature-type', '40002');
    const isGood = verify(
      'sha256',
      Buffer.from(signedText(rest)),
      keys.alipayMerchant.publicKey,
      Buffer.from(sign, 'base64'),
    );
    if (!isGood) throw new Refusal('isv.invalid-signature', '40002');
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(rest['timestamp'] ?? ''))
      throw new Refusal('isv.invalid-timestamp', '40002');
    return merchant;
  };

  // The page ------------------------------------------------------------------------------------------------------

  const readPage = (pay_url: string) => {
    const url = new URL(pay_url);
    if (!alipayHosts.includes(url.host)) throw new Refusal('not Alipay');
    const parameters = Object.fromEntries(url.searchParams);
    const merchant = authenticate(parameters);
    const method = pageMethods[parameters['method'] ?? ''];
    if (!method) throw new Refusal('isv.invalid-method', '40002');
    const content = JSON.parse(parameters['biz_content'] ?? '{}') as Fields;
    const number = content['out_trade_no'] ?? '';
    if (!/^[\w]{1,64}$/.test(number.replaceAll('-', '_'))) throw new Refusal('ACQ.INVALID_PARAMETER');
    if (content['product_code'] !== method.product_code) throw new Refusal('ACQ.INVALID_PARAMETER');
    const subject = content['subject'] ?? '';
    if (subject === '' || subject.length > 256 || /[/=&]/.test(subject))
      throw new Refusal('ACQ.INVALID_PARAMETER');
    const total = cents(content['total_amount']);
    const time_expire = content['time_expire'];
    const expires_at = time_expire === undefined ? clock.now() + DEFAULT_EXPIRY_MS : fromBeijing(time_expire);
    const notify_url = parameters['notify_url'] ?? '';
    if (!URL.canParse(notify_url) || notify_url.length > 256)
      throw new Refusal('isv.invalid-notify-url', '40002');
    for (const address of [parameters['return_url'], content['quit_url']])
      if (address !== undefined && !(URL.canParse(address) && address.length <= 400))
        throw new Refusal('ACQ.INVALID_PARAMETER');
    return { merchant, number, scene: method.scene, subject, total, expires_at, notify_url };
  };
  const open = (pay_url: string): AlipayTrade => {
    const page = readPage(pay_url);
    if (clock.now() >= page.expires_at) throw new Refusal('ACQ.TRADE_HAS_CLOSE');
    const existing = find(page.merchant, page.number);
    if (existing) {
      if (existing.state === 'TRADE_CLOSED') throw new Refusal('ACQ.TRADE_HAS_CLOSE');
      if (existing.state !== 'WAIT_BUYER_PAY') throw new Refusal('ACQ.TRADE_HAS_SUCCESS');
      if (existing.total !== page.total || existing.subject !== page.subject)
        throw new Refusal('ACQ.CONTEXT_INCONSISTENT');
      return existing;
    }
    const trade: AlipayTrade = {
      ...page,
      trade_no: `2026${random.digits(24)}`,
      created_at: clock.now(),
      state: 'WAIT_BUYER_PAY',
      transaction: null,
    };
    trades.set(idOf(page.merchant, page.number), trade);
    tell(`the payer opens Alipay's page of ${page.number}`);
    return trade;
  };

  // The gateway ---------------------------------------------------------------------------------------------------

  const demand = (merchant: AlipayMerchant, { out_trade_no, trade_no }: Fields): AlipayTrade => {
    const found = trade_no
      ? [...trades.values()].find((each) => each.trade_no === trade_no && each.merchant === merchant)
      : undefined;
    const trade = found ?? (out_trade_no === undefined ? undefined : find(merchant, out_trade_no));
    if (!trade) throw new Refusal('ACQ.TRADE_NOT_EXIST');
    return trade;
  };
  const query = (merchant: AlipayMerchant, content: Fields): object => {
    const trade = demand(merchant, content);
    const other = faults.happens('provider_other_order')
      ? [...trades.values()].find((each) => each !== trade)
      : undefined;
    const { number, trade_no, total, state, transaction } = other ?? trade;
    if (transaction) {
      // Of a part that went back a query says nothing (docs: alipay.trade.query).
      const words =
        state === 'TRADE_CLOSED'
          ? [transaction.less, ...transaction.refunds.map(({ summed }) => summed)]
          : [transaction.whole];
      for (const word of words) word.isSent = true;
    }
    return {
      buyer_logon_id: 'abc***@alipay.com',
      // Whatever was paid, and received: only messages say.
      buyer_pay_amount: '0.00',
      buyer_user_id: '2088101117955611',
      invoice_amount: '0.00',
      out_trade_no: number,
      point_amount: '0.00',
      receipt_amount: '0.00',
      ...(transaction ? { send_pay_date: inBeijing(transaction.taken_at) } : {}),
      total_amount: yuan(total),
      trade_no,
      trade_status: state,
    };
  };
  const close = (merchant: AlipayMerchant, content: Fields): object => {
    const trade = demand(merchant, content);
    if (trade.state !== 'WAIT_BUYER_PAY') throw new Refusal('ACQ.TRADE_STATUS_ERROR');
    trade.state = 'TRADE_CLOSED';
    tell(`Alipay closes ${trade.number}`);
    notify(trade, {});
    return { out_trade_no: trade.number, trade_no: trade.trade_no };
  };
  const refund = (merchant: AlipayMerchant, content: Fields): object => {
    const trade = demand(merchant, content);
    const { transaction } = trade;
    const amount = cents(content['refund_amount']);
    const request_no = content['out_request_no'] ?? '';
    if (request_no === '' || request_no.length > 64) throw new Refusal('ACQ.INVALID_PARAMETER');
    if (Buffer.byteLength(content['refund_reason'] ?? '') > 256) throw new Refusal('ACQ.INVALID_PARAMETER');
    if (!transaction) throw new Refusal('ACQ.TRADE_STATUS_ERROR');
    if (trade.state === 'TRADE_FINISHED') throw new Refusal('ACQ.TRADE_HAS_FINISHED');
    const known = transaction.refunds.find((each) => each.request_no === request_no);
    if (known && known.amount !== amount) throw new Refusal('ACQ.DISCORDANT_REPEAT_REQUEST');
    if (!known) {
      if (amount > leftOf(transaction)) {
        marks.take('refund_of_more_than_is_left');
        const isClosed = trade.state === 'TRADE_CLOSED';
        throw new Refusal(isClosed ? 'ACQ.TRADE_HAS_CLOSE' : 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
      }
      if (!faults.stopped && random.chance(0.05)) {
        marks.take('refund_not_enough');
        throw new Refusal('ACQ.SELLER_BALANCE_NOT_ENOUGH');
      }
      make(trade, transaction, { request_no, amount, origin: 'asked' });
      marks.take('refund_succeeded');
      tell(`Alipay refunds ${amount} as ${request_no}`);
      notifyRefund(trade, transaction, request_no);
    }
    return {
      buyer_logon_id: 'abc***@alipay.com',
      buyer_user_id: '2088101117955611',
      fund_change: known ? 'N' : 'Y',
      gmt_refund_pay: inBeijing(clock.now()),
      out_trade_no: trade.number,
      refund_fee: yuan(refundedOf(transaction)),
      send_back_fee: '0.00',
      trade_no: trade.trade_no,
    };
  };
  const make = (
    trade: AlipayTrade,
    transaction: Transaction,
    made: Pick<Refund, 'request_no' | 'amount' | 'origin'>,
  ) => {
    const id = `alipay-${made.request_no}`;
    transaction.refunds.push(newRefund({ ...made, id, begun_at: clock.now(), state: 'succeeded' }));
    if (refundedOf(transaction) === transaction.amount) trade.state = 'TRADE_CLOSED';
  };
  /** It says what went back in all; and of which refund, where that has a number (docs: "异步通知说明"). */
  const notifyRefund = (trade: AlipayTrade, transaction: Transaction, out_biz_no: string | null) =>
    notify(
      trade,
      {
        refund_fee: yuan(refundedOf(transaction)),
        gmt_refund: `${inBeijing(clock.now())}.120`,
        ...(out_biz_no === null ? {} : { out_biz_no }),
      },
      transaction.refunds.map(({ summed }) => summed),
    );
  const giveBack = (trade: AlipayTrade, transaction: Transaction, amount: number) => {
    const request_no = `HZ01RF${random.digits(22)}`;
    make(trade, transaction, { request_no, amount, origin: 'console' });
    marks.take('console_refund_succeeded');
    tell(`Alipay's console gives back ${amount} of ${trade.number} as ${request_no}`);
    // Some have found that of a trade that is given back as a whole nothing is told.
    if (trade.state === 'TRADE_CLOSED' && random.chance(0.4)) return marks.take('console_refund_untold');
    const isNamed = random.chance(0.5);
    marks.take(isNamed ? 'console_refund_named' : 'console_refund_unnamed');
    notifyRefund(trade, transaction, isNamed ? request_no : null);
  };
  const queryRefund = (merchant: AlipayMerchant, content: Fields): object => {
    const trade = demand(merchant, content);
    const made = trade.transaction?.refunds.find((each) => each.request_no === content['out_request_no']);
    if (!made) return {};
    return {
      out_request_no: made.request_no,
      out_trade_no: trade.number,
      refund_amount: yuan(made.amount),
      refund_status: 'REFUND_SUCCESS',
      total_amount: yuan(trade.total),
      trade_no: trade.trade_no,
    };
  };

  const verbs = {
    'alipay.trade.query': ['query', query],
    'alipay.trade.close': ['close', close],
    'alipay.trade.refund': ['refund', refund],
    'alipay.trade.fastpay.refund.query': ['query_refund', queryRefund],
  } as const;
  const answer = (app_id: string | undefined, method: string, node: object): WireAnswer => {
    const text = JSON.stringify(node).replaceAll('/', '\\/');
    let sign = signFor(app_id, text);
    if (faults.happens('provider_bad_signature')) sign = signFor(app_id, `${text} `);
    const body = `{"${method.replaceAll('.', '_')}_response":${text},"sign":"${sign}"}`;
    return { status: 200, headers: { 'content-type': 'text/html;charset=utf-8' }, body };
  };
  const handle = (request: WireRequest): WireAnswer => {
    const parameters = Object.fromEntries([
      ...request.url.searchParams,
      ...new URLSearchParams(request.body),
    ]);
    const method = parameters['method'] ?? '';
    try {
      const merchant = authenticate(parameters);
      const content = JSON.parse(parameters['biz_content'] ?? '{}') as Fields;
      const entry = Object.hasOwn(verbs, method) ? verbs[method as keyof typeof verbs] : undefined;
      if (!entry) throw new Refusal('isv.invalid-method', '40006');
      const [verb, work] = entry;
      const note = (status: number) =>
        books.asked.push({
          time: clock.now(),
          provider: 'alipay',
          merchant: alipayMerchantName(merchant),
          verb,
          number: content['out_request_no'] ?? content['out_trade_no'] ?? content['trade_no'] ?? '',
          status,
        });
      try {
        const node = work(merchant, content);
        note(200);
        return answer(merchant.app_id, method, { code: '10000', msg: 'Success', ...node });
      } catch (error) {
        note(400);
        if (error instanceof Refusal)
          tell(`Alipay refuses to ${verb} ${content['out_trade_no']}: ${error.sub_code}`);
        throw error;
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answer(parameters['app_id'], method, {
        code: error.code,
        msg: 'Business Failed',
        sub_code: error.sub_code,
        sub_msg: '交易不存在或状态不合法',
      });
    }
  };

  // Telling -------------------------------------------------------------------------------------------------------

  const notify = (
    trade: AlipayTrade,
    more: Fields,
    says: readonly Word[] = [],
    how: Habits = habits,
    alter: (fields: Fields) => Fields = (it) => it,
  ) => {
    const { merchant, number, trade_no, total, state, subject, created_at, transaction } = trade;
    const charset = random.chance(0.2) ? 'GBK' : 'UTF-8';
    if (charset === 'GBK') marks.take('notify_in_gbk');
    const notify_id = `2026${random.digits(30)}`;
    const fields = alter({
      gmt_create: inBeijing(created_at),
      charset,
      subject: charset === 'GBK' ? 'GBK subject' : subject,
      buyer_id: '2088102177846880',
      notify_id,
      notify_type: 'trade_status_sync',
      trade_status: state,
      app_id: merchant.app_id,
      seller_id: merchant.seller_id,
      version: '1.0',
      total_amount: yuan(total),
      trade_no,
      auth_app_id: merchant.app_id,
      out_trade_no: number,
      ...(transaction
        ? {
            gmt_payment: inBeijing(transaction.taken_at),
            ...sums(transaction),
            point_amount: '',
            fund_bill_list: JSON.stringify([{ amount: yuan(total), fundChannel: 'ALIPAYACCOUNT' }]),
          }
        : {}),
      ...more,
    });
    const compose = (): Post => {
      const told: Fields = { ...fields, notify_time: inBeijing(clock.now()) };
      const { sign_type: _, ...covered } = told;
      const body = new URLSearchParams({
        ...told,
        sign_type: 'RSA2',
        sign: signFor(merchant.app_id, signedText(covered)),
      }).toString();
      return {
        path: new URL(trade.notify_url).pathname,
        headers: {
          'content-type': `application/x-www-form-urlencoded; text/html; charset=${charset.toLowerCase()}`,
        },
        body,
      };
    };
    tellAbout(world, how, {
      name: `Alipay ${fields['trade_status']} of ${number}`,
      compose,
      isAccepted,
      retries,
      says: () => says,
    });
  };

  return {
    handle,
    open: (pay_url) => refusalOr(() => open(pay_url)),
    pay(trade) {
      find(trade.merchant, trade.number);
      if (trade.state !== 'WAIT_BUYER_PAY') return trade.state;
      trade.state = 'TRADE_SUCCESS';
      const transaction = newTransaction({
        provider: 'alipay',
        merchant: alipayMerchantName(trade.merchant),
        number: trade.number,
        id: trade.trade_no,
        amount: trade.total,
        currency: 'CNY',
        taken_at: clock.now(),
        discount: drawDiscount(world, trade.total),
        origin: 'ours',
      });
      trade.transaction = transaction;
      books.transactions.push(transaction);
      tell(`the payer pays ${trade.number} at Alipay: ${trade.total} by ${trade.trade_no}`);
      if (random.chance(0.05)) {
        // Where no refund is possible any more, the first that is heard of a payment is that it is finished.
        trade.state = 'TRADE_FINISHED';
        marks.take('alipay_finished_first');
      }
      notify(trade, {}, [transaction.whole]);
      return null;
    },
    trades: () => [...trades.values()],
    isPayable: (trade) => find(trade.merchant, trade.number)?.state === 'WAIT_BUYER_PAY',
    sceneOf(pay_url) {
      const page = refusalOr(() => readPage(pay_url));
      return typeof page === 'string' ? null : page.scene;
    },
    opens(pay_url) {
      const page = refusalOr(() => readPage(pay_url));
      if (typeof page === 'string' || clock.now() >= page.expires_at) return false;
      const existing = find(page.merchant, page.number);
      return !existing || existing.state === 'WAIT_BUYER_PAY';
    },
    closeEarly(trade) {
      if (trade.state !== 'WAIT_BUYER_PAY') return;
      trade.state = 'TRADE_CLOSED';
      marks.take('closed_early');
      tell(`Alipay closes ${trade.number} by itself`);
      notify(trade, {});
    },
    misstate(trade, field) {
      marks.take('message_misstated');
      tell(`Alipay misstates the ${field} of ${trade.number}`);
      const wrong = {
        total_amount: yuan(trade.total + 1),
        seller_id: '2088999999999999',
        app_id: '2021999999999999',
      }[field];
      notify(trade, {}, [], { ...habits, forgets: 0 }, (fields) => ({ ...fields, [field]: wrong }));
    },
    giveBack(transaction, amount) {
      const trade = [...trades.values()].find((each) => each.transaction === transaction);
      if (trade?.state === 'TRADE_SUCCESS') giveBack(trade, transaction, amount);
    },
  };
}

function refusalOr<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return error.sub_code;
    throw error;
  }
}

const isAccepted = (reply: Reply) => reply !== null && reply.status === 200 && reply.body === 'success';

/** What is signed: every parameter that is not empty, sorted by name. */
const signedText = (parameters: Fields) =>
  Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');

/** What the merchant receives, and what the payer paid of it: the rest of it others make good. */
function sums(transaction: Transaction | null): Fields {
  const { amount, discount } = transaction ?? { amount: 0, discount: { merchant: 0, provider: 0 } };
  const received = amount - discount.merchant;
  return { receipt_amount: yuan(received), buyer_pay_amount: yuan(received - discount.provider) };
}

const yuan = (total: number) => `${Math.floor(total / 100)}.${String(total % 100).padStart(2, '0')}`;

function cents(value: string | undefined): number {
  if (!/^\d{1,9}(?:\.\d{1,2})?$/.test(value ?? '')) throw new Refusal('ACQ.INVALID_PARAMETER');
  return Math.round(Number(value) * 100);
}

const inBeijing = (time_ms: number) =>
  new Date(time_ms + BEIJING_MS).toISOString().slice(0, 19).replace('T', ' ');

function fromBeijing(value: string): number {
  const time_ms = Date.parse(`${value.replace(' ', 'T')}+08:00`);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?$/.test(value) || Number.isNaN(time_ms))
    throw new Refusal('ACQ.INVALID_PARAMETER');
  return time_ms;
}
