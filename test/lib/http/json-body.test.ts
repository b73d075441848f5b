import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../lib/http/api-error.ts';
import { jsonBody } from '../../../lib/http/json-body.ts';

type BeforeRequest = Parameters<NonNullable<ReturnType<typeof jsonBody>['before']>>[0];

/** What stands in the body's place afterwards. */
async function parse(sent: {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}): Promise<unknown> {
  const event = { headers: { 'content-type': 'application/json' }, ...sent } as APIGatewayProxyEventV2;
  await jsonBody().before?.({ event } as BeforeRequest);
  return event.body;
}

const bytes = (...parts: (string | number[])[]) => ({
  body: Buffer.concat(parts.map((part) => Buffer.from(part as string))).toString('base64'),
  isBase64Encoded: true,
});

/** What it is refused with: nothing but our own error, which holds nothing of the body. */
async function refused(sent: Parameters<typeof parse>[0]): Promise<readonly [number, string]> {
  const error: unknown = await parse(sent).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error('not refused', { cause: error });
  expect(error.cause).toBeUndefined();
  return [error.statusCode, error.message];
}

const notJson = [400, '请求体不是有效的 JSON，或含有不允许的字段名'];

describe('jsonBody', () => {
  it('puts what was sent in its place, as text or in base64', async () => {
    const value = { a: [1, { b: null }], c: '中\uFEFF' };
    expect(await parse({ body: JSON.stringify(value) })).toEqual(value);
    expect(await parse(bytes(JSON.stringify(value)))).toEqual(value);
  });

  it('hands on numbers as doubles', async () => {
    expect(await parse({ body: '[1e2,19.990000000000000001,5.00]' })).toEqual([100, 19.99, 5]);
  });

  it.each(['application/json', 'application/json;charset=utf-8', 'Application/JSON; charset=utf-8'])(
    'takes %s',
    async (type) => {
      expect(await parse({ body: '{}', headers: { 'content-type': type } })).toEqual({});
    },
  );

  it.each([
    ['text/plain'],
    ['application/jsonp'],
    ['text/html; application/json'],
    ['application/x-www-form-urlencoded'],
    [undefined],
  ])('refuses %s', async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    expect(await refused({ body: '{}', headers })).toEqual([415, 'Content-Type 须为 application/json']);
  });

  it.each([
    ['none', {}, '请求体不能为空'],
    ['an empty one', { body: '' }, '请求体不能为空'],
    ['a BOM', { body: '\uFEFF{}' }, '请求体不能以 BOM 开头'],
    ['a BOM in base64', bytes('\uFEFF{}'), '请求体不能以 BOM 开头'],
    ['what is not UTF-8', bytes('{"a":"', [0xff], '"}'), '请求体不是有效的 UTF-8'],
    ['a character cut off', bytes('{"a":"', [0xe4, 0xb8], '"}'), '请求体不是有效的 UTF-8'],
  ])('refuses %s', async (_, sent, message) => {
    expect(await refused(sent)).toEqual([400, message]);
  });

  it.each([
    ['blanks', ' '],
    ['no JSON', 'amount=1'],
    ['a bare NaN', '{"a":NaN}'],
    ['full-width digits', '{"amount":１２}'],
    ['something after it', '{}{}'],
    ['a prototype', '{"a":{"__proto__":{"b":1}}}'],
    ['a prototype in escapes', '{"\\u005f_proto__":1}'],
    ['a constructor of one', '{"constructor":{"prototype":{}}}'],
    ['100,000 brackets', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['100,000 brackets that stay open', '['.repeat(100_000)],
  ])('refuses %s', async (_, body) => {
    expect(await refused({ body })).toEqual(notJson);
  });

  it.each([
    ['{"amount":1,"amount":200}', 'amount 重复出现'],
    ['{"amount":1,"amo\\u0075nt":1}', 'amount 重复出现'],
    ['{"a":{"b":1},"c":[{"d" : "x","e":{},"d"\n:"y"}]}', 'd 重复出现'],
    ['{"a":[{},{"":1}],"b":{"b":{"b":1}},"a":2}', 'a 重复出现'],
    ['{"\\n":1,"\\n":2}', '请求体含有重复的字段'],
  ])('refuses a field that occurs twice in one object: %s', async (body, message) => {
    expect(await refused({ body })).toEqual([400, message]);
  });

  it.each([
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"\\"a\\":1,{","b":"a","c":["a","a"],"A":"}"}',
    '[{"a":1},{"a":1}]',
  ])('takes one name in several objects, and what looks like one in a text: %s', async (body) => {
    expect(await parse({ body })).toEqual(JSON.parse(body));
  });

  it('counts bytes, before it reads any of them', async () => {
    const tooMuch = [413, '请求体不能超过 262144 字节'];
    const quoted = (length: number) => `"${'x'.repeat(length - 2)}"`;
    expect(await parse({ body: quoted(262_144) })).toHaveLength(262_142);
    expect(await refused({ body: quoted(262_145) })).toEqual(tooMuch);
    expect(await refused({ body: `"${'中'.repeat(90_000)}"` })).toEqual(tooMuch);
    expect(await refused(bytes([0xff], 'x'.repeat(262_144)))).toEqual(tooMuch);
  });
});
