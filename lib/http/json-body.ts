import type { MiddlewareObj } from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
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

/** Refuses a body that is too large or is not strictly JSON, then parses it. */
export function jsonBody(): MiddlewareObj<APIGatewayProxyEventV2>[] {
  return [{ before: ({ event }) => checkBody(event) }, httpJsonBodyParser({ reviver: keepAmountText })];
}

function checkBody(event: APIGatewayProxyEventV2): void {
  const { body } = rawMessage(event);
  if (body.length > MAXIMUM_BODY_BYTES) throw new ApiError(413, `请求体不能超过 ${MAXIMUM_BODY_BYTES} 字节`);
  try {
    parseJsonObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new ApiError(400, `请求体${error.message}`) : error;
  }
}
