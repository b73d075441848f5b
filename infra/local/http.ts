import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Refusal, refuseForeign } from './foreign-request.ts';
import { StartError } from './start-error.ts';

export interface HttpServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Longer than a busy machine stands still: a connection that is closed here while its client sends is lost to it,
 * and clients are told to close theirs a second earlier.
 */
const KEEP_ALIVE_MS = 60_000;

type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
type Refuse = (request: IncomingMessage) => Refusal | null;

/** A server that has its port. What it is asked waits until there is somebody to answer. */
export interface HeldServer extends HttpServer {
  /** Nobody whom `refuse` turns away is served: other sites' pages, where nothing else is said. */
  serve(listener: Listener, refuse?: Refuse): void;
}

/** @throws StartError when the port is taken */
export async function serve(
  listener: Listener,
  port = 0,
  refuse: Refuse = refuseForeign,
): Promise<HttpServer> {
  const held = await holdPort(port);
  held.serve(listener, refuse);
  return held;
}

/**
 * Takes a port, of the loopback interface only, before what is served there is known; port 0 takes any free one. One that
 * was only found free could be somebody else's by the time that it is served. It is served in no frame.
 * @throws StartError when it is taken
 */
export async function holdPort(port = 0): Promise<HeldServer> {
  const served = Promise.withResolvers<{ readonly listener: Listener; readonly refuse: Refuse }>();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (request, response) => {
    const { listener, refuse } = await served.promise;
    const refusal = refuse(request);
    if (refusal !== null) return turnAway(request, response, refusal);
    response.setHeader('x-frame-options', 'DENY');
    try {
      await listener(request, response);
    } catch {
      // Whatever a request brings about ends that request, and not the system.
      response.destroy();
    }
  });
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}`,
    serve: (listener, refuse = refuseForeign) => served.resolve({ listener, refuse }),
    stop: () => close(server),
  };
}

/** A port that was free a moment ago, for a process that must be told its port. */
export async function findFreePort(): Promise<number> {
  const server = await serve(() => {});
  await server.stop();
  return Number(new URL(server.url).port);
}

/** The body's bytes, or null when there are more than `limit`; read to its end even then, to be answered. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : null;
}

function turnAway(request: IncomingMessage, response: ServerResponse, status: Refusal): void {
  const message = {
    421: 'This server is asked for as 127.0.0.1 or localhost alone',
    403: "Another site's page may not ask this server",
  }[status];
  // Unread, it would be taken for the next request on the connection.
  request.resume();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = 'set PORT or CONSOLE_PORT to another, or to 0 for any';
      const taken = error.code === 'EADDRINUSE';
      reject(
        new StartError(`port ${port} ${taken ? 'is in use' : `cannot be used (${error.code})`}: ${hint}`),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
