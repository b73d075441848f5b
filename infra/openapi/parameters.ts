import { idempotencyKeyForm } from '../../lib/http/idempotent-caller.ts';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../../lib/http/query-parameters.ts';
import { shopKinds } from '../../lib/orders/kinds.ts';
import type { JsonObject } from './types.ts';

const positiveInteger = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER };

export const inPath = (name: string, schema: JsonObject, example: unknown, description?: string) => ({
  name,
  in: 'path',
  required: true,
  ...(description !== undefined && { description }),
  schema,
  example,
});

export const inQuery = (name: string, schema: JsonObject, description: string) => ({
  name,
  in: 'query',
  description,
  schema,
});

export const inHeader = (name: string, description: string, required: boolean, schema: JsonObject = {}) => ({
  name,
  in: 'header',
  description,
  required,
  schema: { type: 'string', ...schema },
});

export const acceptLanguage = {
  ...inHeader(
    'Accept-Language',
    'In which language messages are: Chinese, or English where that is preferred.',
    false,
  ),
  example: 'en',
};

export const shopOrderId = inPath('id', positiveInteger, 1, "The shop's number for the order.");

export const shopOrderKind = inPath('kind', { enum: shopKinds }, shopKinds[0]);

export const tenantId = inPath('tenant_id', positiveInteger, 7, 'Whose merchant the message is for.');

export const idempotencyKey = (required: boolean) =>
  inHeader(
    'Idempotency-Key',
    'The same key and body from the same `sub` are the same request for 24 hours.',
    required,
    { pattern: idempotencyKeyForm.source },
  );

/** A time, or a date, which means its first instant. */
export const instant = { type: 'string', examples: ['2026-11-21T16:00:00Z', '2026-11-22'] };

export const paging = [
  inQuery(
    'limit',
    { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    'How many items a page may have.',
  ),
  inQuery('cursor', { type: 'string' }, 'From the page before: where to go on.'),
];
