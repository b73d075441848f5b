import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type ApiParts, createApi } from '../../../lib/http/api.ts';
import { ApiError } from '../../../lib/http/api-error.ts';
import { anyText, bodyFields, positiveInteger, refuseFields } from '../../../lib/http/fields.ts';
import { readLimit, readTenantId, readTogether } from '../../../lib/http/query-parameters.ts';
import { payEnvelope, success, textResult, v2Envelope } from '../../../lib/http/reply.ts';
import { ContentionError } from '../../../lib/orders/commit.ts';
import { ProviderCallError } from '../../../lib/providers/call.ts';
import { type ApiCall, createApiWorld, requestApi } from './api-world.ts';

const anybody: ApiCall['by'] = { sub: 'user-1', role: 'user' };
const english = { 'accept-language': 'en' };

/** Asks an endpoint that is made so. */
function ask<Body = undefined>(parts: Partial<ApiParts<Body>>, call: ApiCall = {}) {
  const { runtime } = createApiWorld();
  const api = createApi<Body>(runtime, {
    envelope: payEnvelope,
    role: 'anyone',
    handle: async () => success({ done: true }),
    ...parts,
  });
  return requestApi(api, call);
}

async function errorOf<Body = undefined>(parts: Partial<ApiParts<Body>>, call: ApiCall = {}) {
  const { statusCode, headers, body } = await ask(parts, call);
  const { msg, message = msg } = JSON.parse(body);
  return {
    status: statusCode,
    word: headers['settle-error'],
    ...(headers['settle-error-field'] !== undefined && { field: headers['settle-error-field'] }),
    message: message as string,
  };
}

const failing = (error: Error) => ({
  handle: async () => {
    throw error;
  },
});

describe('a reply', () => {
  it('is the envelope of its paths, and ends its line', async () => {
    expect(await ask({})).toEqual({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"code":0,"msg":"成功","data":{"done":true}}\n',
    });
    expect((await ask({ envelope: v2Envelope })).body).toBe(
      '{"code":0,"message":"成功","data":{"done":true}}\n',
    );
    expect((await ask({}, { headers: english })).body).toBe(
      '{"code":0,"msg":"Success","data":{"done":true}}\n',
    );
  });

  it('may have a form of its own', async () => {
    const csv = textResult(200, 'a,b');
    expect(await ask({ handle: async () => csv })).toEqual(csv);
  });

  it('keeps the words of the document of /v2 in any language', async () => {
    for (const text of ['获取支付参数成功', '支付成功（纯积分）']) {
      const handle = async () => success(null, 200, { zh: text, en: 'in English' });
      expect((await ask({ envelope: v2Envelope, handle }, { headers: english })).body).toContain(text);
      expect((await ask({ handle }, { headers: english })).body).toContain('in English');
    }
  });
});

describe('who may ask', () => {
  it.each<[ApiParts<undefined>['role'], readonly number[]]>([
    ['admin', [200, 403, 403]],
    ['viewer', [200, 200, 403]],
    ['user', [200, 403, 200]],
    ['anyone', [200, 200, 200]],
  ])('what is for %s: an admin, a viewer, a user', async (role, statuses) => {
    const roles = ['admin', 'viewer', 'user'] as const;
    const replies = await Promise.all(roles.map((each) => ask({ role }, { by: { sub: '1', role: each } })));
    expect(replies.map(({ statusCode }) => statusCode)).toEqual(statuses);
    expect(replies.flatMap(({ headers }) => headers['settle-error'] ?? [])).toEqual(
      statuses.filter((status) => status === 403).map(() => 'forbidden'),
    );
  });

  it('is asked for a token in the way of RFC 6750', async () => {
    const challenge = async (authorization?: string) => {
      const reply = await ask({}, { headers: { authorization } });
      return [reply.statusCode, reply.headers['settle-error'], reply.headers['www-authenticate']];
    };
    expect(await challenge()).toEqual([401, 'unauthenticated', 'Bearer realm="settle"']);
    const invalid = [401, 'invalid_token', 'Bearer realm="settle", error="invalid_token"'];
    expect(await challenge('Bearer x.y.z')).toEqual(invalid);
    expect(await challenge('Basic dTpw')).toEqual(invalid);
    const expired = await ask({}, { expires_in: -5 });
    expect([expired.statusCode, expired.headers['settle-error']]).toEqual([401, 'token_expired']);
    expect(expired.headers['www-authenticate']).toBe(
      'Bearer realm="settle", error="invalid_token", error_description="The token has expired"',
    );
  });

  it('may have a clock that is some seconds off', async () => {
    const wordOf = async (call: ApiCall) => (await ask({}, call)).headers['settle-error'];
    expect(await wordOf({ begins_in: 5 })).toBeUndefined();
    expect(await wordOf({ begins_in: 6 })).toBe('invalid_token');
    expect(await wordOf({ expires_in: -4 })).toBeUndefined();
    expect(await wordOf({ expires_in: -5 })).toBe('token_expired');
  });

  it('is told on /v2 in its document’s words, whatever the token lacks', async () => {
    const calls = [{ expires_in: -5, headers: english }, { headers: { ...english, authorization: 'x' } }];
    for (const call of calls) {
      const { body } = await ask({ envelope: v2Envelope }, call);
      expect(body).toBe('{"code":401,"message":"用户未认证"}\n');
    }
  });
});

describe('a body', () => {
  const schema = z.pipe(
    bodyFields({
      tenant_id: positiveInteger,
      name: z.optional(anyText),
      parts: z.optional(z.array(bodyFields({ number: anyText }))),
    }),
    z.transform((body, context) =>
      body.name === 'both'
        ? refuseFields(context, [
            { field: 'name', wording: { zh: '太短', en: 'is too short' }, word: 'amount_too_small' },
            { field: 'tenant_id', wording: { zh: '未登记', en: 'is not registered' } },
          ])
        : body,
    ),
  );
  const refused = (body: object | string, headers = {}) => errorOf({ schema }, { body, headers });

  it('is told that a field is missing, wherever it is', async () => {
    expect(await refused({})).toEqual({
      ...{ status: 400, word: 'missing_field', field: 'tenant_id' },
      message: 'tenant_id 必填',
    });
    expect(await refused({ tenant_id: 1, parts: [{ number: 'a' }, {}] }, english)).toEqual({
      ...{ status: 400, word: 'missing_field', field: 'parts.1.number' },
      message: 'parts.1.number is required',
    });
  });

  it('is told of every field that is wrong, the unknown first and each once', async () => {
    const body = { name: 5, parts: [{ number: 1, extra: 2 }], tenant: 3, tenantid: 4 };
    expect(await refused(body)).toEqual({
      status: 400,
      word: 'unknown_field',
      field: 'parts.0.extra, tenant, tenantid, tenant_id, name, parts.0.number',
      message:
        'parts.0.extra 不是允许的字段；tenant 不是允许的字段；tenantid 不是允许的字段；tenant_id 必填；name 须为字符串；parts.0.number 须为字符串',
    });
    expect(await refused({ tenant_id: 0.5, name: null }, english)).toEqual({
      ...{ status: 400, word: 'invalid_field', field: 'tenant_id, name' },
      message: 'tenant_id must be an integer; name must be a string',
    });
  });

  it('is told of all that does not fit together', async () => {
    expect(await refused({ tenant_id: 1, name: 'both' }, english)).toEqual({
      ...{ status: 400, word: 'amount_too_small', field: 'name, tenant_id' },
      message: 'name is too short; tenant_id is not registered',
    });
  });

  it('is told of no more than can be read', async () => {
    const body = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field${index}`, 1]));
    const { field = '' } = await refused(body);
    expect(field.split(', ')).toHaveLength(16);
    expect(await refused({ tenant_id: 1, 'a b': 1, 金额: 1, [`${'x'.repeat(65)}`]: 1, 'c\r\nd': 1 })).toEqual(
      {
        ...{ status: 400, word: 'unknown_field' },
        message: 'a b 不是允许的字段；金额 不是允许的字段；请求体含有不允许的字段',
      },
    );
  });

  it('that is too large is refused where none is wanted, too', async () => {
    expect((await ask({}, { body: 'x'.repeat(262_144) })).statusCode).toBe(200);
    for (const body of ['x'.repeat(262_145), JSON.stringify({ field: 'x'.repeat(262_145) })]) {
      expect(await errorOf({}, { body })).toMatchObject({ status: 413, word: 'body_too_large' });
    }
  });

  it.each([
    ['null', 400, 'invalid_body', 'The body must be a JSON object'],
    ['{', 400, 'invalid_body', 'The body is not valid JSON, or a field has a name that is not allowed'],
    ['', 400, 'invalid_body', 'The body must not be empty'],
    ['x'.repeat(262_145), 413, 'body_too_large', 'The body must not have more than 262144 bytes'],
  ])('that is none is told so: %j', async (body, status, word, message) => {
    expect(await refused(body, english)).toEqual({ status, word, message });
  });

  it('must be said to be JSON', async () => {
    expect(await refused('{}', { ...english, 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
      word: 'unsupported_media_type',
    });
  });
});

describe('a query', () => {
  const parts: Partial<ApiParts<undefined>> = {
    parameters: ['limit', 'tenant_id'],
    handle: async ({ query }) =>
      success(
        readTogether({
          limit: () => readLimit(query['limit']),
          tenant_id: () => readTenantId(query['tenant_id']),
        }),
      ),
  };

  it('is told of every parameter that it should not have', async () => {
    const query = { limt: '1', tenant: '7' };
    expect(await errorOf(parts, { query, headers: english })).toEqual({
      ...{ status: 400, word: 'unknown_field', field: 'limt, tenant' },
      message: 'limt is not a known parameter; tenant is not a known parameter',
    });
  });

  it('is told of every parameter that is wrong', async () => {
    const query = { limit: '0', tenant_id: 'x' };
    expect(await errorOf(parts, { query, headers: english })).toEqual({
      ...{ status: 400, word: 'invalid_field', field: 'limit, tenant_id' },
      message: 'limit must be an integer from 1 to 100; tenant_id must be a positive integer',
    });
    const one = await ask(parts, { query: { limit: '7' } });
    expect(JSON.parse(one.body).data).toEqual({ limit: 7 });
  });
});

describe('a failure', () => {
  const tooSmall = {
    field: 'amount',
    word: 'amount_too_small',
    problem: { zh: '过低', en: 'is too low' },
  } as const;

  it.each<[string, Error, object]>([
    [
      'that the handler words itself',
      new ApiError(409, 'in_dispute', { zh: '争议中', en: 'In dispute' }),
      { status: 409, word: 'in_dispute', message: 'In dispute' },
    ],
    [
      'to change what others change',
      new ContentionError(),
      { status: 409, word: 'order_changing', message: 'The order is being changed, please try again later' },
    ],
    [
      'of a provider',
      new ProviderCallError('stripe', 500, 'secret detail'),
      {
        ...{ status: 502, word: 'provider_failed' },
        message: 'The provider cannot be reached at the moment, please try again later',
      },
    ],
    [
      'that a provider blames on a field',
      new ProviderCallError('stripe', 400, 'secret detail', 'amount_too_small', tooSmall),
      { status: 400, word: 'amount_too_small', field: 'amount', message: 'amount is too low' },
    ],
    [
      'of ours',
      new TypeError('secret detail'),
      { status: 500, word: 'internal_error', message: 'Internal server error' },
    ],
  ])('%s is told', async (_, error, expected) => {
    expect(await errorOf(failing(error), { by: anybody, headers: english })).toEqual(expected);
  });

  it('keeps the words of the document of /v2 in any language', async () => {
    for (const zh of ['订单不存在', '订单状态不允许支付']) {
      const error = new ApiError(404, 'order_not_found', { zh, en: 'in English' });
      const call = { headers: english };
      expect((await errorOf({ envelope: v2Envelope, ...failing(error) }, call)).message).toBe(zh);
      expect((await errorOf(failing(error), call)).message).toBe('in English');
    }
  });
});
