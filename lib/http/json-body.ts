import type { MiddlewareObj } from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decodeJsonText, JsonError } from '../json.ts';
import { MAXIMUM_BODY_BYTES, rawMessage } from './raw-message.ts';
import { ApiError } from './reply.ts';

/** Puts the parsed value in the body's place. What it refuses, it refuses in words of ours. */
export function jsonBody(): MiddlewareObj<APIGatewayProxyEventV2> {
  const parser = jsonBodyParser<APIGatewayProxyEventV2>();
  return {
    before: async (request) => {
      checkBytes(request.event);
      try {
        await parser.before?.(request);
      } catch (error) {
        throw refusal(error);
      }
    },
  };
}

/** The parser bounds no size, and puts a replacement for what is not UTF-8. */
function checkBytes(event: APIGatewayProxyEventV2): void {
  const { body } = rawMessage(event);
  if (body.length > MAXIMUM_BODY_BYTES) throw new ApiError(413, `请求体不能超过 ${MAXIMUM_BODY_BYTES} 字节`);
  try {
    decodeJsonText(body);
  } catch (error) {
    throw error instanceof JsonError ? new ApiError(400, `请求体${error.message}`) : error;
  }
}

/** In place of the parser's error, whose cause holds the body and must not get any further. */
const refusal = (error: unknown): ApiError =>
  error instanceof Error && 'statusCode' in error && error.statusCode === 415
    ? new ApiError(415, 'Content-Type 须为 application/json')
    : new ApiError(400, '请求体不是有效的 JSON，或含有不允许的字段名');
