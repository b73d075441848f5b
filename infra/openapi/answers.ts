import { type SchemaName, schemaReference } from './schemas.ts';
import type { JsonObject } from './types.ts';

export const jsonContent = (schema: JsonObject, example: unknown): JsonObject => ({
  'application/json': { schema, example },
});

const object = (properties: Readonly<Record<string, JsonObject>>): JsonObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});

const text = { type: 'string' };

/** What an error means, and a message that comes with it. */
type ErrorAnswer = readonly [description: string, message: string];

/** How a family of paths answers; `messageField` is where its envelope says something. */
function envelope(messageField: 'msg' | 'message', errorName: SchemaName) {
  const error = (status: number, [description, message]: ErrorAnswer): JsonObject => ({
    description,
    content: jsonContent(schemaReference(errorName), {
      code: status,
      [messageField]: message,
      data: null,
    }),
  });
  return {
    success: (description: string, data: JsonObject, message: string, example: unknown): JsonObject => ({
      description,
      content: jsonContent(object({ code: { const: 0 }, [messageField]: text, data }), {
        code: 0,
        [messageField]: message,
        data: example,
      }),
    }),
    /** By status. */
    errors: (answers: Readonly<Record<number, ErrorAnswer>>): Record<string, JsonObject> =>
      Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, error(Number(status), answer)]),
      ),
  };
}

/** `/api/pay/*` */
export const payAnswers = envelope('msg', 'PayError');

/** `/v2/*` */
export const v2Answers = envelope('message', 'V2Error');

/** A caller of `/v2/*` who is not authenticated: without `data`. */
export const v2Unauthenticated: JsonObject = {
  description: 'There is no valid token.',
  content: jsonContent(schemaReference('V2Unauthenticated'), {
    code: 401,
    message: '用户未认证',
  }),
};

const INTERNAL: ErrorAnswer = ['Nothing was stored: ask again.', '服务器内部错误'];

/** What every endpoint for administrators can answer. */
export const adminErrors = {
  401: ['There is no valid token.', '用户未认证'],
  403: ['The role or the tenant of the token does not allow this.', '无权访问'],
  500: INTERNAL,
} as const satisfies Record<number, ErrorAnswer>;

/** What every endpoint that takes a JSON body can answer besides. */
export const bodyErrors = {
  413: ['The body is larger than 256 KiB.', '请求体不能超过 262144 字节'],
  415: ['The body is not said to be JSON.', 'Content-Type 须为 application/json'],
} as const satisfies Record<number, ErrorAnswer>;

export const internalError = { 500: INTERNAL } as const;

/** WeChat Pay's own form of an acknowledgement. */
export const wechatSuccess: JsonObject = jsonContent(object({ code: { const: 'SUCCESS' }, message: text }), {
  code: 'SUCCESS',
  message: '成功',
});

export const wechatFailure = (message: string): JsonObject =>
  jsonContent(schemaReference('WechatFailure'), { code: 'FAIL', message });

/** Alipay's own form of an acknowledgement. */
export const alipayAnswer = (word: 'success' | 'failure'): JsonObject => ({
  'text/plain': { schema: { const: word }, example: word },
});

/** Answers of API Gateway itself, which no function sees. */
export const gatewayError: JsonObject = {
  description:
    'API Gateway itself: 429 when requests come faster than the stage takes them, 503 when a function does not answer in time. Ask again later.',
  content: jsonContent(object({ message: text }), { message: 'Too Many Requests' }),
};
