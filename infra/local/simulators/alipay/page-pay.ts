import * as z from 'zod/mini';
import { AmountError, parseAmount } from '../../../../lib/money.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import { parseAlipayTime } from '../beijing-time.ts';
import { isLocalAddress } from '../delivery.ts';
import { parseJson } from '../http.ts';
import { rsaVerify } from '../rsa.ts';
import { signedText } from './signature.ts';
import { YUAN } from './yuan.ts';

const METHOD = 'alipay.trade.page.pay';

const bizContent = z.object({
  out_trade_no: z.string().check(z.regex(/^\w[\w-]{0,63}$/)),
  total_amount: z.string(),
  subject: z.string().check(z.minLength(1), z.maxLength(256)),
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

/** A request that Alipay turns away; `code` is its error code. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a page-pay URL asks for. @throws GatewayError */
export function parsePagePay(
  query: URLSearchParams,
  { document, appPublicKey }: AlipayCounterpart,
  now: number,
): PagePay {
  const parameter = (name: string) => query.get(name) ?? '';
  const demand = (name: string, expected: string, code: string) => {
    if (parameter(name) !== expected) throw new GatewayError(code, `${name} 须为 ${expected}`);
  };
  demand('app_id', document.app_id, 'isv.invalid-app-id');
  demand('sign_type', 'RSA2', 'isv.invalid-signature-type');
  if (!rsaVerify(signedText(query), parameter('sign'), appPublicKey)) {
    throw new GatewayError('isv.invalid-signature', '验签出错');
  }
  demand('method', METHOD, 'isv.invalid-method');
  demand('version', '1.0', 'isv.invalid-parameter');
  if (!/^utf-8$/i.test(parameter('charset')))
    throw new GatewayError('isv.invalid-charset', 'charset 须为 utf-8');
  if (parseAlipayTime(parameter('timestamp')) === null) {
    throw new GatewayError('isv.invalid-timestamp', 'timestamp 格式错误');
  }
  if (!isLocalAddress(parameter('notify_url'))) {
    const message = 'notify_url: this simulator notifies 127.0.0.1 and localhost over http only';
    throw new GatewayError('isv.invalid-parameter', message);
  }
  return { ...parseBizContent(parameter('biz_content'), now), notify_url: parameter('notify_url') };
}

function parseBizContent(text: string, now: number): Omit<PagePay, 'notify_url'> {
  const result = bizContent.safeParse(parseJson(text));
  if (!result.success) throw invalid(result.error.issues[0]?.path.join('.') || 'biz_content');
  const { out_trade_no, subject, total_amount, time_expire } = result.data;
  const expires_at = time_expire === undefined ? null : parseAlipayTime(time_expire);
  if (time_expire !== undefined && expires_at === null) throw invalid('time_expire');
  if (expires_at !== null && expires_at <= now) throw new GatewayError('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
  return { out_trade_no, subject, amount: parseYuan(total_amount), expires_at };
}

function parseYuan(text: string): number {
  try {
    const amount = parseAmount(text, YUAN);
    if (amount > 0) return amount;
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
  }
  throw invalid('total_amount');
}

const invalid = (field: string) => new GatewayError('ACQ.INVALID_PARAMETER', `参数无效：${field}`);
