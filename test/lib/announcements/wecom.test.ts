import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendToWecom, WecomError } from '../../../lib/announcements/wecom.ts';

const key = 'the-robots-secret-key';
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function robot(answer: RequestListener): Promise<{ webhookUrl: URL }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { webhookUrl: new URL(`http://127.0.0.1:${port}/cgi-bin/webhook/send?key=${key}`) };
}

const answering =
  (body: string, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

async function failure(send: Promise<void>): Promise<WecomError> {
  const error = await send.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WecomError)) throw new Error(`expected a WecomError, got ${error}`);
  return error;
}

describe('sending to WeCom', () => {
  it('posts a markdown message to the robot', async () => {
    const requests: unknown[] = [];
    const config = await robot(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      requests.push({
        method: request.method,
        url: request.url,
        contentType: request.headers['content-type'],
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.end('{"errcode":0,"errmsg":"ok"}');
    });
    await sendToWecom(config, { fetch }, '**收款通知**');
    expect(requests).toEqual([
      {
        method: 'POST',
        url: `/cgi-bin/webhook/send?key=${key}`,
        contentType: 'application/json',
        body: { msgtype: 'markdown', markdown: { content: '**收款通知**' } },
      },
    ]);
  });

  it.each([45009, 130101, -1])(
    'takes errcode %i with HTTP 200 as a failure and names it',
    async (errcode) => {
      const config = await robot(answering(JSON.stringify({ errcode, errmsg: 'send too fast' })));
      const error = await failure(sendToWecom(config, { fetch }, 'x'));
      expect(error.errcode).toBe(errcode);
      expect(error.message).toContain(String(errcode));
    },
  );

  it.each([
    ['another status', answering('{"errcode":0}', 500), /500/],
    ['a redirect', answering('', 302, { location: '/elsewhere' }), /302/],
    ['no JSON', answering('<html>'), /no errcode/],
    ['no errcode', answering('{"errmsg":"ok"}'), /no errcode/],
    ['an errcode of another type', answering('{"errcode":"0"}'), /no errcode/],
    ['an endless answer', answering(`{"errcode":0,"errmsg":"${'x'.repeat(100_000)}"}`), /too long/],
    ['a broken connection', ((request) => request.socket.destroy()) as RequestListener, /no answer/],
  ])('takes %s as a failure and does not quote the key', async (_, answer, message) => {
    const error = await failure(sendToWecom(await robot(answer), { fetch }, 'x'));
    expect(error.message).toMatch(message);
    expect(error.message + error.stack + JSON.stringify(error)).not.toContain(key);
    expect(error.cause).toBeUndefined();
  });

  it('gives up on a robot that does not answer', async () => {
    const seen: (AbortSignal | null | undefined)[] = [];
    const hanging: typeof fetch = (_url, init) => {
      seen.push(init?.signal);
      return Promise.reject(new DOMException('aborted', 'TimeoutError'));
    };
    const config = { webhookUrl: new URL(`https://example.com/send?key=${key}`) };
    const error = await failure(sendToWecom(config, { fetch: hanging }, 'x'));
    expect(seen[0]).toBeInstanceOf(AbortSignal);
    expect(error.message).toContain('TimeoutError');
  });
});
