import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServerCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
  readonly body: string;
}

/** Says what is answered: text and bytes as they are, all else as JSON; `hang` answers nothing at all. */
export type ServerAnswer =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  | 'hang';

export type LoopbackServer = Awaited<ReturnType<typeof startLoopbackServer>>;

/** A server on the loopback that answers as the test says, and keeps what it was asked. */
export async function startLoopbackServer(answer: (call: ServerCall) => ServerAnswer) {
  const calls: ServerCall[] = [];
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    write(response, answer(call));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readCall(request: IncomingMessage): Promise<ServerCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server.invalid');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    form: new URLSearchParams(body),
    body,
  };
}

function write(response: ServerResponse, answer: ServerAnswer): void {
  if (answer === 'hang') return;
  const { status = 200, headers, body } = answer;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': isRaw ? 'text/html' : 'application/json', ...headers });
  response.end(isRaw ? body : JSON.stringify(body));
}
