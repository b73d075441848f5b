import * as z from 'zod/mini';
import type { AlipayCounterpart } from '../../documents.ts';
import { parseBeijingTime } from '../beijing-time.ts';
import { isLocalAddress } from '../delivery.ts';
import { GatewayError, invalidParameter } from './gateway-error.ts';
import { checkRequest, parseBizContent, parseYuan, tradeNumber } from './request.ts';

const common = z.object({
  out_trade_no: tradeNumber,
  total_amount: z.string(),
  subject: z.string().check(z.regex(/^[^/=&]{1,256}$/)),
  time_expire: z.optional(z.string()),
});

/** What each page takes: neither takes the product of the other. */
const contents = {
  'alipay.trade.page.pay': z.extend(common, { product_code: z.literal('FAST_INSTANT_TRADE_PAY') }),
  'alipay.trade.wap.pay': z.extend(common, {
    product_code: z.literal('QUICK_WAP_WAY'),
    quit_url: z.optional(z.string().check(z.maxLength(400), z.regex(/^https?:\/\//))),
  }),
} as const;

type Method = keyof typeof contents;
const isMethod = (name: string): name is Method => Object.hasOwn(contents, name);

type Content = z.infer<typeof common> & { readonly quit_url?: string | undefined };

export interface PagePay {
  readonly method: Method;
  readonly out_trade_no: string;
  /** Fen. */
  readonly amount: number;
  readonly subject: string;
  readonly notify_url: string;
  /** Where the payer comes back to, once it is paid; null for nowhere. */
  readonly return_url: string | null;
  /** Where the payer comes back to who leaves a phone's page; null for nowhere. */
  readonly quit_url: string | null;
  /** Milliseconds since 1970, or null. */
  readonly expires_at: number | null;
}

/** What the address of a page for a computer or a phone asks for. @throws GatewayError */
export function parsePagePay(query: URLSearchParams, counterpart: AlipayCounterpart): PagePay {
  checkRequest(query, counterpart);
  const method = query.get('method') ?? '';
  if (!isMethod(method)) throw new GatewayError('isv.invalid-method', '不存在的方法名');
  const return_url = query.get('return_url');
  if (return_url !== null && !/^https?:\/\/.{1,248}$/.test(return_url)) {
    throw new GatewayError('isv.invalid-parameter', 'return_url 须为 256 个字符以内的地址');
  }
  const notify_url = query.get('notify_url') ?? '';
  if (notify_url.length > 256) throw new GatewayError('isv.invalid-parameter', 'notify_url 超过 256 个字符');
  if (!isLocalAddress(notify_url)) {
    const message = 'notify_url: this simulator notifies 127.0.0.1 and localhost over http only';
    throw new GatewayError('isv.invalid-parameter', message);
  }
  const content = parseBizContent<Content>(query, contents[method]);
  const { out_trade_no, subject, total_amount, time_expire, quit_url = null } = content;
  const expires_at = time_expire === undefined ? null : parseBeijingTime(time_expire);
  if (time_expire !== undefined && expires_at === null) throw invalidParameter('time_expire');
  const amount = parseYuan(total_amount, 'total_amount');
  return { method, out_trade_no, subject, amount, expires_at, notify_url, return_url, quit_url };
}
