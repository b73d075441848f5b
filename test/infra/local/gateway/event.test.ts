import { describe, expect, it } from 'vitest';
import { createEvent, type GatewayRequest } from '../../../../infra/local/gateway/event.ts';

const route = {
  endpoint: { name: 'f', method: 'POST', path: '/a', tenantPath: '/a/{id}', documents: [], table: [] },
  path: '/a/{id}',
  pathParameters: { id: 'x y' },
} as const;
const identity = { requestId: 'r-1', time: Date.UTC(2020, 2, 12, 19, 3, 58) };

function eventOf(request: Partial<GatewayRequest> = {}) {
  return createEvent(
    {
      method: 'POST',
      target: '/a/x%20y',
      rawHeaders: ['Host', 'pay.example.com'],
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      body: Buffer.alloc(0),
      ...request,
    },
    route,
    identity,
  );
}

const bodyOf = (contentType: string | null, body: Buffer | string) => {
  const { body: text, isBase64Encoded } = eventOf({
    rawHeaders: contentType === null ? [] : ['Content-Type', contentType],
    body: Buffer.from(body),
  });
  return { body: text, isBase64Encoded };
};

describe('createEvent', () => {
  it('describes the request as payload format 2.0 does', () => {
    expect(eventOf({ rawHeaders: ['Host', 'pay.example.com', 'User-Agent', 'curl/8'] })).toEqual({
      version: '2.0',
      routeKey: 'POST /a/{id}',
      rawPath: '/a/x y',
      rawQueryString: '',
      headers: {
        host: 'pay.example.com',
        'user-agent': 'curl/8',
        'x-forwarded-for': '192.0.2.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'pay.example.com',
        domainPrefix: 'pay',
        http: {
          method: 'POST',
          path: '/a/x y',
          protocol: 'HTTP/1.1',
          sourceIp: '192.0.2.1',
          userAgent: 'curl/8',
        },
        requestId: 'r-1',
        routeKey: 'POST /a/{id}',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838000,
      },
      pathParameters: { id: 'x y' },
      isBase64Encoded: false,
    });
  });

  it('lowers header names and joins repeated headers with a comma', () => {
    const { headers } = eventOf({ rawHeaders: ['Wechatpay-Signature', 'one', 'WECHATPAY-SIGNATURE', 'two'] });
    expect(headers['wechatpay-signature']).toBe('one,two');
  });

  it('appends to the forwarded addresses that the client names', () => {
    const { headers } = eventOf({ rawHeaders: ['X-Forwarded-For', '127.0.0.1'] });
    expect(headers['x-forwarded-for']).toBe('127.0.0.1,192.0.2.1');
  });

  it('lists cookies apart from the headers', () => {
    const { headers, cookies } = eventOf({ rawHeaders: ['Cookie', 'a=1; b=2', 'cookie', 'c=3'] });
    expect(cookies).toEqual(['a=1', 'b=2', 'c=3']);
    expect(headers).not.toHaveProperty('cookie');
  });

  it('keeps the query as sent, and decodes its parameters', () => {
    const event = eventOf({ target: '/a/1?x=%2B&y=a+b&x=2&?' });
    expect(event.rawQueryString).toBe('x=%2B&y=a+b&x=2&?');
    expect({ ...event.queryStringParameters }).toEqual({ x: '+,2', y: 'a b', '?': '' });
    expect(eventOf()).not.toHaveProperty('queryStringParameters');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'TEXT/plain',
    'application/xml',
    'application/javascript',
    'application/problem+json',
  ])('hands %s over as text', (type) => {
    expect(bodyOf(type, '{"金":"\\/"}')).toEqual({ body: '{"金":"\\/"}', isBase64Encoded: false });
  });

  it.each(['application/x-www-form-urlencoded', 'application/octet-stream', 'application/jsonp', null])(
    'hands %s over in base64',
    (type) => {
      expect(bodyOf(type, 'a=1')).toEqual({ body: 'YT0x', isBase64Encoded: true });
    },
  );

  it('keeps the bytes of text that is not UTF-8', () => {
    const bytes = Buffer.from([0x7b, 0xb6, 0xa9, 0x7d]);
    expect(bodyOf('application/json', bytes)).toEqual({
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
  });

  it('leaves an empty body out', () => {
    expect(eventOf({ rawHeaders: ['Content-Type', 'application/json'] })).not.toHaveProperty('body');
  });

  it('is not misled by header and parameter names that objects inherit', () => {
    const event = eventOf({ rawHeaders: ['__proto__', 'x', 'constructor', 'y'], target: '/a/1?toString=1' });
    expect(event.headers['constructor']).toBe('y');
    expect(event.queryStringParameters?.['toString']).toBe('1');
  });
});
