import { joinWordings, type Wording, wordingAbout } from '../wording.ts';
import type { ErrorWord } from './error-words.ts';

export interface ApiErrorOptions {
  /** What of the request is at fault: a field of its body, a parameter, or a header. */
  readonly field?: string | readonly string[];
  /** What the log says, where the message repeats what the client sent. */
  readonly reason?: string;
}

/** A request that fails, and the reply that says so. What it says goes to the client as it is. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  readonly word: ErrorWord;
  readonly wording: Wording;
  readonly fields: readonly string[];
  readonly reason: string;

  constructor(statusCode: number, word: ErrorWord, wording: Wording, options: ApiErrorOptions = {}) {
    super(wording.zh);
    this.statusCode = statusCode;
    this.word = word;
    this.wording = wording;
    this.fields = [options.field ?? []].flat();
    this.reason = options.reason ?? wording.zh;
  }
}

/** A field that is wrong; `problem` follows its name. */
export const invalidField = (field: string, problem: Wording, word: ErrorWord = 'invalid_field'): ApiError =>
  new ApiError(400, word, wordingAbout(field, problem), { field });

/** What is wrong with a field that has to be there. */
export const required: Wording = { zh: '必填', en: 'is required' };

/** What is wrong with a field that is none of a few values. */
export const mustBeOneOf = (values: readonly string[]): Wording => ({
  zh: `须为 ${values.join('、')} 之一`,
  en: `must be one of ${values.join(', ')}`,
});

/** So many fields are named at once, lest a client's reply, its headers, and the time they take grow with what it sent. */
export const MOST_NAMED = 16;

/** A field that is not known comes first, since it may be what a missing one was meant to be. */
const order: readonly ErrorWord[] = ['unknown_field', 'missing_field'];
const rank = ({ word }: ApiError): number => (order.includes(word) ? order.indexOf(word) : order.length);

/** All that is wrong with a request as one error, with the word of its first; of none a fault of ours. */
export function mergeErrors(errors: readonly ApiError[]): ApiError {
  const sorted = errors.toSorted((left, right) => rank(left) - rank(right)).slice(0, MOST_NAMED);
  const [first = internalError()] = sorted;
  if (sorted.length <= 1) return first;
  const reason = [...new Set(sorted.map((error) => error.reason))].join('；');
  const field = [...new Set(sorted.flatMap(({ fields }) => fields))];
  return new ApiError(400, first.word, joinWordings(sorted.map(({ wording }) => wording)), { field, reason });
}

export const unauthenticated = () =>
  new ApiError(401, 'unauthenticated', {
    zh: '用户未认证',
    en: 'Not authenticated: a bearer token is needed',
  });

export const invalidToken = () =>
  new ApiError(401, 'invalid_token', { zh: '用户未认证', en: 'Not authenticated: the token is not valid' });

export const tokenExpired = () =>
  new ApiError(401, 'token_expired', {
    zh: '用户未认证：令牌已过期',
    en: 'Not authenticated: the token has expired',
  });

/** A message to a callback that its provider did not sign. */
export const forged = () =>
  new ApiError(401, 'invalid_signature', { zh: '签名验证失败', en: 'The signature does not verify' });

export const forbidden = () => new ApiError(403, 'forbidden', { zh: '无权访问', en: 'Not allowed' });

export const orderNotFound = () =>
  new ApiError(404, 'order_not_found', { zh: '订单不存在', en: 'There is no such order' });

export const refundNotFound = () =>
  new ApiError(404, 'refund_not_found', { zh: '退款不存在', en: 'There is no such refund' });

export const deliveryNotFound = () =>
  new ApiError(404, 'delivery_not_found', { zh: '投递不存在', en: 'There is no such delivery' });

export const exceptionNotFound = () =>
  new ApiError(404, 'exception_not_found', { zh: '异常不存在', en: 'There is no such exception' });

export const keyReused = () =>
  new ApiError(
    409,
    'key_reused',
    {
      zh: 'Idempotency-Key 已用于另一个请求',
      en: 'Idempotency-Key was used for another request',
    },
    { field: 'Idempotency-Key' },
  );

export const providerFailed = () =>
  new ApiError(502, 'provider_failed', {
    zh: '支付渠道暂时不可用，请稍后重试',
    en: 'The provider cannot be reached at the moment, please try again later',
  });

export const internalError = () =>
  new ApiError(500, 'internal_error', { zh: '服务器内部错误', en: 'Internal server error' });
