import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Formatter, Rsa } from 'wechatpay-axios-plugin';
import WechatPay from 'wechatpay-node-v3';
import { parseWechatDocument } from '../../../../lib/config/wechat.ts';
import { type Io, systemIo } from '../../../../lib/io.ts';
import { MalformedMessageError, wordings } from '../../../../lib/providers/message.ts';
import { readAnswer, requestWechat } from '../../../../lib/providers/wechat/request.ts';
import { createWechatIo, createWechatParty, type WechatAnswer } from '../../../support/wechat.ts';

const party = createWechatParty();
const config = parseWechatDocument(party.document);
const now = Date.parse('2026-11-22T03:00:00Z');
const post = { method: 'POST', path: '/v3/pay/transactions/native', body: { description: '咖啡' } } as const;
const get = { method: 'GET', path: '/v3/pay/transactions/out-trade-no/mall-1?mchid=1230000109' } as const;

const call = (answer: WechatAnswer) => requestWechat(config, createWechatIo(party, answer, now).io, post);
const callFailed = (status: number | null, message: string) =>
  expect.objectContaining({
    name: 'ProviderCallError',
    provider: 'wechat',
    status,
    message: `WeChat Pay POST /v3/pay/transactions/native: ${message}`,
  });

describe('the request', () => {
  it.each([
    ['POST', post, '{"description":"咖啡"}'],
    ['GET', get, ''],
  ])('carries an Authorization that other libraries agree on: %s', async (method, request, text) => {
    const { io, calls } = createWechatIo(party, { text: '{}' }, now);
    await requestWechat(config, io, request);
    const [sent] = calls;
    const fields = parseAuthorization(sent?.headers.get('authorization'));

    expect(await sent?.text()).toBe(text);
    expect(fields).toMatchObject({
      mchid: config.mchid,
      serial_no: config.serialNumber,
      timestamp: '1795316400',
    });
    const signed = Formatter.request(method, request.path, fields.timestamp, fields.nonce_str, text);
    expect(Rsa.verify(signed, fields.signature, party.merchant.publicKey)).toBe(true);
    expect(fields.signature).toBe(
      nodeV3().getSignature(method, fields.nonce_str, fields.timestamp, request.path, text),
    );
  });

  it('signs the whole path of an address that has one', async () => {
    const { io, calls } = createWechatIo(party, { text: '{}' }, now);
    await requestWechat({ ...config, baseUrl: 'http://127.0.0.1:3001/wechat' }, io, get);
    const fields = parseAuthorization(calls[0]?.headers.get('authorization'));
    const signed = Formatter.request('GET', `/wechat${get.path}`, fields.timestamp, fields.nonce_str, '');
    expect(Rsa.verify(signed, fields.signature, party.merchant.publicKey)).toBe(true);
  });

  it('says who asks, what it takes and what it sends, and never the same nonce', async () => {
    const { io, calls } = createWechatIo(party, { text: '{}' }, now);
    await requestWechat(config, io, post);
    await requestWechat(config, io, get);
    expect(calls.map(({ headers }) => [headers.get('accept'), headers.get('content-type')])).toEqual([
      ['application/json', 'application/json'],
      ['application/json', null],
    ]);
    expect(calls.map(({ headers }) => headers.get('user-agent'))).toEqual(['settle', 'settle']);
    const nonces = calls.map(({ headers }) => parseAuthorization(headers.get('authorization')).nonce_str);
    expect(new Set(nonces).size).toBe(2);
  });
});

describe('the key that WeChat Pay answers under', () => {
  const certificate = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1';
  const pem = party.document.public_keys[party.serial];

  it.each([
    ['is the public key that the document names', { [certificate]: pem, [party.serial]: pem }, party.serial],
    ['is left to it where the document knows its certificates only', { [certificate]: pem }, null],
  ])('%s', async (_, public_keys, expected) => {
    const { io, calls } = createWechatIo(
      party,
      { text: '{}', headers: { 'wechatpay-serial': certificate } },
      now,
    );
    await requestWechat(parseWechatDocument({ ...party.document, public_keys }), io, get);
    expect(calls.map(({ headers }) => headers.get('wechatpay-serial'))).toEqual([expected]);
  });
});

describe('the answer', () => {
  it('is given once it is verified', async () => {
    expect(await call({ text: '{"code_url":"weixin://x"}' })).toEqual({ code_url: 'weixin://x' });
    expect(await call({ status: 204 })).toBeNull();
  });

  it.each([
    ['without a signature', { headers: { 'wechatpay-signature': undefined } }, 'signature_missing'],
    ['with a probe', { headers: { 'wechatpay-signature': 'WECHATPAY/SIGNTEST/x' } }, 'probe'],
    ['by an unknown key', { headers: { 'wechatpay-serial': '__proto__' } }, 'unknown_key'],
    ['of another text', { headers: party.signBody('{"code_url":"a"}', now) }, 'signature_mismatch'],
    ['of ten minutes ago', { headers: party.signBody('{}', now - 600_000) }, 'timestamp_out_of_range'],
    ['of another 204', { status: 204, headers: party.signBody('{}', now) }, 'signature_mismatch'],
  ])('is refused %s', async (_, answer, reason) => {
    await expect(call({ text: '{}', ...answer })).rejects.toThrow(
      callFailed(null, `answer not verified: ${reason}`),
    );
  });

  it('is refused when its key cannot be looked for', async () => {
    const { io } = createWechatIo(party, { text: '{}' }, now);
    const get = () => Promise.reject(new Error('no keys'));
    await expect(requestWechat({ ...config, publicKeys: { get } }, io, post)).rejects.toThrow(
      callFailed(null, 'answer not verified: verification failed'),
    );
  });

  it.each([['[]'], ['null'], [''], ['{'], ['{"__proto__":1}']])('is refused when it is %j', async (text) => {
    await expect(call({ text })).rejects.toThrow(callFailed(200, 'HTTP 200, answer is not a JSON object'));
  });

  it.each([
    [400, '{"code":"PARAM_ERROR","message":"openid oUpF8 不正确"}', 'HTTP 400, PARAM_ERROR'],
    [401, '{"code":"SIGN_ERROR"}', 'HTTP 401, SIGN_ERROR'],
    [403, '{"code":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}', 'HTTP 403, no error code'],
    [403, '{"code":"oUpF8 NO_AUTH"}', 'HTTP 403, no error code'],
    [403, '{"code":"NO_AUTH oUpF8"}', 'HTTP 403, no error code'],
    [500, '{"code":["SYSTEM_ERROR"]}', 'HTTP 500, no error code'],
    [502, '<html>', 'HTTP 502, no error code'],
    [429, '', 'HTTP 429, no error code'],
  ])('is an error by its status %i and no more than its code', async (status, text, message) => {
    await expect(call({ status, text })).rejects.toThrow(callFailed(status, message));
  });

  it('tells the code of a refusal once it is verified', async () => {
    const refusal = { status: 404, text: '{"code":"ORDER_NOT_EXIST"}' };
    await expect(call(refusal)).rejects.toMatchObject({ status: 404, code: 'ORDER_NOT_EXIST' });
    for (const headers of [
      { 'wechatpay-signature': undefined },
      { 'wechatpay-serial': 'PUB_KEY_ID_0' },
      party.signBody('{"code":"ORDER_CLOSED"}', now),
    ]) {
      await expect(call({ ...refusal, headers })).rejects.toMatchObject({ status: 404, code: null });
    }
  });

  it.each([201, 202, 206])('is no success by its status %i', async (status) => {
    const answer = { status, text: '{"code":"USER_PAYING"}' };
    await expect(call(answer)).rejects.toMatchObject({ status, code: 'USER_PAYING' });
  });

  it.each([
    ['amount.total', 'amount.total'],
    [null, 'body'],
  ])('is refused by the field that is malformed: %s', (field, named) => {
    const read = () => {
      throw new MalformedMessageError(field, wordings.malformed);
    };
    expect(() => readAnswer(post, read)).toThrow(callFailed(200, `HTTP 200, answer has no usable ${named}`));
  });

  it('is refused past 256 KiB', async () => {
    const text = JSON.stringify({ a: 'x'.repeat(256 * 1024) });
    await expect(call({ text })).rejects.toThrow(callFailed(200, 'HTTP 200, answer is too large'));
  });
});

describe('the connection', () => {
  const callServer = async (listener: RequestListener, timeout_ms = 5000) => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return requestWechat({ ...config, baseUrl }, systemIo, { ...post, timeout_ms });
  };

  it('works over HTTP', async () => {
    const answer = await callServer((_, response) => {
      const text = '{"prepay_id":"wx1"}';
      response.writeHead(200, { ...party.signBody(text), 'content-type': 'application/json' }).end(text);
    });
    expect(answer).toEqual({ prepay_id: 'wx1' });
  });

  it.each<[string, RequestListener]>([
    ['no answer comes', () => {}],
    ['an answer does not end', (_, response) => void response.writeHead(200).write('{')],
  ])('is given up when %s', async (_, listener) => {
    await expect(callServer(listener, 50)).rejects.toThrow(callFailed(null, 'TimeoutError'));
  });

  it('fails when it is refused or cut', async () => {
    await expect(callServer((request) => request.socket.destroy())).rejects.toThrow(
      callFailed(null, 'UND_ERR_SOCKET'),
    );
  });

  it('follows no redirect', async () => {
    const paths: (string | undefined)[] = [];
    const redirected = callServer((request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await expect(redirected).rejects.toThrow(callFailed(null, 'redirected'));
    expect(paths).toEqual([post.path]);
  });
});

describe('the backup address', () => {
  const hosts = (calls: readonly URL[]) => calls.map(({ host }) => host);
  /** An `Io` on which these addresses cannot be called. */
  const failing = (failures: Readonly<Record<string, unknown>>) => {
    const { io, calls: answered } = createWechatIo(party, { text: '{"a":1}' }, now);
    const calls: URL[] = [];
    const fetch: Io['fetch'] = async (input, init) => {
      const url = new URL(String(input));
      calls.push(url);
      if (url.host in failures) throw failures[url.host];
      return io.fetch(input, init);
    };
    return { io: { ...io, fetch }, calls, answered };
  };
  const fetchFailed = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

  it.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ENETUNREACH',
    'EHOSTUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
  ])('is called, with a signature of its own, when no connection could be made: %s', async (code) => {
    const { io, calls, answered } = failing({ 'api.mch.weixin.qq.com': fetchFailed(code) });
    expect(await requestWechat(config, io, post)).toEqual({ a: 1 });
    expect(hosts(calls)).toEqual(['api.mch.weixin.qq.com', 'api2.mch.weixin.qq.com']);
    expect(answered[0]?.url).toBe(`https://api2.mch.weixin.qq.com${post.path}`);
    expect(await answered[0]?.text()).toBe('{"description":"咖啡"}');
  });

  it.each([
    ['the connection broke', fetchFailed('UND_ERR_SOCKET')],
    ['it was reset', fetchFailed('ECONNRESET')],
    ['no answer came in time', new DOMException('aborted', 'TimeoutError')],
    ['nobody knows', 'failed'],
  ])('is not called when something may have been sent: %s', async (_, failure) => {
    const { io, calls } = failing({ 'api.mch.weixin.qq.com': failure });
    await expect(requestWechat(config, io, post)).rejects.toMatchObject({
      name: 'ProviderCallError',
      status: null,
    });
    expect(hosts(calls)).toEqual(['api.mch.weixin.qq.com']);
  });

  it('is not called after an answer, whatever it is', async () => {
    const { io, calls } = createWechatIo(party, { status: 500 }, now);
    await expect(requestWechat(config, io, post)).rejects.toMatchObject({ status: 500 });
    expect(calls).toHaveLength(1);
  });

  it('is called once', async () => {
    const { io, calls } = failing({
      'api.mch.weixin.qq.com': fetchFailed('ENOTFOUND'),
      'api2.mch.weixin.qq.com': fetchFailed('ENOTFOUND'),
    });
    await expect(requestWechat(config, io, post)).rejects.toThrow(callFailed(null, 'ENOTFOUND'));
    expect(calls).toHaveLength(2);
  });

  it('is not called for an address of the document', async () => {
    const { io, calls } = failing({ 'wechat.example.com': fetchFailed('ENOTFOUND') });
    const own = { ...config, baseUrl: 'https://wechat.example.com' };
    await expect(requestWechat(own, io, post)).rejects.toThrow(callFailed(null, 'ENOTFOUND'));
    expect(hosts(calls)).toEqual(['wechat.example.com']);
  });

  it('is known by what the system says of a refused connection', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const { io, calls } = createWechatIo(party, { text: '{}' }, now);
    const fetch: Io['fetch'] = (input, init) =>
      String(input).startsWith('https://api.mch.')
        ? systemIo.fetch(`http://127.0.0.1:${port}`, init)
        : io.fetch(input, init);
    expect(await requestWechat(config, { ...io, fetch }, post)).toEqual({});
    expect(calls).toHaveLength(1);
  });
});

function parseAuthorization(header: string | null | undefined) {
  const [, list = ''] = /^WECHATPAY2-SHA256-RSA2048 (.*)$/.exec(header ?? '') ?? [];
  const fields = Object.fromEntries(
    [...list.matchAll(/(\w+)="([^"]*)"(?:,|$)/g)].map(([, name, value]) => [name, value]),
  );
  const { mchid = '', nonce_str = '', signature = '', timestamp = '', serial_no = '' } = fields;
  return { mchid, nonce_str, signature, timestamp, serial_no };
}

function nodeV3() {
  return new WechatPay({
    appid: party.document.appid,
    mchid: party.document.mchid,
    publicKey: Buffer.from('unused'),
    privateKey: Buffer.from(party.document.private_key),
    serial_no: party.document.serial_no,
  });
}
