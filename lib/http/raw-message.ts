import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RawMessage } from '../providers/message.ts';
import { ApiError } from './api-error.ts';

/** A body larger than this is nobody's payment. */
export const MAXIMUM_BODY_BYTES = 256 * 1024;

export const bodyTooLarge = () =>
  new ApiError(413, 'body_too_large', {
    zh: `请求体不能超过 ${MAXIMUM_BODY_BYTES} 字节`,
    en: `The body must not have more than ${MAXIMUM_BODY_BYTES} bytes`,
  });

/** The message, unless its body is too large to be looked at. @throws ApiError */
export function boundedMessage(event: APIGatewayProxyEventV2): RawMessage {
  const message = rawMessage(event);
  if (message.body.length > MAXIMUM_BODY_BYTES) throw bodyTooLarge();
  return message;
}

/** The bytes of the body, however API Gateway handed them over, and the headers by lower-case name. */
export function rawMessage({ headers, body = '', isBase64Encoded }: APIGatewayProxyEventV2): RawMessage {
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}
