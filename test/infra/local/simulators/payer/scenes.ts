import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import type { Provider } from '../../../../../lib/orders/kinds.ts';
import { createAlipayClient } from '../alipay-client.ts';
import { type Bench, uniqueOrderNumber } from '../bench.ts';
import { createWechatMerchant } from '../wechat-merchant.ts';

/** A payment that a merchant has begun, and the page on which it is paid. */
export interface Begun {
  readonly provider: Provider;
  readonly payment_no: string;
  readonly page: string;
}

interface Wanted {
  /** The shop's origin; the providers lead back to `/paid?cart=1` there, or to `/cart`. */
  readonly shop: string | null;
  readonly description?: string;
  /** In the currency's smallest unit. */
  readonly amount?: number;
  readonly currency?: string;
  readonly payment_no?: string;
  readonly lasts_ms?: number;
}

type Begin = (bench: Bench, wanted: Required<Wanted>) => Promise<Begun>;

async function session(
  bench: Bench,
  { shop, description, amount, currency, payment_no, lasts_ms }: Required<Wanted>,
): Promise<Begun> {
  const { base_url, secret_key } = bench.counterparts.stripe;
  const answer = await fetch(`${base_url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret_key}` },
    body: new URLSearchParams({
      mode: 'payment',
      client_reference_id: payment_no,
      success_url: `${shop ?? bench.publicUrl}/paid?cart=1&session={CHECKOUT_SESSION_ID}`,
      ...(shop !== null && { cancel_url: `${shop}/cart` }),
      expires_at: String(Math.floor((Date.now() + lasts_ms) / 1000)),
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][currency]': currency.toLowerCase(),
      'line_items[0][price_data][unit_amount]': String(amount),
      'line_items[0][price_data][product_data][name]': description,
    }),
  });
  const { url } = (await answer.json()) as { url: string };
  return { provider: 'stripe', payment_no, page: url };
}

const alipay =
  (method: 'page' | 'wap'): Begin =>
  async (bench, { shop, description, amount, payment_no, lasts_ms }) => {
    const page = createAlipayClient(bench).pageExecute(`alipay.trade.${method}.pay`, 'GET', {
      notifyUrl: `${bench.publicUrl}/notify`,
      ...(shop !== null && { returnUrl: `${shop}/paid?cart=1` }),
      bizContent: {
        out_trade_no: payment_no,
        total_amount: (amount / 100).toFixed(2),
        subject: description,
        product_code: method === 'page' ? 'FAST_INSTANT_TRADE_PAY' : 'QUICK_WAP_WAY',
        time_expire: beijingTime(Date.now() + lasts_ms),
        ...(method === 'wap' && shop !== null && { quit_url: `${shop}/cart` }),
      },
    });
    return { provider: 'alipay', payment_no, page };
  };

const beijingTime = (ms: number): string =>
  new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** What was asked of WeChat Pay, and its answer. */
async function wechat(
  bench: Bench,
  type: string,
  { description, amount, payment_no, lasts_ms }: Required<Wanted>,
  changes: object = {},
) {
  const merchant = createWechatMerchant(bench);
  const body = {
    ...merchant.jsapi(payment_no),
    description,
    amount: { total: amount, currency: 'CNY' },
    time_expire: new Date(Date.now() + lasts_ms).toISOString(),
  };
  const { data } = await merchant.create({ ...body, ...changes }, type);
  return { payment_no, data, provider: 'wechat' as const };
}

async function h5(bench: Bench, wanted: Required<Wanted>): Promise<Begun> {
  const scene_info = { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } };
  const { data, ...begun } = await wechat(bench, 'h5', wanted, { scene_info });
  const { shop } = wanted;
  const redirect = shop === null ? '' : `&redirect_url=${encodeURIComponent(`${shop}/paid?cart=1`)}`;
  return { ...begun, page: `${data['h5_url']}${redirect}` };
}

async function native(bench: Bench, wanted: Required<Wanted>): Promise<Begun> {
  const { data, ...begun } = await wechat(bench, 'native', wanted);
  const query = new URLSearchParams({ code_url: String(data['code_url']) });
  return { ...begun, page: `${bench.url}/wechat/scan?${query}` };
}

async function jsapi(bench: Bench, wanted: Required<Wanted>): Promise<Begun> {
  const { data, ...begun } = await wechat(bench, 'jsapi', wanted);
  return { ...begun, page: `${bench.url}/wechat/sheet?${sheetParameters(bench, String(data['prepay_id']))}` };
}

/** What a mini-program gives to `wx.requestPayment`, signed by a client that is not ours. */
function sheetParameters({ counterparts }: Bench, prepay_id: string): URLSearchParams {
  const { appid, private_key } = counterparts.wechat.document;
  const parameters = {
    appId: appid,
    timeStamp: String(Math.floor(Date.now() / 1000)),
    nonceStr: Formatter.nonce(),
    package: `prepay_id=${prepay_id}`,
  };
  const paySign = Rsa.sign(Formatter.joinedByLineFeed(...Object.values(parameters)), private_key);
  return new URLSearchParams({ ...parameters, signType: 'RSA', paySign });
}

const scenes = {
  stripe: session,
  alipay_page: alipay('page'),
  alipay_wap: alipay('wap'),
  wechat_h5: h5,
  wechat_native: native,
  wechat_jsapi: jsapi,
} as const satisfies Record<string, Begin>;

export type Scene = keyof typeof scenes;
export const sceneNames = Object.keys(scenes) as Scene[];

/** Begins a payment of 12.34 yuan, or of US$12.34 at Stripe, as its merchant does. */
export const begin = (bench: Bench, scene: Scene, wanted: Wanted): Promise<Begun> =>
  scenes[scene](bench, {
    ...{ description: '帆布鞋', amount: 1234, currency: scene === 'stripe' ? 'USD' : 'CNY' },
    ...{ payment_no: uniqueOrderNumber(), lasts_ms: 2 * 3_600_000 },
    ...wanted,
  });
