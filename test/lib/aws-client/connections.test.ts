import { once } from 'node:events';
import { type Agent, request } from 'node:https';
import { type AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import tls, { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTlsIdentity, type TlsIdentity } from '../../support/tls-proxy.ts';

/** The connection that is begun before there is a request. */

const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const limits = { maxAttempts: 1, requestTimeout: 5_000 };

let server: Server;
let url: URL;
let sockets: TLSSocket[];
const trustedBefore = tls.getCACertificates('default');

beforeEach(() => {
  sockets = [];
  vi.stubEnv('AWS_REGION', 'eu-test-1');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  if (server?.listening) await new Promise((resolve) => server.close(resolve));
  vi.unstubAllEnvs();
  vi.resetModules();
  // The files of a process share them, and one of two certificates of the same name is tried.
  tls.setDefaultCACertificates(trustedBefore);
});

/** Answers whatever it is sent. */
async function listen({ key, certificate }: TlsIdentity): Promise<void> {
  server = createServer({ key, cert: certificate }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).on('data', () => socket.write(answer));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, 'localhost');
  await once(server, 'listening');
  url = new URL(`https://localhost:${(server.address() as AddressInfo).port}`);
}

/** Trusts no more than this certificate; which are trusted is read when the module is loaded. */
async function configure(trusted: TlsIdentity) {
  tls.setDefaultCACertificates([trusted.certificate]);
  vi.resetModules();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', url.origin);
  const { awsClientConfig } = await import('../../../lib/aws-client.ts');
  return awsClientConfig('dynamodb', limits);
}

/** Asks as the SDK does, through the agent that it is given. */
async function openPost(trusted: TlsIdentity): Promise<() => Promise<string>> {
  const { requestHandler } = await configure(trusted);
  const agent = 'httpsAgent' in requestHandler ? (requestHandler.httpsAgent as Agent) : undefined;
  expect(agent).toBeDefined();
  return async () => {
    const sent = request(url, { method: 'POST', agent });
    sent.end('body');
    const [response] = await once(sent, 'response');
    return text(response);
  };
}

it('is there before the first request, and is used by it and by the next', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = await openPost(identity);
  await expect.poll(() => sockets.length).toBe(1);
  expect(await post()).toBe('ok');
  expect(await post()).toBe('ok');
  expect(sockets).toHaveLength(1);
});

it('serves one request at a time', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = await openPost(identity);
  expect(await Promise.all([post(), post()])).toEqual(['ok', 'ok']);
  expect(sockets).toHaveLength(2);
});

it('is replaced when it ended before it was used', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  const post = await openPost(identity);
  await expect.poll(() => sockets.length).toBe(1);
  const [first] = sockets as [TLSSocket];
  first.end();
  // Once the other side has ended it too, it knows.
  await once(first, 'close');
  expect(await post()).toBe('ok');
  expect(sockets).toHaveLength(2);
});

it('is refused where the certificate is not trusted', async () => {
  await listen(createTlsIdentity());
  const post = await openPost(createTlsIdentity());
  await expect(post()).rejects.toThrow(/certificate/);
  await expect(post()).rejects.toThrow(/certificate/);
});

it('is refused where the certificate is for another host', async () => {
  const identity = createTlsIdentity();
  await listen(identity);
  url.hostname = '127.0.0.1';
  const post = await openPost(identity);
  await expect(post()).rejects.toThrow();
});

it('sends each part at once, and does not wait for word that the one before has arrived', async () => {
  const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const identity = createTlsIdentity();
  await listen(identity);
  await openPost(identity);
  expect(setNoDelay).toHaveBeenCalledExactlyOnceWith(true);
});

describe('the address', () => {
  const endpointOf = async () => {
    vi.resetModules();
    const { awsClientConfig } = await import('../../../lib/aws-client.ts');
    return awsClientConfig('secretsmanager', limits);
  };

  it('is the one that the environment names for the service, or for all of AWS', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', undefined);
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:4566');
    expect(await endpointOf()).toMatchObject({ endpoint: 'http://127.0.0.1:4566', region: 'eu-test-1' });
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', 'http://127.0.0.1:4567');
    expect(await endpointOf()).toMatchObject({ endpoint: 'http://127.0.0.1:4567' });
  });

  it('is looked for by the SDK itself where the environment names no region', async () => {
    vi.stubEnv('AWS_REGION', '');
    const config = await endpointOf();
    expect(config).not.toHaveProperty('endpoint');
    expect(config).not.toHaveProperty('region');
  });
});
