/** An HTTP response, ready to be written. */
export interface GatewayResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** API Gateway's own answers. */
export const gatewayResponses = {
  badRequest: message(400, 'Bad Request'),
  notFound: message(404, 'Not Found'),
  tooLarge: message(413, 'Request Entity Too Large'),
  functionError: message(500, 'Internal Server Error'),
  timeout: message(503, 'Service Unavailable'),
};

/**
 * A function's result as a response, or null when it is none. API Gateway would make a response of any JSON;
 * here a result without a status code is taken for the mistake that it is.
 */
export function readResult(result: unknown): GatewayResponse | null {
  if (!isRecord(result)) return null;
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  if (!isStatus(statusCode) || !isRecord(headers) || !Array.isArray(cookies) || typeof body !== 'string') {
    return null;
  }
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    statusCode,
    headers: {
      'content-type': 'text/plain;charset=utf-8',
      ...Object.fromEntries(named),
      ...(cookies.length > 0 && { 'set-cookie': cookies.map(String) }),
    },
    body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function message(statusCode: number, text: string): GatewayResponse {
  const body = Buffer.from(JSON.stringify({ message: text }));
  return { statusCode, headers: { 'content-type': 'application/json' }, body };
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
