import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * A worker: a server that finds no item, and closes its connections at a word. It is a thread of its own so that the
 * client can stand still meanwhile, as a function does between two calls.
 */
export interface ClosingServerData {
  readonly key: string;
  readonly certificate: string;
  /** Of 32-bit integers: how many connections there have been, and 1 once they are closed. */
  readonly shared: SharedArrayBuffer;
}

const { key, certificate, shared } = workerData as ClosingServerData;
const state = new Int32Array(shared);
const open = new Set<TLSSocket>();

const server = createServer({ key, cert: certificate }, (request, response) => {
  request.resume().on('end', () => response.end('{}'));
});
server.on('secureConnection', (socket) => {
  open.add(socket);
  socket.on('error', () => {}).on('close', () => open.delete(socket));
  Atomics.add(state, 0, 1);
});
parentPort?.on('message', async () => {
  await Promise.all([...open].map((socket) => once(socket.destroy(), 'close')));
  Atomics.store(state, 1, 1);
  Atomics.notify(state, 1);
});
server.listen(0, 'localhost', () => parentPort?.postMessage((server.address() as AddressInfo).port));
