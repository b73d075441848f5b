import { type Endpoint, routesOf } from '../../endpoints.ts';

export interface Route {
  readonly endpoint: Endpoint;
  /** The one of the endpoint's by which the request comes. */
  readonly path: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * The endpoint for a request, or null. Where several fit, the one with the most literal segments wins, and last one with
 * a greedy parameter, `{name+}`, which takes the rest of the path.
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
    .map((route) => ({
      ...route,
      segments: isGreedy(route.pattern) ? joinRest(route.pattern, segments) : segments,
    }))
    .filter(({ pattern, segments: joined }) => fits(pattern, joined))
    .sort((left, right) => precedence(left.pattern) - precedence(right.pattern))[0];
  if (!fitting) return null;
  const { endpoint, path: found, pattern } = fitting;
  return { endpoint, path: found, pathParameters: readParameters(pattern, fitting.segments) };
}

/** The segments with all that a greedy parameter takes as one. */
const joinRest = (pattern: readonly string[], segments: readonly string[]): string[] => {
  const before = pattern.length - 1;
  return [
    ...segments.slice(0, before),
    ...(segments.length > before ? [segments.slice(before).join('/')] : []),
  ];
};

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

/** Less comes first. */
function precedence(pattern: readonly string[]): number {
  const parameters = pattern.filter((part) => parameterName(part) !== null).length;
  return isGreedy(pattern) ? Number.POSITIVE_INFINITY : parameters;
}

const isGreedy = (pattern: readonly string[]): boolean => pattern.at(-1)?.endsWith('+}') === true;

/** `{id}` → `id`, `{file+}` → `file` */
function parameterName(part: string): string | null {
  return /^\{(\w+)\+?\}$/.exec(part)?.[1] ?? null;
}
