import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { type Endpoint, endpoints, routesOf } from '../../infra/endpoints.ts';
import { type Io, systemIo } from '../../lib/io.ts';
import { createRuntime, type Runtime } from '../../lib/runtime.ts';
import type { StoreContext } from '../../lib/store/client.ts';

/**
 * The functions of a stage as Lambda runs them, made from `functions/*.ts`: each in execution environments of its own,
 * which keep what they have read. Documents are in memory, the table is a real one, and the clock can be set forward.
 */

type Handler = (event: unknown, context: Context) => Promise<unknown>;
type FunctionFile = { readonly create: (runtime: Runtime) => Handler };

export interface StageReply {
  readonly status: number;
  readonly body: string;
}

export interface StageMessage {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer | string;
}

const stageAuth = {
  issuer: 'https://login.example.com',
  audience: 'settle',
  hs256_secret: 'a-secret-of-the-login-that-has-32-bytes-at-least',
} as const;

const load = (name: string): Promise<FunctionFile> => import(`../../functions/${name}.ts`);

/** What everything that runs in a stage has to do with, and what it did. */
export interface StageWorld {
  /** By name below the stage; what is not there is no document. */
  readonly documents: Map<string, unknown>;
  /** Names of documents that cannot be read at the moment; `*` for all. */
  readonly unreadable: Set<string>;
  /** Each read of a document, by name. */
  readonly reads: string[];
  readonly lines: string[];
  /** By how much the clock is ahead, in milliseconds. */
  ahead_ms: number;
}

export function createStageWorld(documents: Readonly<Record<string, unknown>>): StageWorld {
  return {
    documents: new Map(Object.entries({ auth: stageAuth, ...documents })),
    unreadable: new Set(),
    reads: [],
    lines: [],
    ahead_ms: 0,
  };
}

/** Execution environments, one for each function, that start with their first request. */
export function startFunctions(
  world: StageWorld,
  { client, tableName }: Pick<StoreContext, 'client' | 'tableName'>,
  providerFetch: Io['fetch'] = async (input) => {
    throw new Error(`nobody answers ${String(input)}`);
  },
) {
  const now = () => Date.now() + world.ahead_ms;
  const handlers = new Map<string, Promise<Handler>>();
  const io: Io = { ...systemIo, now, fetch: providerFetch };

  const readDocument = async (name: string): Promise<string | null> => {
    world.reads.push(name);
    if (world.unreadable.has('*') || world.unreadable.has(name)) throw new Error('secrets are not available');
    const document = world.documents.get(name);
    return document === undefined ? null : JSON.stringify(document);
  };
  const handlerOf = (name: string): Promise<Handler> => {
    const made =
      handlers.get(name) ??
      load(name).then(({ create }) =>
        create(
          createRuntime(name, {
            environment: {
              tableName,
              stage: 'test',
              publicUrl: 'https://pay.example.com',
              orderPrefix: '',
              returnHosts: [],
              shipping: null,
            },
            io,
            client,
            readDocument,
            writeLine: (line) => void world.lines.push(line),
          }),
        ),
      );
    handlers.set(name, made);
    return made;
  };
  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    const handler = await handlerOf(name);
    const context = { awsRequestId: 'request', functionName: name, getRemainingTimeInMillis: () => 600_000 };
    return handler(event, context as unknown as Context);
  };
  const send = async (method: string, path: string, { headers, body }: StageMessage): Promise<StageReply> => {
    const { endpoint, parameters } = routeOf(method, path);
    const result = await invoke(endpoint.name, requestEvent(method, path, parameters, headers, body));
    const { statusCode = 200, body: text = '' } = result as { statusCode?: number; body?: string };
    return { status: statusCode, body: text };
  };

  return {
    now,
    invoke,
    /** A provider's message. */
    deliver: (path: string, message: StageMessage) => send('POST', path, message),
    /** A request of somebody with an admin's token, or a tenant's. */
    call: (
      method: string,
      path: string,
      body: object,
      { sub = 'operator', headers = {}, ...claims }: CallOptions = {},
    ) =>
      send(method, path, {
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokenOf({ sub, role: 'admin', ...claims }, now())}`,
          ...headers,
        },
        body: JSON.stringify(body),
      }),
  };
}

interface CallOptions {
  readonly sub?: string;
  readonly role?: 'admin' | 'user';
  readonly tenant_id?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type StageFunctions = ReturnType<typeof startFunctions>;

function tokenOf(claims: object, now_ms: number): string {
  const { issuer: iss, audience: aud, hs256_secret } = stageAuth;
  const exp = Math.floor(now_ms / 1_000) + 3_600;
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss, aud, exp, ...claims })}`;
  return `${text}.${createHmac('sha256', hs256_secret).update(text).digest('base64url')}`;
}

interface Route {
  readonly endpoint: Endpoint;
  readonly parameters: Readonly<Record<string, string>>;
}

function routeOf(method: string, path: string): Route {
  const given = path.split('/');
  const found = endpoints
    .flatMap((endpoint) => routesOf(endpoint).map((route) => ({ endpoint, route })))
    .filter(({ route }) => route.method === method)
    .map(({ endpoint, route }) => ({ endpoint, parameters: matchPath(route.path.split('/'), given) }))
    .filter((candidate): candidate is Route => candidate.parameters !== null)
    .sort((one, other) => Object.keys(one.parameters).length - Object.keys(other.parameters).length)[0];
  if (!found) throw new Error(`no endpoint at ${method} ${path}`);
  return found;
}

function matchPath(pattern: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (pattern.length !== given.length) return null;
  const pairs = pattern.map((part, index) => [part, given[index] ?? ''] as const);
  if (!pairs.every(([part, value]) => part.startsWith('{') || part === value)) return null;
  return Object.fromEntries(
    pairs.filter(([part]) => part.startsWith('{')).map(([part, value]) => [part.slice(1, -1), value]),
  );
}

function requestEvent(
  method: string,
  path: string,
  pathParameters: Readonly<Record<string, string>>,
  headers: StageMessage['headers'],
  body: StageMessage['body'],
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    queryStringParameters: {},
    pathParameters: { ...pathParameters },
    requestContext: {
      accountId: '1',
      apiId: 'stage',
      domainName: 'pay.example.com',
      domainPrefix: 'pay',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: 'request',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: Date.now(),
    },
    body: Buffer.from(body).toString('base64'),
    isBase64Encoded: true,
  };
}
