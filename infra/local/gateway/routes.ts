import { type Endpoint, routesOf } from '../../endpoints.ts';

export interface Route {
  readonly endpoint: Endpoint;
  /** The one of the endpoint's by which the request comes. */
  readonly path: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * The endpoint for a request, or null. Where several fit, the one with the most literal segments wins.
 * @param path as it was sent, still percent-encoded
 * @throws URIError when a parameter is not percent-encoded UTF-8
 */
export function findRoute(endpoints: readonly Endpoint[], method: string, path: string): Route | null {
  const segments = path.split('/');
  const fitting = endpoints
    .filter((endpoint) => endpoint.method === method)
    .flatMap((endpoint) =>
      routesOf(endpoint).map((route) => ({ endpoint, path: route.path, pattern: route.path.split('/') })),
    )
    .filter(({ pattern }) => fits(pattern, segments))
    .sort((left, right) => parameters(left.pattern).length - parameters(right.pattern).length)[0];
  if (!fitting) return null;
  const { endpoint, path: found, pattern } = fitting;
  return { endpoint, path: found, pathParameters: readParameters(pattern, segments) };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) =>
      parameterName(part) === null ? part === segments[index] : segments[index] !== '',
    )
  );
}

function readParameters(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  const values = pattern.flatMap((part, index) => {
    const name = parameterName(part);
    return name === null ? [] : [[name, decodeURIComponent(segments[index] ?? '')]];
  });
  return Object.fromEntries(values);
}

function parameters(pattern: readonly string[]): readonly string[] {
  return pattern.filter((part) => parameterName(part) !== null);
}

/** `{id}` → `id` */
function parameterName(part: string): string | null {
  return /^\{(\w+)\}$/.exec(part)?.[1] ?? null;
}
