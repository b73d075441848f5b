import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StripeCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly form: URLSearchParams;
}

/** Says what is answered; `hang` answers nothing at all. */
export type StripeAnswer = { readonly status?: number; readonly body: unknown } | 'hang';

/** A server on the loopback that answers as the test says, and keeps what it was asked. */
export async function startStripeServer(answer: (call: StripeCall) => StripeAnswer) {
  const calls: StripeCall[] = [];
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

async function readCall(request: IncomingMessage): Promise<StripeCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stripe.invalid');
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    form: new URLSearchParams(Buffer.concat(chunks).toString()),
  };
}

function write(response: ServerResponse, answer: StripeAnswer): void {
  if (answer === 'hang') return;
  const isText = typeof answer.body === 'string';
  response.writeHead(answer.status ?? 200, { 'content-type': isText ? 'text/html' : 'application/json' });
  response.end(isText ? answer.body : JSON.stringify(answer.body));
}
