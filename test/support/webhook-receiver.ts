import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { TlsIdentity } from './tls-proxy.ts';

export interface ReceivedWebhook {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a receiver answers: a status, or whatever the function does with the response, nothing included. */
export type ReceiverAnswer = number | ((response: ServerResponse) => void);

/** A shop's receiver on the loopback: keeps what came, and answers as the test says. */
export async function startReceiver({
  tls,
  answer = () => 204,
}: {
  readonly tls?: TlsIdentity;
  readonly answer?: (webhook: ReceivedWebhook) => ReceiverAnswer;
} = {}) {
  const received: ReceivedWebhook[] = [];
  const listener: RequestListener = async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const body = (await request.toArray()).join('');
    const webhook = { method, path, headers, body };
    received.push(webhook);
    const answered = answer(webhook);
    if (typeof answered === 'function') answered(response);
    else response.writeHead(answered).end();
  };
  const server = tls
    ? createHttpsServer({ key: tls.key, cert: tls.certificate }, listener)
    : createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}/hooks`,
    received,
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a receiver with this secret reads. @throws as the package does */
export const verified = (
  secret: string,
  { headers, body }: Pick<ReceivedWebhook, 'headers' | 'body'>,
): unknown => new Webhook(secret).verify(body, headers as Record<string, string>);
