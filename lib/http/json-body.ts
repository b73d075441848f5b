import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { JsonError, parseJsonObject } from '../json.ts';
import { ApiError } from './api-error.ts';
import { MAXIMUM_BODY_BYTES, rawMessage } from './raw-message.ts';

/** The source text of a JSON number, which says exactly what a float may not. No other JSON value becomes one. */
export interface RawNumber {
  readonly rawJSON: string;
}

const json = JSON as typeof JSON & {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

export const isRawNumber = (value: unknown): value is RawNumber => json.isRawJSON(value);

/** Numbers under `amount` are money and are kept as they are written. */
const keepAmountText = (key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  key === 'amount' && typeof value === 'number' && context?.source !== undefined
    ? json.rawJSON(context.source)
    : value;

/**
 * Puts the parsed object in the body's place; refuses what is too large or not strictly JSON. Not the parser that
 * comes with middy: that one hands no number's text on, takes bytes that are not UTF-8, and bounds no depth.
 */
export function jsonBody(): MiddlewareObj<APIGatewayProxyEventV2> {
  return {
    before: ({ event }) => {
      const { headers, body } = rawMessage(event);
      if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
        throw new ApiError(415, 'Content-Type 须为 application/json');
      }
      if (body.length > MAXIMUM_BODY_BYTES)
        throw new ApiError(413, `请求体不能超过 ${MAXIMUM_BODY_BYTES} 字节`);
      event.body = parse(body) as unknown as string;
    },
  };
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return parseJsonObject(body, keepAmountText);
  } catch (error) {
    throw error instanceof JsonError ? new ApiError(400, `请求体${error.message}`) : error;
  }
}
