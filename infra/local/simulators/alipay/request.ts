import * as z from 'zod/mini';
import { AmountError, parseAmount } from '../../../../lib/money.ts';
import type { AlipayCounterpart } from '../../documents.ts';
import { parseBeijingTime } from '../beijing-time.ts';
import { parseJson } from '../http.ts';
import { rsaVerify } from '../rsa.ts';
import { GatewayError, invalidParameter } from './gateway-error.ts';
import { signedText } from './signature.ts';
import { YUAN } from './yuan.ts';

/** That the app signed the request, and what every request carries. @throws GatewayError */
export function checkRequest(parameters: URLSearchParams, { appPublicKey }: AlipayCounterpart): void {
  const parameter = (name: string) => parameters.get(name) ?? '';
  const demand = (name: string, expected: string, code: string) => {
    if (parameter(name) !== expected) throw new GatewayError(code, `${name} 须为 ${expected}`);
  };
  demand('sign_type', 'RSA2', 'isv.invalid-signature-type');
  if (!rsaVerify(signedText(parameters), parameter('sign'), appPublicKey)) {
    throw new GatewayError('isv.invalid-signature', '验签出错');
  }
  demand('version', '1.0', 'isv.invalid-parameter');
  if (!/^utf-8$/i.test(parameter('charset'))) {
    throw new GatewayError('isv.invalid-charset', 'charset 须为 utf-8');
  }
  if (parseBeijingTime(parameter('timestamp')) === null) {
    throw new GatewayError('isv.invalid-timestamp', 'timestamp 格式错误');
  }
}

/** What a method itself takes. @throws GatewayError */
export function parseBizContent<T>(parameters: URLSearchParams, schema: z.ZodMiniType<T>): T {
  const result = schema.safeParse(parseJson(parameters.get('biz_content') ?? ''));
  if (result.success) return result.data;
  throw invalidParameter(result.error.issues[0]?.path.join('.') || 'biz_content');
}

/** "取值范围 [0.01,100000000]", in fen. @throws GatewayError */
export function parseYuan(text: string, field: string): number {
  try {
    const amount = parseAmount(text, YUAN);
    if (amount > 0 && amount <= 100_000_000_00) return amount;
  } catch (error) {
    if (!(error instanceof AmountError)) throw error;
  }
  throw invalidParameter(field);
}

export const tradeNumber = z.string().check(z.regex(/^\w[\w-]{0,63}$/));
