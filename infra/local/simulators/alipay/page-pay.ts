import * as z from 'zod/mini';
import type { AlipayCounterpart } from '../../documents.ts';
import { parseBeijingTime } from '../beijing-time.ts';
import { isLocalAddress } from '../delivery.ts';
import { GatewayError, invalidParameter } from './gateway-error.ts';
import { checkRequest, parseBizContent, parseYuan, tradeNumber } from './request.ts';

const METHOD = 'alipay.trade.page.pay';

const bizContent = z.object({
  out_trade_no: tradeNumber,
  total_amount: z.string(),
  subject: z.string().check(z.regex(/^[^/=&]{1,256}$/)),
  product_code: z.literal('FAST_INSTANT_TRADE_PAY'),
  time_expire: z.optional(z.string()),
});

export interface PagePay {
  readonly out_trade_no: string;
  /** Fen. */
  readonly amount: number;
  readonly subject: string;
  readonly notify_url: string;
  /** Milliseconds since 1970, or null. */
  readonly expires_at: number | null;
}

/** What a page-pay URL asks for. @throws GatewayError */
export function parsePagePay(query: URLSearchParams, counterpart: AlipayCounterpart, now: number): PagePay {
  checkRequest(query, counterpart);
  if (query.get('method') !== METHOD) throw new GatewayError('isv.invalid-method', `method 须为 ${METHOD}`);
  const notify_url = query.get('notify_url') ?? '';
  if (notify_url.length > 256) throw new GatewayError('isv.invalid-parameter', 'notify_url 超过 256 个字符');
  if (!isLocalAddress(notify_url)) {
    const message = 'notify_url: this simulator notifies 127.0.0.1 and localhost over http only';
    throw new GatewayError('isv.invalid-parameter', message);
  }
  const { out_trade_no, subject, total_amount, time_expire } = parseBizContent(query, bizContent);
  const expires_at = time_expire === undefined ? null : parseBeijingTime(time_expire);
  if (time_expire !== undefined && expires_at === null) throw invalidParameter('time_expire');
  if (expires_at !== null && expires_at <= now) throw new GatewayError('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
  return { out_trade_no, subject, amount: parseYuan(total_amount, 'total_amount'), expires_at, notify_url };
}
