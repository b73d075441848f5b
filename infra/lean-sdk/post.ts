import type { ClientRequest } from 'node:http';
import { openTransport } from './connections.ts';
import type { Headers } from './sign.ts';

export interface PostLimits {
  readonly connectionTimeout_ms: number;
  /** From the request to the end of its answer. */
  readonly requestTimeout_ms: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** @throws Error named `TimeoutError` or `AbortError`, or a network error */
export type Post = (headers: Headers, body: string, signal: AbortSignal | undefined) => Promise<Answer>;

/** Sends to one address, over connections that are kept open. */
export function createPost(url: URL, limits: PostLimits): Post {
  const transport = openTransport(url);
  return async (headers, body, signal) => {
    const { request, agent } = await transport;
    const call = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      ...(signal && { signal }),
    });
    const answer = readAnswer(call);
    limit(call, limits);
    call.end(body);
    return answer;
  };
}

function readAnswer(call: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call.on('error', reject);
    call.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}

/** Ends a call that takes too long. */
function limit(call: ClientRequest, { connectionTimeout_ms, requestTimeout_ms }: PostLimits): void {
  const endAfter = (ms: number, missing: string) => {
    const error = Object.assign(new Error(`no ${missing} within ${ms} ms`), { name: 'TimeoutError' });
    const timer = setTimeout(() => call.destroy(error), ms);
    call.once('close', () => clearTimeout(timer));
    return timer;
  };
  endAfter(requestTimeout_ms, 'answer');
  call.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = endAfter(connectionTimeout_ms, 'connection');
    socket.once('connect', () => clearTimeout(timer));
  });
}
