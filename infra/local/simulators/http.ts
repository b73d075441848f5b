import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import { readBody } from '../http.ts';

/** A request as it arrived. */
export interface Call {
  readonly method: string;
  /** Path and query as the client sent them, which is what WeChat's clients sign. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address that it came from, or that a proxy says it did: everybody here shares one. */
  readonly from: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

/** The groups that the pattern captures are decoded and handed over behind the call. */
export type Route = readonly [
  method: string,
  path: RegExp,
  handle: (call: Call, ...parameters: string[]) => Answer | Promise<Answer>,
];

const MAX_BODY_BYTES = 1024 * 1024;

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
});

export const html = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html>\n<meta charset="utf-8">\n${body}\n`,
});

/** Undefined for what is not JSON. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);

export function router(routes: readonly Route[]): Handler {
  return (call) => {
    for (const [method, pattern, handle] of routes) {
      const match = call.method === method ? pattern.exec(call.path) : null;
      if (match) return handle(call, ...match.slice(1).map(decodeURIComponent));
    }
    return json(404, { error: `nothing answers ${call.method} ${call.path}` });
  };
}

/** The listener of an HTTP server that hands every request to `handle`. */
export function listener(handle: Handler, log: (line: string) => void): RequestListener {
  return async (request, response) => {
    try {
      const { status, headers, body } = await handle(await readCall(request));
      response.writeHead(status, headers).end(body);
    } catch (error) {
      log(`a simulator failed: ${error instanceof Error ? error.stack : error}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  };
}

const headerOf = (headers: IncomingHttpHeaders, name: string): string =>
  [headers[name] ?? ''].flat().join(',');

/** @throws Error for a body that no provider is sent */
async function readCall(request: IncomingMessage): Promise<Call> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) throw new Error('a request is too large');
  const { method = 'GET', headers, url: target = '/' } = request;
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1');
  const from = headerOf(headers, 'x-forwarded-for').split(',')[0] || request.socket.remoteAddress || '';
  return { method, target, path: pathname, query: searchParams, from: from.trim(), headers, body };
}
