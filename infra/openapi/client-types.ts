import openapiTS, { astToString } from 'openapi-typescript';
import type { JsonObject } from './types.ts';

interface Operation {
  readonly operationId: string;
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/**
 * The part of the API's document that back ends call, which is what an administrator or a viewer may, as TypeScript:
 * its types and where each operation is. Errors are left out, which are of one form, and so are examples.
 */
export async function createClientTypes(document: JsonObject): Promise<string> {
  const routes = routesOf(document).filter(({ operation }) => isOfBackEnds(operation));
  const paths = Object.fromEntries(
    Array.from(
      Map.groupBy(routes, ({ path }) => path),
      ([path, here]) => [
        path,
        Object.fromEntries(here.map(({ method, operation }) => [method, withoutErrors(operation)])),
      ],
    ),
  );
  const { schemas, parameters, headers } = document['components'] as Readonly<Record<string, JsonObject>>;
  const { info } = document;
  const used = usedSchemas(schemas ?? {}, paths);
  const part = { openapi: '3.1.0', info, paths, components: { schemas: used, parameters, headers } };
  const types = await openapiTS(JSON.stringify(withoutExamples(part)), { silent: true });
  const places = routes.map(
    ({ method, path, operation }) => `  ${operation.operationId}: '${method.toUpperCase()} ${path}',\n`,
  );
  return [
    '/** Of the API what back ends call: written by `npm run openapi` from its document. */\n',
    astToString(types.filter((node) => isAbout(node, ['components', 'operations']))),
    `/** Where each operation is. */\nexport const routes = {\n${places.join('')}} as const;\n`,
  ].join('\n');
}

const routesOf = (document: JsonObject): Route[] =>
  Object.entries(document['paths'] as Record<string, Record<string, Operation>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

const isOfBackEnds = ({ security }: Operation): boolean =>
  security.some(({ token }) => token.includes('admin') || token.includes('viewer'));

const withoutErrors = ({ responses, ...operation }: Operation) => ({
  ...operation,
  responses: Object.fromEntries(Object.entries(responses).filter(([status]) => status.startsWith('2'))),
});

/** Those that are named, those that they name, and so on; and the list of words, which no success names. */
function usedSchemas(schemas: JsonObject, paths: JsonObject): JsonObject {
  const names = new Set(['ErrorWord', ...namedIn(paths)]);
  for (const name of names) for (const named of namedIn(schemas[name])) names.add(named);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)));
}

const namedIn = (value: unknown): string[] =>
  Array.from(JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g), ([, name = '']) => name);

function withoutExamples(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExamples);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== 'example' && name !== 'examples');
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutExamples(inner)]));
}

const isAbout = (node: object, names: readonly string[]): boolean =>
  'name' in node && names.includes((node.name as { text: string }).text);
