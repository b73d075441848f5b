import diagnostics from 'node:diagnostics_channel';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { isLoopbackAllowed } from '../../../lib/config/webhooks.ts';
import { createSender, type Resolve, type SenderParts } from '../../../lib/webhooks/send.ts';
import { newEventId } from '../../support/deliveries.ts';
import { createTlsIdentity, type TlsIdentity } from '../../support/tls-proxy.ts';
import { startReceiver, verified } from '../../support/webhook-receiver.ts';
import { webhookSecret } from '../../support/webhook-secret.ts';

const secrets = [webhookSecret(1), webhookSecret(2)];
const message = { id: newEventId(), body: '{"type":"order.paid","data":{"note":"付款"}}' };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiver(options: Parameters<typeof startReceiver>[0] = {}) {
  const started = await startReceiver(options);
  closing.push(started.close);
  return started;
}

/** A server that gets a connection, and the test says what it does with it. */
function connections(onConnection: (write: (text: string) => void) => void): Promise<string> {
  return sockets((socket) => {
    // What comes is not looked at, but its end is.
    socket.resume();
    onConnection((text) => socket.write(text));
  });
}

async function sockets(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    closing.push(async () => socket.destroy());
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const send = (url: string, parts: Partial<SenderParts> = {}) =>
  createSender({ now: Date.now, allowLoopback: true, ...parts })({ url: new URL(url), secrets }, message);

const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('what is sent', () => {
  it('is the body in one POST, verified by either secret', async () => {
    const { url, received } = await receiver();
    expect(await send(`${url}?shop=1`)).toEqual({
      at: expect.stringMatching(/^20.*Z$/),
      status: 204,
      error: null,
      duration_ms: expect.any(Number),
    });
    const [webhook] = received;
    if (!webhook || received.length !== 1) throw new Error('not received once');
    expect(webhook).toMatchObject({ method: 'POST', path: '/hooks?shop=1', body: message.body });
    expect(webhook.headers).toMatchObject({
      'webhook-id': message.id,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message.body)),
      'user-agent': 'Settle-Webhooks/1',
    });
    for (const secret of secrets) expect(verified(secret, webhook)).toEqual(JSON.parse(message.body));
    expect(() => verified(webhookSecret(3), webhook)).toThrow('No matching signature');
    expect(() => verified(webhookSecret(1), { ...webhook, body: `${message.body} ` })).toThrow();
  });

  it.each([200, 202, 204, 301, 302, 303, 307, 308, 400, 401, 404, 410, 429, 500, 503])(
    'comes to the status %i, and no further: a redirect is not followed',
    async (status) => {
      const elsewhere = await receiver();
      const { url, received } = await receiver({
        answer: () => (response) => response.writeHead(status, { location: elsewhere.url }).end(),
      });
      expect(await send(url)).toMatchObject({ status, error: null });
      expect(received).toHaveLength(1);
      expect(elsewhere.received).toEqual([]);
    },
  );

  it('comes to the status of one that would speak another protocol, which is not spoken', async () => {
    const url = await connections((write) =>
      write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    );
    const deadline = new AbortController();
    expect(await send(url, { deadline: () => deadline.signal })).toMatchObject({ status: 101, error: null });
  });

  it('has a connection of its own, of which a function that was frozen finds nothing', async () => {
    let count = 0;
    const url = await connections((write) => {
      count += 1;
      write('HTTP/1.1 204 No Content\r\n\r\n');
    });
    for (const _ of [1, 2]) expect(await send(url)).toMatchObject({ status: 204 });
    expect(count).toBe(2);
  });

  it('is not waited for longer than an answer of 16 KB', async () => {
    const { url } = await receiver({
      answer: () => (response) => {
        response.writeHead(200);
        const more = () => {
          while (response.write('x'.repeat(4_096)));
          response.once('drain', more);
        };
        more();
      },
    });
    const deadline = new AbortController();
    expect(await send(url, { deadline: () => deadline.signal })).toMatchObject({ status: 200, error: null });
  });
});

describe('over TLS', () => {
  let identity: TlsIdentity;
  let stranger: TlsIdentity;
  beforeAll(() => {
    [identity, stranger] = [createTlsIdentity(), createTlsIdentity()];
    const trusted = tls.getCACertificates('default');
    tls.setDefaultCACertificates([...trusted, identity.certificate]);
    return () => tls.setDefaultCACertificates(trusted);
  });

  it('reaches a host whose certificate is trusted', async () => {
    const { url, received } = await receiver({ tls: identity });
    expect(await send(url)).toMatchObject({ status: 204, error: null });
    expect(received).toHaveLength(1);
  });

  it('sends nothing to one whose certificate is not', async () => {
    const { url, received } = await receiver({ tls: stranger });
    expect(await send(url)).toMatchObject({ status: null, error: 'tls_failed' });
    expect(received).toEqual([]);
  });

  it('sends nothing to one whose certificate is for another host', async () => {
    const { port, received } = await receiver({ tls: identity });
    const attempt = await send(`https://shop.example:${port}/`, { resolve: resolvesTo('127.0.0.1') });
    expect(attempt).toMatchObject({ status: null, error: 'tls_failed' });
    expect(received).toEqual([]);
  });

  it('sends nothing where the server speaks no TLS', async () => {
    const { port, received } = await receiver();
    expect(await send(`https://localhost:${port}/`)).toMatchObject({ status: null, error: 'tls_failed' });
    expect(received).toEqual([]);
  });
});

describe('an address inside a private network', () => {
  const inside = [
    ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '127.0.0.1', '0.0.0.0', '169.254.169.254', '100.64.0.1'],
    ...['::1', '::', 'fe80::1', 'fd00:ec2::254', '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::7f00:1'],
    ...['64:ff9b::a9fe:a9fe', '2002:7f00:1::', '2001:0:53aa:64c:0:0:80ff:fffe'],
  ];
  const literal = (address: string) => (address.includes(':') ? `[${address}]` : address);

  it.each(inside)('is not connected to as such: %s', async (address) => {
    const attempt = await send(`https://${literal(address)}/`, { allowLoopback: false });
    expect(attempt).toMatchObject({ status: null, error: 'address_refused' });
  });

  it.each(inside)('is not connected to by a name: %s', async (address) => {
    const attempt = await send('https://shop.example/', {
      allowLoopback: false,
      resolve: resolvesTo('8.8.8.8', address),
    });
    expect(attempt).toMatchObject({ status: null, error: 'address_refused' });
  });

  it.each([
    'https://localhost/',
    'http://localhost/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://127.1/',
  ])('is not connected to as %s', async (url) => {
    expect(await send(url, { allowLoopback: false })).toMatchObject({ error: 'address_refused' });
  });

  it('is refused where the loopback is allowed too', async () => {
    for (const address of inside.filter((one) => !/^(127\.|::1$|::ffff:127)/.test(one))) {
      expect(await send(`https://${literal(address)}/`)).toMatchObject({ error: 'address_refused' });
    }
  });

  it('is not what a public one turns into between the look and the connection', async () => {
    const { port, received } = await receiver();
    const answers = ['127.0.0.1', '10.0.0.1', '169.254.169.254'];
    const resolve = vi.fn(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    expect(await send(`http://shop.example:${port}/`, { resolve })).toMatchObject({ status: 204 });
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(received).toHaveLength(1);
    expect(received[0]?.headers.host).toBe(`shop.example:${port}`);
    // The next request asks anew, and believes what it is told then.
    expect(await send(`http://shop.example:${port}/`, { resolve })).toMatchObject({
      error: 'address_refused',
    });
    expect(received).toHaveLength(1);
  });

  it('is no name without an address', async () => {
    const attempt = await send('https://shop.example/', { resolve: resolvesTo() });
    expect(attempt).toMatchObject({ status: null, error: 'address_refused' });
  });
});

it('is not sent without TLS, but on the loopback', async () => {
  const attempt = await send('http://shop.example/', { resolve: resolvesTo('8.8.8.8') });
  expect(attempt).toMatchObject({ status: null, error: 'address_refused' });
});

it.each([
  [{ WEBHOOK_LOOPBACK: 'allowed' }, true],
  [{ WEBHOOK_LOOPBACK: 'true' }, false],
  [{ WEBHOOK_LOOPBACK: '' }, false],
  [{}, false],
])('allows the loopback by one word alone: %j', (variables, isAllowed) => {
  expect(isLoopbackAllowed(variables)).toBe(isAllowed);
});

describe('the time of an attempt', () => {
  it('is 5 s', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    const { url } = await receiver();
    await send(url);
    expect(timeout.mock.calls).toEqual([[5_000]]);
  });

  const expired = { status: null, error: 'timeout' };

  it('ends one whose name is not found out', async () => {
    const deadline = new AbortController();
    const resolve: Resolve = () => {
      setImmediate(() => deadline.abort());
      return new Promise(() => {});
    };
    expect(await send('https://shop.example/', { resolve, deadline: () => deadline.signal })).toMatchObject(
      expired,
    );
  });

  it('ends one that is not connected, TLS included', async () => {
    const deadline = new AbortController();
    const url = await connections(() => deadline.abort());
    const attempt = await send(url.replace('http:', 'https:'), { deadline: () => deadline.signal });
    expect(attempt).toMatchObject(expired);
  });

  it('ends one that is not answered', async () => {
    const deadline = new AbortController();
    const { url } = await receiver({ answer: () => () => deadline.abort() });
    expect(await send(url, { deadline: () => deadline.signal })).toMatchObject(expired);
  });

  it('ends one whose headers do not end', async () => {
    const deadline = new AbortController();
    const url = await connections((write) => {
      write('HTTP/1.1 200 OK\r\nx-slow: ');
      setImmediate(() => deadline.abort());
    });
    expect(await send(url, { deadline: () => deadline.signal })).toMatchObject(expired);
  });

  it('ends one whose body does not end, which was taken all the same', async () => {
    const deadline = new AbortController();
    const onResponse = () => setImmediate(() => deadline.abort());
    diagnostics.subscribe('http.client.response.finish', onResponse);
    closing.push(async () => diagnostics.unsubscribe('http.client.response.finish', onResponse));
    const { url } = await receiver({
      answer: () => (response) => response.writeHead(200, { 'content-length': 100 }).write('so far'),
    });
    expect(await send(url, { deadline: () => deadline.signal })).toMatchObject({ status: 200, error: null });
    expect(deadline.signal.aborted).toBe(true);
  });

  it('is over before it begins', async () => {
    const { url, received } = await receiver();
    expect(await send(url, { deadline: () => AbortSignal.abort() })).toMatchObject(expired);
    expect(received).toEqual([]);
  });
});

describe('what gives no answer', () => {
  it('is nobody at the port', async () => {
    const { url, close } = await startReceiver();
    await close();
    expect(await send(url)).toMatchObject({ status: null, error: 'connection_failed' });
  });

  it('is a connection that is cut', async () => {
    const { url } = await receiver({ answer: () => (response) => response.destroy() });
    expect(await send(url)).toMatchObject({ status: null, error: 'connection_failed' });
  });

  it.each(['SSH-2.0-OpenSSH_9.6\r\n', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`])(
    'is no HTTP: %#',
    async (text) => {
      const url = await connections((write) => write(text));
      expect(await send(url)).toMatchObject({ status: null, error: 'answer_malformed' });
    },
  );

  it.each(['ENOTFOUND', 'ENODATA', 'EAI_AGAIN'])('is a name without %s', async (code) => {
    const resolve = async () => Promise.reject(Object.assign(new Error('queryA shop.example'), { code }));
    expect(await send('https://shop.example/', { resolve })).toMatchObject({
      status: null,
      error: 'name_unresolved',
    });
  });
});

describe('whatever is answered', () => {
  const headers = [
    '',
    'connection: upgrade\r\nupgrade: websocket\r\n',
    'content-length: 5\r\n',
    'content-length: 0\r\nconnection: keep-alive\r\n',
    'transfer-encoding: chunked\r\n',
    'connection: upgrade\r\nupgrade: h2c\r\ntransfer-encoding: chunked\r\n',
  ];
  const bodies = ['', 'he', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n'];
  const endings: readonly ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.end(),
    (socket) => socket.resetAndDestroy(),
  ];

  it.each(['000', 100, 101, 102, 103, 199, 200, 204, 304, 407, 426, 999])(
    'to a status of %s and its like, the attempt comes to an end',
    async (status) => {
      const answers = headers.flatMap((header) =>
        bodies.flatMap((body) => endings.map((end) => ({ text: `${header}\r\n${body}`, end }))),
      );
      const url = await sockets((socket) => {
        socket.once('data', (request) => {
          const answer = answers[Number(/^POST \/(\d+)/.exec(String(request))?.[1])];
          socket.write(`HTTP/1.1 ${status} Whatever\r\n${answer?.text}`, () => answer?.end(socket));
        });
      });
      const deadline = AbortSignal.timeout(200);
      const attempts = await Promise.all(
        answers.map((_, index) => send(`${url}${index}`, { deadline: () => deadline })),
      );
      const neitherOrBoth = attempts.filter(({ status, error }) => (status === null) === (error === null));
      expect(neitherOrBoth).toEqual([]);
    },
  );
});
