import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** Serves on the loopback interface only; port 0 takes any free one. @throws StartError when it is taken */
export async function serve(listener: RequestListener, port = 0): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, stop: () => close(server) };
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
