import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface OtherAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ApiProxy = Awaited<ReturnType<typeof startApiProxy>>;

/** Stands before an API and hands on what it is asked, save where it is told to answer itself. */
export async function startApiProxy(target: string) {
  const others = new Map<string, OtherAnswer>();
  let ahead_ms = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const body = Buffer.concat(await Array.fromAsync(request));
    const date = new Date(Date.now() + ahead_ms).toUTCString();
    const other = others.get(`${method} ${url}`) ?? others.get('*');
    if (other) {
      response.writeHead(other.status, { date, ...other.headers }).end(other.body);
      return;
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers;
    const answered = await fetch(target + url, {
      method,
      headers: rest as Record<string, string>,
      body: body.length > 0 ? body : null,
    });
    const type = answered.headers.get('content-type') ?? 'text/plain';
    response.writeHead(answered.status, { date, 'content-type': type }).end(await answered.text());
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** `POST /v2/payments/notify`, or `*` for all. */
    answerInstead: (route: string, other: OtherAnswer) => others.set(route, other),
    setClockAhead: (duration_ms: number) => {
      ahead_ms = duration_ms;
    },
    reset() {
      others.clear();
      ahead_ms = 0;
    },
    stop(): Promise<void> {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
