import { once } from 'node:events';
import { type AddressInfo, Socket } from 'node:net';
import tls, { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTlsIdentity, type TlsIdentity } from '../../support/tls-proxy.ts';

/** The connection that is begun before there is a request. */

const limits = { connectionTimeout_ms: 2_000, requestTimeout_ms: 5_000 };
const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let server: Server;
let url: URL;
let sockets: TLSSocket[];

beforeEach(() => {
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  vi.resetModules();
});

/** Answers whatever it is sent. */
async function listen(
  { key, certificate }: TlsIdentity,
  answer = whole,
  { hangUp } = { hangUp: false },
): Promise<void> {
  server = createServer({ key, cert: certificate }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).on('data', () => (hangUp ? socket.end(answer) : socket.write(answer)));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, 'localhost');
  await once(server, 'listening');
  url = new URL(`https://localhost:${(server.address() as AddressInfo).port}`);
}

/** Trusts no more than this certificate; which are trusted is read when the module is loaded. */
async function loadPost(trusted: TlsIdentity) {
  tls.setDefaultCACertificates([trusted.certificate]);
  vi.resetModules();
  return (await import('../../../infra/lean-sdk/post.ts')).createPost;
}

it('is there before the first request, and is used by it and by the next', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = (await loadPost(identity))(url, limits);
  await vi.waitUntil(() => sockets.length === 1);
  expect(await post({}, 'body', undefined)).toEqual({ status: 200, body: 'ok' });
  expect(await post({}, 'body', undefined)).toEqual({ status: 200, body: 'ok' });
  expect(sockets).toHaveLength(1);
});

it('serves one request at a time', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = (await loadPost(identity))(url, limits);
  const answers = await Promise.all([post({}, 'body', undefined), post({}, 'body', undefined)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(sockets).toHaveLength(2);
});

it('is replaced when it ended before it was used', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = (await loadPost(identity))(url, limits);
  await vi.waitUntil(() => sockets.length === 1);
  const [first] = sockets as [TLSSocket];
  first.end();
  // Once the other side has ended it too, it knows.
  await once(first, 'close');
  expect(await post({}, 'body', undefined)).toEqual({ status: 200, body: 'ok' });
  expect(sockets).toHaveLength(2);
});

it('is refused where the certificate is not trusted', async () => {
  await listen(createTlsIdentity());
  const post = (await loadPost(createTlsIdentity()))(url, limits);
  await expect(post({}, 'body', undefined)).rejects.toThrow(/certificate/);
  await expect(post({}, 'body', undefined)).rejects.toThrow(/certificate/);
});

it('is refused where the certificate is for another host', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  url.hostname = '127.0.0.1';
  const post = (await loadPost(identity))(url, limits);
  await expect(post({}, 'body', undefined)).rejects.toThrow();
});

it.each([
  ['before it begins', ''],
  ['among its headers', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}'],
  ['between two chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n'],
])('brings no answer that ends %s', async (_, part) => {
  const identity = createTlsIdentity();
  await listen(identity, part, { hangUp: true });
  const post = (await loadPost(identity))(url, limits);
  await expect(post({}, 'body', undefined)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('sends each part at once, and does not wait for word that the one before has arrived', async () => {
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const identity = createTlsIdentity();
  await listen(identity);
  await loadPost(identity).then((createPost) => createPost(url, limits));
  expect(setNoDelay).toHaveBeenCalledExactlyOnceWith(true);
});

const stuck = 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}';

it.each([
  ['TimeoutError', 'its limit', { ...limits, requestTimeout_ms: 100 }, undefined],
  ['AbortError', 'a signal', limits, 100],
])('gives up with a %s, by %s, an answer that goes no further', async (name, _, limits, abortAfter_ms) => {
  const identity = createTlsIdentity();
  await listen(identity, stuck);
  const post = (await loadPost(identity))(url, limits);
  const signal = abortAfter_ms === undefined ? undefined : AbortSignal.timeout(abortAfter_ms);
  await expect(post({}, 'body', signal)).rejects.toMatchObject({ name });
});
