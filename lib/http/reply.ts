import type { Wording } from '../wording.ts';
import type { ApiError } from './api-error.ts';
import type { ErrorWord } from './error-words.ts';
import type { Language } from './language.ts';

/** What our API says, as API Gateway takes it. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const jsonResult = (
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: `${JSON.stringify(body)}\n`,
});

export const textResult = (
  statusCode: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body,
});

/** A request that was served: what is said of it, and what it asked for. */
export interface Success {
  readonly statusCode: number;
  readonly wording: Wording;
  readonly data: unknown;
}

export const success = (data: unknown, statusCode = 200, wording = done): Success => ({
  statusCode,
  wording,
  data,
});

const done: Wording = { zh: '成功', en: 'Success' };

/** How a family of paths words its replies. */
export interface Envelope {
  success(success: Success, language: Language): Reply;
  error(error: ApiError, language: Language): Reply;
}

/** `/api/pay/*` */
export const payEnvelope: Envelope = {
  success: ({ statusCode, wording, data }, language) =>
    jsonResult(statusCode, { code: 0, msg: wording[language], data }),
  error: (error, language) => {
    const { statusCode, wording } = error;
    return jsonResult(
      statusCode,
      { code: statusCode, msg: wording[language], data: null },
      errorHeaders(error),
    );
  },
};

/** `/v2/*`; its reply to a caller who is not authenticated carries no data. */
export const v2Envelope: Envelope = {
  success: ({ statusCode, wording, data }, language) =>
    jsonResult(statusCode, { code: 0, message: seedText(wording, language), data }),
  error: (error, language) => {
    const { statusCode, wording } = error;
    const body =
      statusCode === 401
        ? { code: 401, message: '用户未认证' }
        : { code: statusCode, message: seedText(wording, language), data: null };
    return jsonResult(statusCode, body, errorHeaders(error));
  },
};

/** What the document of `/v2` words itself; whoever reads it there finds it so in any language. */
const seedTexts: readonly string[] = [
  ...['获取支付参数成功', '支付成功（纯积分）'],
  ...['订单不存在', '订单状态不允许支付'],
];

export const seedText = (wording: Wording, language: Language): string =>
  seedTexts.includes(wording.zh) ? wording.zh : wording[language];

/** What an error says to a machine. */
export const errorHeaders = ({ word, fields }: ApiError): Record<string, string> => {
  const named = fields.filter((field) => FIELD_NAME.test(field));
  const challenge = challenges[word];
  return {
    'settle-error': word,
    ...(named.length > 0 && { 'settle-error-field': named.join(', ') }),
    ...(challenge !== undefined && { 'www-authenticate': challenge }),
  };
};

/** A name that a client made up is repeated where a header can hold it. */
const FIELD_NAME = /^[\w.-]{1,64}$/;

/** What a 401 asks for (RFC 6750, 3); of a callback a signature, by whatever its provider signs with. */
const challenges: Readonly<Partial<Record<ErrorWord, string>>> = {
  unauthenticated: 'Bearer realm="settle"',
  invalid_token: 'Bearer realm="settle", error="invalid_token"',
  token_expired: 'Bearer realm="settle", error="invalid_token", error_description="The token has expired"',
  invalid_signature: 'Signature realm="settle"',
};
