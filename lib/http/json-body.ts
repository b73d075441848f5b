import type { MiddlewareObj } from '@middy/core';
import jsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decodeJsonText, JsonError, repeatedName } from '../json.ts';
import { ApiError } from './api-error.ts';
import { repeatedField } from './fields.ts';
import { boundedMessage } from './raw-message.ts';

/** Puts the parsed value in the body's place. What it refuses, it refuses in words of ours. */
export function jsonBody(): MiddlewareObj<APIGatewayProxyEventV2> {
  const parser = jsonBodyParser<APIGatewayProxyEventV2>();
  return {
    before: async (request) => {
      const text = readText(request.event);
      try {
        await parser.before?.(request);
      } catch (error) {
        throw refusal(error);
      }
      const repeated = repeatedName(text);
      if (repeated !== null) throw repeatedField(repeated);
    },
  };
}

/** The parser bounds no size, and puts a replacement for what is not UTF-8. */
function readText(event: APIGatewayProxyEventV2): string {
  const { body } = boundedMessage(event);
  try {
    return decodeJsonText(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { zh, en } = error.wording;
    throw new ApiError(400, 'invalid_body', { zh: `请求体${zh}`, en: `The body ${en}` });
  }
}

/** In place of the parser's error, whose cause holds the body and must not get any further. */
const refusal = (error: unknown): ApiError =>
  error instanceof Error && 'statusCode' in error && error.statusCode === 415
    ? new ApiError(415, 'unsupported_media_type', {
        zh: 'Content-Type 须为 application/json',
        en: 'Content-Type must be application/json',
      })
    : new ApiError(400, 'invalid_body', {
        zh: '请求体不是有效的 JSON，或含有不允许的字段名',
        en: 'The body is not valid JSON, or a field has a name that is not allowed',
      });
