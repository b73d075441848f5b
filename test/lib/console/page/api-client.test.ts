import { describe, expect, it } from 'vitest';
import { ApiFailure, createApiClient } from '../../../../lib/console/page/api-client.ts';
import { readList } from '../../../../lib/console/page/read-list.ts';

/** An API that gives one reply after another, and writes down what it was asked. */
function apiOf(...replies: (Response | Error)[]) {
  const asked: { path: string; method: string; headers: Headers; body: unknown }[] = [];
  let ended = 0;
  const client = createApiClient({
    fetch: async (path, init) => {
      const { method = 'GET', headers, body } = init ?? {};
      asked.push({ path: String(path), method, headers: new Headers(headers), body });
      const reply = replies.shift();
      if (reply instanceof Error || !reply) throw reply;
      return reply;
    },
    token: 'a.b.c',
    language: 'en',
    onUnauthenticated: () => {
      ended += 1;
    },
  });
  return { client, asked, ended: () => ended };
}

const success = (data: unknown) => Response.json({ code: 0, msg: 'Success', data });
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error as ApiFailure,
  );

describe('the API as the console asks it', () => {
  it('says who asks and in which language, and leaves out what is not asked for', async () => {
    const { client, asked } = apiOf(success(1), success(2));
    expect(await client.get('/api/pay/orders', { kind: 'mall', status: undefined })).toBe(1);
    expect(asked[0]).toMatchObject({ path: '/api/pay/orders?kind=mall', method: 'GET' });
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer a.b.c');
    expect(asked[0]?.headers.get('accept-language')).toBe('en');
    expect(await client.send('POST', '/close')).toBe(2);
    expect(asked[1]?.headers.has('content-type')).toBe(false);
  });

  it('tells why it failed, and which fields are at fault', async () => {
    const reply = Response.json(
      { code: 400, msg: 'amount is required', data: null },
      { status: 400, headers: { 'settle-error': 'missing_field', 'settle-error-field': 'amount, reason' } },
    );
    const { client, ended } = apiOf(reply);
    expect(await failureOf(client.send('POST', '/refund', { body: {} }))).toMatchObject({
      status: 400,
      word: 'missing_field',
      fields: ['amount', 'reason'],
      message: 'amount is required',
    });
    expect(ended()).toBe(0);
  });

  it('reads the message of either envelope, and needs none', async () => {
    const { client } = apiOf(
      Response.json({ code: 409, message: 'Shipped', data: null }, { status: 409 }),
      new Response('<html>', { status: 502 }),
      new Response('<html>'),
    );
    expect(await failureOf(client.get('/a'))).toMatchObject({ status: 409, message: 'Shipped', word: null });
    expect(await failureOf(client.get('/b'))).toMatchObject({ status: 502, message: '', fields: [] });
    expect(await failureOf(client.get('/c'))).toMatchObject({ status: 200, word: null });
  });

  it('says that a session has ended, and tells no answer from a refusal', async () => {
    const { client, ended } = apiOf(new Response('{}', { status: 401 }), new TypeError('offline'));
    expect(await failureOf(client.get('/a'))).toMatchObject({ status: 401 });
    expect(ended()).toBe(1);
    expect(await failureOf(client.get('/b'))).toMatchObject({ status: 0 });
    expect(await failureOf(client.get('/c'))).toBeInstanceOf(ApiFailure);
  });

  it('joins the pages of an export under one header, and counts its rows', async () => {
    const page = (body: string, cursor?: string) =>
      new Response(`\ufefforder_no,note\n${body}`, { headers: cursor ? { 'settle-cursor': cursor } : {} });
    const { client, asked } = apiOf(page('1,a\n2,"b\nc ""d"""\n', 'next'), page('3,e\n'));
    const counts: number[] = [];
    const { signal } = new AbortController();
    const file = await client.csv('/list', { kind: 'mall' }, (rows) => counts.push(rows), signal);
    expect(Buffer.from(await file.arrayBuffer()).toString()).toBe(
      '\ufefforder_no,note\n1,a\n2,"b\nc ""d"""\n3,e\n',
    );
    expect(counts).toEqual([2, 3]);
    expect(asked.map(({ path }) => path)).toEqual([
      '/list?kind=mall&limit=100',
      '/list?kind=mall&limit=100&cursor=next',
    ]);
    expect(asked[0]?.headers.get('accept')).toBe('text/csv');
  });

  it('fills a page of a list out of short ones, and asks so often at most', async () => {
    const page = (items: number, cursor: string | null) =>
      success({ items: Array.from({ length: items }, (_, index) => index), cursor });
    const read = (api: ReturnType<typeof apiOf>) =>
      readList(
        api.client,
        '/list',
        { cursor: 'here' },
        ({ items }: { items: number[]; cursor: string | null }) => items,
        new AbortController().signal,
      );
    const filled = apiOf(page(20, 'a'), page(0, 'b'), page(30, 'c'));
    expect(await read(filled)).toMatchObject({ cursor: 'c', items: { length: 50 } });
    expect(filled.asked.map(({ path }) => path)).toEqual([
      '/list?cursor=here&limit=50',
      '/list?cursor=a&limit=30',
      '/list?cursor=b&limit=30',
    ]);
    const endless = apiOf(...Array.from({ length: 20 }, () => page(0, 'on')));
    expect(await read(endless)).toEqual({ cursor: 'on', items: [] });
    expect(endless.asked).toHaveLength(8);
    const short = apiOf(page(3, null));
    expect(await read(short)).toMatchObject({ cursor: null, items: { length: 3 } });
  });
});
