import { afterEach, describe, expect, it } from 'vitest';
import { type GatewayOptions, startGateway } from '../../../../infra/local/gateway/server.ts';
import type { HttpServer } from '../../../../infra/local/http.ts';

const endpoints: GatewayOptions['endpoints'] = [
  { name: 'echo', method: 'POST', path: '/echo/{id}', documents: [], table: [] },
];
let gateway: HttpServer | undefined;
afterEach(() => gateway?.stop());

async function post(
  invoke: GatewayOptions['invoke'],
  {
    path = '/echo/1',
    body = '{}',
    timeoutMs = 30_000,
  }: { path?: string; body?: string; timeoutMs?: number } = {},
): Promise<Response> {
  gateway = await startGateway({ port: 0, endpoints, invoke, timeoutMs });
  return fetch(gateway.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

const never = () => new Promise<never>(() => {});
const refuse = () => Promise.reject(new Error('secret'));
const answered = async (response: Response) => [response.status, await response.text()];

describe('the HTTP API', () => {
  it('hands the request to the function and its response back', async () => {
    const response = await post(async (name, event) => ({
      statusCode: 201,
      headers: { 'Content-Type': 'application/json; charset=utf-8', 'X-Count': 2 },
      cookies: ['a=1', 'b=2'],
      body: JSON.stringify({ name, id: event.pathParameters?.['id'], body: event.body }),
    }));
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-count')).toBe('2');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ name: 'echo', id: '1', body: '{}' });
  });

  it('decodes a body in base64', async () => {
    const response = await post(async () => ({ statusCode: 200, body: 'AP8=', isBase64Encoded: true }));
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  it('answers 404 where there is no route', async () => {
    expect(await answered(await post(never, { path: '/other' }))).toEqual([404, '{"message":"Not Found"}']);
  });

  it('answers 400 to a path that is not UTF-8', async () => {
    expect(await answered(await post(never, { path: '/echo/%FF' }))).toEqual([
      400,
      '{"message":"Bad Request"}',
    ]);
  });

  it.each([
    ['fails', refuse],
    ['returns nothing', async () => null],
    ['returns no status code', async () => ({ body: 'x' })],
    ['returns a status code that is none', async () => ({ statusCode: 99 })],
    ['returns a body that is not text', async () => ({ statusCode: 200, body: {} })],
  ])('answers 500 when the function %s, without saying why', async (_what, invoke) => {
    expect(await answered(await post(invoke))).toEqual([500, '{"message":"Internal Server Error"}']);
  });

  it('answers 503 when the function takes too long', async () => {
    expect(await answered(await post(never, { timeoutMs: 5 }))).toEqual([
      503,
      '{"message":"Service Unavailable"}',
    ]);
  });

  it('takes a body of 10 MB and answers 413 to one more byte', async () => {
    const length = async (body: string) =>
      answered(
        await post(async (_name, event) => ({ statusCode: 200, body: `${event.body?.length}` }), { body }),
      );
    const limit = 10 * 1024 * 1024;
    expect(await length('x'.repeat(limit))).toEqual([200, `${limit}`]);
    await gateway?.stop();
    expect(await length('x'.repeat(limit + 1))).toEqual([413, '{"message":"Request Entity Too Large"}']);
  });

  it('names the port that is taken', async () => {
    gateway = await startGateway({ port: 0, endpoints, invoke: never });
    const port = Number(new URL(gateway.url).port);
    await expect(startGateway({ port, endpoints, invoke: never })).rejects.toThrow(`port ${port} is in use`);
  });
});
