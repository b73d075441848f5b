import { type CsvTable, listReply } from '../../lib/http/csv.ts';
import type { ErrorWord } from '../../lib/http/error-words.ts';
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

/** The words that an error may carry for machines, what it means, and a message that comes with it. */
type ErrorAnswer = readonly [words: readonly ErrorWord[], description: string, message: string];

/** How a family of paths answers; `messageField` is where its envelope says something. */
function envelope(messageField: 'msg' | 'message', errorName: SchemaName) {
  const error = (status: number, [words, description, message]: ErrorAnswer): JsonObject => ({
    description,
    headers: errorHeaders(status, words),
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

const sharedHeader = (name: keyof typeof sharedHeaders): JsonObject => ({
  $ref: `#/components/headers/${name}`,
});

/** What every error says besides its body; `words` are those that this one may carry. */
export const errorHeaders = (status: number, words: readonly ErrorWord[]): Record<string, JsonObject> => ({
  'settle-error': {
    description: 'What is wrong, in a word that stays the same.',
    required: true,
    schema: { type: 'string', enum: words },
  },
  'settle-error-field': sharedHeader('ErrorField'),
  ...(status === 401 && { 'WWW-Authenticate': sharedHeader('Challenge') }),
});

export const sharedHeaders = {
  ErrorField: {
    description: 'Which fields, parameters or headers are at fault, where some are.',
    schema: { ...text, examples: ['amount', 'amount, currency'] },
  },
  Challenge: {
    description: 'What is asked for.',
    required: true,
    schema: { ...text, examples: ['Bearer realm="settle"'] },
  },
  Cursor: {
    description: 'Of a table: the cursor of the next page; at the end there is none.',
    schema: text,
  },
} as const satisfies Record<string, JsonObject>;

const UNAUTHENTICATED = ['unauthenticated', 'invalid_token', 'token_expired'] as const;

/** A caller of `/v2/*` who is not authenticated: without `data`. */
export const v2Unauthenticated: JsonObject = {
  description: 'There is no valid token.',
  headers: errorHeaders(401, UNAUTHENTICATED),
  content: jsonContent(schemaReference('V2Unauthenticated'), {
    code: 401,
    message: '用户未认证',
  }),
};

/** A page of a list, as JSON or as CSV; the example as both. */
export function listAnswer<Page extends JsonObject & { readonly cursor?: string | null }>(
  description: string,
  schema: SchemaName,
  page: Page,
  table: CsvTable<Page>,
): JsonObject {
  const asCsv = listReply({ accept: 'text/csv' }, page, table);
  if (!('body' in asCsv)) throw new Error('a page that was asked for as CSV is none');
  const answer = payAnswers.success(description, schemaReference(schema), '成功', page);
  return {
    ...answer,
    ...('cursor' in page && { headers: { 'settle-cursor': sharedHeader('Cursor') } }),
    content: {
      ...(answer['content'] as JsonObject),
      'text/csv': {
        schema: { ...text, description: 'UTF-8 with a byte order mark; the first line names the columns.' },
        example: asCsv.body.replace(BYTE_ORDER_MARK, ''),
      },
    },
  };
}

const BYTE_ORDER_MARK = '\ufeff';

const INTERNAL: ErrorAnswer = [['internal_error'], 'Nothing was stored: ask again.', '服务器内部错误'];

/** What every endpoint for a viewer or an administrator can answer. */
export const adminErrors = {
  401: [UNAUTHENTICATED, 'There is no valid token.', '用户未认证'],
  403: [['forbidden'], 'The role or the tenant of the token does not allow this.', '无权访问'],
  500: INTERNAL,
} as const satisfies Record<number, ErrorAnswer>;

/** What every endpoint to which a body can be sent answers to a large one, though it wants none. */
export const sizeError = {
  413: [['body_too_large'], 'The body is larger than 256 KiB.', '请求体不能超过 262144 字节'],
} as const satisfies Record<number, ErrorAnswer>;

/** What every endpoint that takes a JSON body can answer besides. */
export const bodyErrors = {
  ...sizeError,
  415: [['unsupported_media_type'], 'The body is not said to be JSON.', 'Content-Type 须为 application/json'],
} as const satisfies Record<number, ErrorAnswer>;

/** What an endpoint that takes neither a parameter nor a body answers to one. */
export const unwantedErrors = {
  400: [['unknown_field'], 'It takes neither parameters nor fields.', '不支持参数 limit'],
} as const satisfies Record<number, ErrorAnswer>;

/** How a parameter can be wrong. */
export const parameterWords = ['unknown_field', 'invalid_field'] as const;

/** How a field of a body can be wrong, or the body as a whole. */
export const fieldWords = ['missing_field', 'unknown_field', 'invalid_field', 'invalid_body'] as const;

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
    'API Gateway itself, without `settle-error`: 429 when requests come faster than the stage takes them, 503 when a function does not answer in time. Ask again later.',
  content: jsonContent(object({ message: text }), { message: 'Too Many Requests' }),
};
