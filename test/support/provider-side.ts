import type { Io } from '../../lib/io.ts';
import type { AlipayParty } from './alipay.ts';
import type { StripeParty } from './stripe.ts';
import type { WechatParty } from './wechat.ts';

/**
 * The providers' answers to whatever merchant asks, by the keys that it asks with: each merchant has books of its own,
 * and what one began no other finds. It is remembered who asked for what.
 */

interface Parties {
  readonly wechat?: readonly WechatParty[];
  readonly alipay?: readonly AlipayParty[];
  readonly stripe?: readonly StripeParty[];
}

/** A payment in a merchant's books. */
interface Trade {
  readonly number: string;
  readonly total: number;
  state: 'open' | 'paid' | 'closed';
  readonly refunds: Set<string>;
}

interface Asked {
  readonly merchant: string;
  readonly what: string;
}

const yuan = (total: number) => (total / 100).toFixed(2);

export function createProviderSide(
  { wechat = [], alipay = [], stripe = [] }: Parties,
  now: () => number = Date.now,
) {
  const books = new Map<string, Map<string, Trade>>();
  const asked: Asked[] = [];
  const booksOf = (merchant: string): Map<string, Trade> => {
    const own = books.get(merchant) ?? new Map<string, Trade>();
    books.set(merchant, own);
    return own;
  };

  async function answerWechat(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const [, mchid = ''] = /mchid="([^"]*)"/.exec(request.headers.get('authorization') ?? '') ?? [];
    const party = wechat.find(({ document }) => document.mchid === mchid);
    if (!party) throw new Error(`no merchant ${mchid}`);
    asked.push({ merchant: mchid, what: `${request.method} ${pathname}` });
    const own = booksOf(mchid);
    const reply = (status: number, fields: object | null) => {
      const text = fields === null ? '' : JSON.stringify(fields);
      const headers = { 'content-type': 'application/json', ...party.signBody(text, now()) };
      return new Response(status === 204 ? null : text, { status, headers });
    };
    const absent = (code: string) => reply(404, { code, message: code });
    const text = await request.text();
    const body = text === '' ? {} : JSON.parse(text);
    if (/\/pay\/transactions\/(native|jsapi)$/.test(pathname)) {
      const number = String(body.out_trade_no);
      own.set(number, { number, total: body.amount.total, state: 'open', refunds: new Set() });
      return reply(200, { code_url: `weixin://wxpay/${number}`, prepay_id: `wx${number}` });
    }
    const [, number = '', isClosing] = /\/out-trade-no\/([^/?]+)(\/close)?$/.exec(pathname) ?? [];
    const trade = own.get(number);
    if (isClosing) {
      if (trade?.state === 'paid') return reply(400, { code: 'ORDER_PAID', message: 'paid' });
      if (trade) trade.state = 'closed';
      return reply(204, null);
    }
    if (number !== '' && !trade) return absent('ORDER_NOT_EXIST');
    if (trade) {
      if (!search.includes(`mchid=${mchid}`)) return reply(400, { code: 'PARAM_ERROR', message: 'mchid' });
      const states = { open: 'NOTPAY', paid: 'SUCCESS', closed: 'CLOSED' } as const;
      const trade_state = states[trade.state];
      return reply(200, party.transaction(number, trade.total, { trade_state }));
    }
    if (pathname.endsWith('/refund/domestic/refunds')) {
      const refunded = [...own.values()].find((one) => body.transaction_id === `42000000${one.number}`);
      if (!refunded) return absent('RESOURCE_NOT_EXISTS');
      refunded.refunds.add(body.out_refund_no);
      const { refund, total } = body.amount;
      return reply(200, party.refund(refunded.number, body.out_refund_no, refund, total));
    }
    const [, refundNumber = ''] = /\/refund\/domestic\/refunds\/([^/?]+)$/.exec(pathname) ?? [];
    const refunded = [...own.values()].find(({ refunds }) => refunds.has(refundNumber));
    if (refundNumber !== '' && refunded) {
      const status = { status: 'SUCCESS', success_time: '2018-06-08T10:34:56+08:00' };
      return reply(200, party.refund(refunded.number, refundNumber, 400, refunded.total, status));
    }
    return absent(pathname.includes('/bill/') ? 'NO_STATEMENT_EXIST' : 'RESOURCE_NOT_EXISTS');
  }

  async function answerAlipay(request: Request): Promise<Response> {
    const parameters = new URLSearchParams(`${new URL(request.url).search.slice(1)}&${await request.text()}`);
    const method = parameters.get('method') ?? '';
    const app_id = parameters.get('app_id') ?? '';
    const party = alipay.find(({ document }) => document.app_id === app_id);
    if (!party) throw new Error(`no merchant ${app_id}`);
    asked.push({ merchant: app_id, what: method });
    const { out_trade_no = '' } = JSON.parse(parameters.get('biz_content') ?? '{}');
    const trade = booksOf(app_id).get(out_trade_no);
    const reply = (fields: object) =>
      new Response(party.signAnswer(method, { msg: 'Success', ...fields }), { status: 200 });
    if (!trade) return reply({ code: '40004', msg: 'Business Failed', sub_code: 'ACQ.TRADE_NOT_EXIST' });
    if (method === 'alipay.trade.close') trade.state = 'closed';
    const states = { open: 'WAIT_BUYER_PAY', paid: 'TRADE_SUCCESS', closed: 'TRADE_CLOSED' } as const;
    return reply({
      code: '10000',
      out_trade_no,
      trade_no: `2024${out_trade_no}`,
      trade_status: states[trade.state],
      total_amount: yuan(trade.total),
      send_pay_date: '2024-05-13 17:49:21',
    });
  }

  async function answerStripe(request: Request): Promise<Response> {
    const key = (request.headers.get('authorization') ?? '').replace('Bearer ', '');
    const party = stripe.find(({ document }) => document.secret_key === key);
    if (!party) throw new Error('no such account');
    const { account } = party.document;
    const { pathname } = new URL(request.url);
    asked.push({ merchant: account, what: `${request.method} ${pathname}` });
    const form = new URLSearchParams(await request.text());
    const number = form.get('client_reference_id') ?? pathname.split('cs_test_')[1] ?? '';
    const own = booksOf(account);
    if (request.method === 'POST' && pathname.endsWith('/checkout/sessions')) {
      const total = Number(form.get('line_items[0][price_data][unit_amount]'));
      own.set(number, { number, total, state: 'open', refunds: new Set() });
    }
    const trade = own.get(number);
    if (!trade) return Response.json({ error: { type: 'invalid_request_error' } }, { status: 404 });
    return Response.json({
      id: `cs_test_${number}`,
      object: 'checkout.session',
      livemode: false,
      client_reference_id: number,
      metadata: { order_no: number },
      amount_total: trade.total,
      currency: 'usd',
      payment_intent: null,
      payment_status: 'unpaid',
      status: 'open',
      url: `https://checkout.stripe.com/c/pay/cs_test_${number}`,
    });
  }

  const fetchProvider: Io['fetch'] = async (...parameters) => {
    const request = new Request(...parameters);
    const { hostname } = new URL(request.url);
    if (hostname.includes('mch.weixin')) return answerWechat(request);
    return hostname.includes('alipay') ? answerAlipay(request) : answerStripe(request);
  };

  return {
    fetch: fetchProvider,
    /** Everything that was asked, and by which merchant's keys. */
    asked,
    /** What a merchant has under a number; a payer at a page makes an Alipay trade. */
    tradeOf: (merchant: string, number: string) => booksOf(merchant).get(number),
    open: (merchant: string, number: string, total: number, state: Trade['state'] = 'open') =>
      void booksOf(merchant).set(number, { number, total, state, refunds: new Set() }),
  };
}

export type ProviderSide = ReturnType<typeof createProviderSide>;
