import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RawMessage } from '../providers/message.ts';

/** A body larger than this is nobody's payment. */
export const MAXIMUM_BODY_BYTES = 256 * 1024;

/** The bytes of the body, however API Gateway handed them over, and the headers by lower-case name. */
export function rawMessage({ headers, body = '', isBase64Encoded }: APIGatewayProxyEventV2): RawMessage {
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}
