import * as z from 'zod';
import { createOpenapiDocument } from '../../../infra/openapi/document.ts';
import type { JsonObject } from '../../../infra/openapi/types.ts';

/** Reads of the document what a test compares with reality. */

export interface DocumentedAnswer {
  readonly operation: string;
  readonly status: string;
  readonly mediaType: string;
  readonly schema: JsonObject;
  readonly examples: readonly unknown[];
  /** Its headers by their names in small letters, with the words that each may carry; null where it may say anything. */
  readonly headers: Readonly<Record<string, readonly string[] | null>>;
}

const document = createOpenapiDocument();
const { schemas } = document['components'] as { schemas: Record<string, JsonObject> };

interface Content {
  readonly schema: JsonObject;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
type ContentByType = Readonly<Record<string, Content>>;

export interface DocumentedOperation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly schema: JsonObject;
  }[];
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly requestBody?: { readonly content: ContentByType };
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
}

interface DocumentedResponse {
  readonly content?: ContentByType;
  readonly headers?: Readonly<Record<string, { readonly schema?: { readonly enum?: readonly string[] } }>>;
}

export const operations = Object.values(document['paths'] as Record<string, JsonObject>).flatMap(
  (path) => Object.values(path) as DocumentedOperation[],
);

export const contents = (content: ContentByType = {}) =>
  Object.entries(content).map(([mediaType, { schema, example, examples }]) => ({
    mediaType,
    schema,
    examples: examples ? Object.values(examples).map(({ value }) => value) : [example],
  }));

/** Every answer of a function that the document knows; what API Gateway says by itself is left out. */
export const documentedAnswers: readonly DocumentedAnswer[] = operations.flatMap(
  ({ operationId: operation, responses }) =>
    Object.entries(responses).flatMap(([status, { content, headers = {} }]) =>
      status === 'default'
        ? []
        : contents(content).map((part) => ({ operation, status, headers: wordsOf(headers), ...part })),
    ),
);

function wordsOf(headers: NonNullable<DocumentedResponse['headers']>): DocumentedAnswer['headers'] {
  const words = Object.entries(headers).map(([name, { schema }]) => [
    name.toLowerCase(),
    schema?.enum ?? null,
  ]);
  return Object.fromEntries(words);
}

/** What of a value its schema does not allow, in words; a field that the schema does not name counts too. */
export function deviations(schema: JsonObject, value: unknown): string[] {
  const result = checkOf(schema).safeParse(value);
  return result.success ? [] : [z.prettifyError(result.error)];
}

const checks = new Map<string, z.ZodType>();

/** Made once for each schema: with all that it may refer to, that is most of the work. */
function checkOf(schema: JsonObject): z.ZodType {
  const text = JSON.stringify(schema);
  const known = checks.get(text);
  if (known) return known;
  const strict = makeStrict({ ...schema, $defs: schemas }) as Parameters<typeof z.fromJSONSchema>[0];
  const check = z.fromJSONSchema(strict);
  checks.set(text, check);
  return check;
}

/** Refers to what it has itself in place of the document, and knows all fields of its objects. */
function makeStrict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(makeStrict);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    name === '$ref' ? String(inner).replace('#/components/schemas/', '#/$defs/') : makeStrict(inner),
  ]);
  const isClosed = 'properties' in value && !('additionalProperties' in value);
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) };
}
