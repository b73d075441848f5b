import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Route } from './routes.ts';

export interface GatewayRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Names and values in turn, as Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly protocol: string;
  readonly sourceIp: string;
  readonly body: Buffer;
}

export interface RequestIdentity {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/**
 * The event of an API Gateway HTTP API, payload format 2.0.
 * @throws URIError when the path is not percent-encoded UTF-8
 */
export function createEvent(
  request: GatewayRequest,
  { endpoint, path: route, pathParameters }: Route,
  { requestId, time }: RequestIdentity,
): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.target);
  // An HTTP API hands the path over decoded, despite the name (unlike a REST API or a function URL).
  const rawPath = decodeURIComponent(path);
  const { cookie, ...headers } = joinHeaders(request.rawHeaders);
  const routeKey = `${endpoint.method} ${route}`;
  const domainName = headers['host'] ?? 'localhost';
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      'x-forwarded-for': joined(headers['x-forwarded-for'], request.sourceIp),
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...(query !== '' && { queryStringParameters: parseQuery(query) }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method: request.method,
        path: rawPath,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: formatTime(time),
      timeEpoch: time,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...encodeBody(request.body, headers['content-type']),
  };
}

export function splitTarget(target: string): { path: string; query: string } {
  const [path = '', ...query] = target.split('?');
  return { path, query: query.join('?') };
}

function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    headers[name] = joined(headers[name], rawHeaders[index + 1] ?? '', name === 'cookie' ? '; ' : ',');
  }
  return headers;
}

function parseQuery(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(query)) parameters[name] = joined(parameters[name], value);
  return parameters;
}

function joined(before: string | undefined, value: string, separator = ','): string {
  return before === undefined ? value : `${before}${separator}${value}`;
}

const TEXT_TYPE = /^(text\/.*|application\/(json|javascript|xml|.*\+(json|xml)))$/;

/** A form is not text to API Gateway. Text that is not UTF-8 is kept as bytes rather than mangled. */
function encodeBody(
  body: Buffer,
  contentType = '',
): Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) return { isBase64Encoded: false };
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  return TEXT_TYPE.test(type) && isUtf8(body)
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
}

/** `12/Mar/2020:19:03:58 +0000` */
function formatTime(time: number): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}
