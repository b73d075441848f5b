import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { endpoints, routesOf } from '../../../infra/endpoints.ts';
import { createOpenapiDocument } from '../../../infra/openapi/document.ts';
import generated from '../../../infra/openapi/openapi.json' with { type: 'json' };
import { operationIdOf } from '../../../infra/openapi/operation-id.ts';
import type { JsonObject } from '../../../infra/openapi/types.ts';
import { domainEventData } from '../../../lib/domain-events/domain-event.ts';
import { checkoutSchema } from '../../../lib/http/checkout-api.ts';
import { errorWords } from '../../../lib/http/error-words.ts';
import { shopOrderSchema } from '../../../lib/http/put-shop-order-api.ts';
import { redeliverPeriodSchema } from '../../../lib/http/redeliver-period-api.ts';
import { refundSchema } from '../../../lib/http/refund-api.ts';
import { resolutionSchema } from '../../../lib/http/resolve-exception-api.ts';
import { eventTypes } from '../../../lib/orders/kinds.ts';
import { contents, deviations, documentedAnswers, operations } from './conformance.ts';

const routes = endpoints.flatMap((endpoint) =>
  routesOf(endpoint).map(({ method, path }) => ({
    operationId: operationIdOf(path === endpoint.path ? endpoint.name : `tenant-${endpoint.name}`),
    method,
    path,
  })),
);

const pathOf = (operationId: string): string =>
  routes.find((route) => route.operationId === operationId)?.path ?? '';

describe('the API document', () => {
  it('is as `npm run openapi` writes it', () => {
    expect(generated).toEqual(JSON.parse(JSON.stringify(createOpenapiDocument())));
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(generated))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('names every route once, under its path and method', () => {
    const paths: Record<string, Record<string, { operationId: string }>> = generated.paths;
    const named = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [operationId, method.toUpperCase(), path]),
    );
    expect(named.sort()).toEqual(
      routes.map(({ operationId, method, path }) => [operationId, method, path]).sort(),
    );
  });

  it('calls each operation by a name that code can have', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id) => !/^[a-z][a-zA-Z]*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(['createCheckout', 'createRefund', 'payMallOrder', 'getOrder']),
    );
  });

  it('says who may call what, and what anybody may', () => {
    const needed = operations.map(({ security }) => security.map(({ token }) => token));
    expect(new Set(needed.map((tokens) => JSON.stringify(tokens)))).toEqual(
      new Set(['[["admin"]]', '[["viewer"]]', '[["user"]]', '[[]]', '[]']),
    );
    const open = operations.filter(({ security }) => security.length === 0);
    expect(open.map(({ operationId }) => /(Callback|Notify)$/.test(operationId))).not.toContain(false);
  });

  it('says of every error what machines are told, in the words that there are', () => {
    const errors = documentedAnswers.filter(({ status }) => Number(status) >= 400);
    const words = errors.map(({ headers }) => headers['settle-error'] ?? []);
    expect(words.filter((some) => some.length === 0)).toEqual([]);
    expect(new Set(words.flat())).toEqual(new Set(errorWords));
    expect(errors.filter(({ headers }) => !('settle-error-field' in headers))).toEqual([]);
    const asking = errors.filter(({ headers }) => 'www-authenticate' in headers);
    expect(new Set(asking.map(({ status }) => status))).toEqual(new Set(['401']));
    expect(generated.components.schemas.ErrorWord.enum).toEqual(errorWords);
  });

  it('has one form of errors for each family of paths', () => {
    const forms = operations.flatMap(({ operationId, security, responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400 && security.length > 0)
        .flatMap(([status, { content }]) =>
          contents(content).map(({ schema }) => `${schema['$ref']} ${status === '401' ? 401 : ''}`.trim()),
        )
        .map((form) => [pathOf(operationId).split('/')[1], form].join(' ')),
    );
    expect([...new Set(forms)].toSorted()).toEqual([
      ...['api #/components/schemas/PayError', 'api #/components/schemas/PayError 401'],
      ...['v2 #/components/schemas/V2Error', 'v2 #/components/schemas/V2Unauthenticated 401'],
    ]);
  });

  it('names no default in a body, which generated code would ask for', () => {
    const requests = Object.entries<JsonObject>(generated.components.schemas).filter(([name]) =>
      name.endsWith('Request'),
    );
    expect(requests.length).toBeGreaterThan(4);
    expect(JSON.stringify(requests)).not.toContain('"default"');
  });

  it('offers every list as a table too', () => {
    const tables = documentedAnswers.filter(({ mediaType }) => mediaType === 'text/csv');
    expect(tables.map(({ operation }) => operation).toSorted()).toEqual([
      ...[
        'getLedger',
        'listDeliveries',
        'listExceptions',
        'listOrders',
        'listReconciliations',
        'listRefunds',
      ],
    ]);
    const whole = tables.filter(({ headers }) => !('settle-cursor' in headers));
    expect(whole.map(({ operation }) => operation)).toEqual(['listRefunds']);
  });

  it('names the parameters of every path', () => {
    for (const { operationId, path } of routes) {
      const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, parameter]) => parameter);
      const { parameters = [] } = operations.find((operation) => operation.operationId === operationId) ?? {};
      const documented = parameters.filter((parameter) => parameter.in === 'path');
      expect(documented.map((parameter) => parameter.name)).toEqual(inPath);
    }
  });

  it('allows no other field in the body of a caller with a token', () => {
    const schemas: Record<string, object> = generated.components.schemas;
    const bodies = operations
      .filter(({ operationId }) => !/(Callback|Notify)$/.test(operationId))
      .flatMap(({ operationId, requestBody }) =>
        contents(requestBody?.content).map(({ schema }) => [operationId, schema['$ref']] as const),
      );
    expect(bodies.map(([operation]) => operation)).toEqual([
      ...['createCheckout', 'createRefund', 'resolveException', 'redeliverPeriod'],
      ...['putShopOrder', 'shipOrder'],
    ]);
    for (const [, reference] of bodies)
      expect(schemas[String(reference).split('/').at(-1) ?? '']).toMatchObject({
        additionalProperties: false,
      });
  });

  it('gives examples that are what it says', () => {
    const bodies = operations.flatMap(({ operationId, requestBody }) =>
      contents(requestBody?.content).map((part) => ({ operation: operationId, status: 'request', ...part })),
    );
    for (const { operation, status, schema, examples } of [...bodies, ...documentedAnswers]) {
      expect(examples).not.toContain(undefined);
      const wrong = examples.flatMap((example) => deviations(schema, example));
      expect({ operation, status, wrong }).toEqual({ operation, status, wrong: [] });
    }
  });
});

describe('the webhooks of the API document', () => {
  const webhooks = new Map(Object.entries<WebhookOperation>(generated.webhooks));
  const bodyOf = (type: string) => contents(webhooks.get(type)?.post.requestBody.content)[0];

  it('are the events that are published', () => {
    expect([...webhooks.keys()].toSorted()).toEqual(eventTypes.toSorted());
  });

  it.each(eventTypes)('give an example of %s that is what they say, and what is published', (type) => {
    const { schema = {}, examples: [example] = [] } = bodyOf(type) ?? {};
    expect(deviations(schema, example)).toEqual([]);
    expect(example).toMatchObject({ type });
    expect(domainEventData[type].safeParse((example as { data: unknown }).data)).toMatchObject({
      success: true,
    });
    expect(deviations(schema, { ...(example as object), type: 'order.packed' })).not.toEqual([]);
  });

  it('allow fields that are added', () => {
    const schemas: Record<string, object> = generated.components.schemas;
    const names = eventTypes.map((type) => dataNameOf(bodyOf(type)?.schema));
    expect(names.filter((name) => schemas[name] && !('additionalProperties' in schemas[name]))).toEqual(
      names,
    );
  });

  it('name the headers that Standard Webhooks signs', () => {
    for (const { post } of webhooks.values()) {
      expect(post.parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual([
        ['webhook-id', 'header', true],
        ['webhook-timestamp', 'header', true],
        ['webhook-signature', 'header', true],
      ]);
    }
  });
});

interface WebhookOperation {
  readonly post: {
    readonly parameters: readonly {
      readonly name: string;
      readonly in: string;
      readonly required: boolean;
    }[];
    readonly requestBody: { readonly content: Parameters<typeof contents>[0] };
  };
}

/** The name of the schema of a webhook's `data`. */
function dataNameOf(schema: JsonObject = {}): string {
  const { data } = schema['properties'] as { data: { $ref: string } };
  return data.$ref.split('/').at(-1) ?? '';
}

describe.each([
  [
    'CheckoutRequest',
    checkoutSchema,
    { tenant_id: 7, amount: 19.99, currency: 'CNY', provider: 'wechat' },
    {
      tenant_id: [1, 0, 1.5, '7', Number.MAX_SAFE_INTEGER, 2 ** 53, undefined],
      amount: [1, 0, -1, '1', 2 ** 53, null, undefined],
      currency: ['CNY', undefined, 5, null, 'cny'],
      provider: ['alipay', 'wechat', 'stripe', 'paypal', undefined],
    },
  ],
  [
    'ShopOrderRequest',
    shopOrderSchema,
    { user_id: 'user-1', openid: 'openid-1', amount: 19.99, points: 0, description: '苹果' },
    {
      user_id: ['', 'x', 'x'.repeat(256), 'x'.repeat(257), 1, undefined],
      openid: ['', 'x'.repeat(128), 'x'.repeat(129), 1],
      amount: [0, 1, -1, '1', undefined],
      points: [0, 1, -1, 1.5, '1', undefined],
      description: ['', '苹'.repeat(42), 'x'.repeat(127), 'x'.repeat(128), 1, undefined],
      appid: ['', 'wx1234567890abcdef', 'x'.repeat(32), 'x'.repeat(33), 1, null, undefined],
    },
  ],
  [
    'RefundRequest',
    refundSchema,
    { order_no: 'mall-1', amount: 5, reason: '缺货', transaction_id: 'T1' },
    {
      order_no: ['', 'x'.repeat(64), 'x'.repeat(65), undefined],
      amount: [1, undefined, '1', null],
      reason: ['', '退'.repeat(80), '退'.repeat(81), undefined],
      transaction_id: ['', 'x'.repeat(64), 'x'.repeat(65), undefined, null],
    },
  ],
  [
    'ResolutionRequest',
    resolutionSchema,
    { resolution: 'dismissed', reason: '核对过' },
    {
      resolution: ['attributed', 'returned', 'written_off', 'dismissed', 'repaired', '', undefined],
      reason: ['', '因'.repeat(200), '因'.repeat(201), 1, undefined],
    },
  ],
  [
    'RedeliveryRequest',
    redeliverPeriodSchema,
    { from: '2026-11-21', to: '2026-11-22', state: 'given_up', tenant_id: 7 },
    {
      from: ['2026-11-21T16:00:00Z', 1, null, undefined],
      to: ['2026-11-22', 1, undefined],
      state: ['due', 'delivered', 'given_up', 'open', null, undefined],
      tenant_id: [1, 0, '7', 1.5, undefined],
      cursor: ['W10', 1, null, undefined],
    },
  ],
] as const)('%s', (name, schema, sound, variants) => {
  it.each(Object.entries<readonly unknown[]>(variants))('allows of %s what is taken', (field, values) => {
    const reference = { $ref: `#/components/schemas/${name}` };
    const decisions = values.map((value) => {
      const body = { ...sound, [field]: value };
      const sent = Object.fromEntries(Object.entries(body).filter(([, one]) => one !== undefined));
      return [value, deviations(reference, sent).length === 0, schema.safeParse(sent).success] as const;
    });
    expect(decisions.filter(([, documented, taken]) => documented !== taken)).toEqual([]);
    expect(new Set(decisions.map(([, , taken]) => taken))).toEqual(new Set([true, false]));
  });

  it('allows no field that it does not name', () => {
    const sent = { ...sound, amout: 5 };
    expect(deviations({ $ref: `#/components/schemas/${name}` }, sent)).not.toEqual([]);
    expect(schema.safeParse(sound).success).toBe(true);
    expect(schema.safeParse(sent).success).toBe(false);
  });
});
