import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { endpoints, routesOf } from '../../infra/endpoints.ts';
import type { PutEvents } from '../../lib/domain-events/publish.ts';
import { createRuntime, type Runtime } from '../../lib/runtime.ts';
import { TABLE_NAME } from './documents.ts';
import { type Instance, kill } from './instance.ts';
import type { Surroundings } from './surroundings.ts';
import type { Post, Reply } from './wire.ts';

/** AWS: execution environments of the real functions, and the gateway before them. */
export interface Cloud {
  readonly send: (post: Post, method?: string) => Promise<Reply>;
  /** @returns what the function returned, or that it failed */
  readonly invoke: (name: string, event: unknown) => Promise<Outcome>;
}

export type Outcome = { readonly value: unknown } | { readonly failed: string };

/** What was replied to a request, when the function gave it away. */
export interface Replied {
  readonly post: Post;
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly began_at: number;
  readonly at: number;
  /** Requests to the table that it took. */
  readonly requests: number;
}

type Handler = (event: unknown, context: Context) => Promise<unknown>;
export type FunctionFile = { readonly create: (runtime: Runtime, putEvents?: PutEvents) => Handler };

/** Functions that no request waits for. */
const behind = ['notify-wecom', 'publish-events', 'sweep'];

/** The files of `functions/` themselves. */
export async function loadFunctions(): Promise<ReadonlyMap<string, FunctionFile>> {
  const names = [...endpoints.filter(({ stack }) => !stack).map(({ name }) => name), ...behind];
  const files = await Promise.all(
    names.map(async (name) => [name, (await import(`../../functions/${name}.ts`)) as FunctionFile] as const),
  );
  return new Map(files);
}

export interface CloudParts {
  readonly world: Surroundings;
  readonly files: ReadonlyMap<string, FunctionFile>;
  readonly publicUrl: string;
  readonly orderPrefix: string;
  readonly clientOf: (instance: Instance) => DynamoDBDocumentClient;
  readonly fetchOf: (instance: Instance) => typeof fetch;
  readonly sleepOf: (instance: Instance) => (duration_ms: number) => Promise<void>;
  readonly readDocument: (instance: Instance, name: string) => Promise<string | null>;
  readonly putEventsOf: (instance: Instance) => PutEvents;
  readonly writeLine: (line: string) => void;
  readonly onReply: (replied: Replied) => void;
  /** A planted bug in what a function is made of. */
  readonly alterRuntime: (runtime: Runtime) => Runtime;
}

interface Environment {
  readonly instance: Instance;
  readonly handler: Handler;
  isBusy: boolean;
}

const SECOND = 1_000;
const timeouts: Readonly<Record<string, number>> = { 'notify-wecom': 60 * SECOND, sweep: 58 * SECOND };
const CALLBACK_TIMEOUT_MS = 10 * SECOND;
const API_TIMEOUT_MS = 20 * SECOND;

export function createCloud(parts: CloudParts): Cloud {
  const { world, files } = parts;
  const { clock, random, faults, marks, tell } = world;
  const environments: Environment[] = [];

  const start = (name: string): Environment => {
    const file = files.get(name);
    if (!file) throw new Error(`no function ${name}`);
    // Of those that look at the time of a message.
    const isCallback = endpoints.some(
      (endpoint) => endpoint.name === name && endpoint.callback !== undefined,
    );
    const offset_ms = isCallback && faults.happens('clock_off') ? random.pick([-600_000, 600_000]) : 0;
    const instance: Instance = { name, offset_ms, isDead: false, onDeath: null, requests: 0 };
    const runtime = createRuntime(name, {
      environment: {
        tableName: TABLE_NAME,
        stage: 'world',
        publicUrl: parts.publicUrl,
        orderPrefix: parts.orderPrefix,
        returnHosts: ['shop.example'],
        shipping: { withinHours: 24, mealPickup: true },
      },
      io: {
        now: () => clock.now() + offset_ms,
        randomBytes: (size) => random.bytes(size),
        fetch: parts.fetchOf(instance),
        sleep: parts.sleepOf(instance),
      },
      client: parts.clientOf(instance),
      readDocument: (document) => parts.readDocument(instance, document),
      writeLine: parts.writeLine,
    });
    const handler = file.create(
      parts.alterRuntime(runtime),
      ...(name === 'publish-events' ? [parts.putEventsOf(instance)] : []),
    );
    const environment = { instance, handler, isBusy: false };
    environments.push(environment);
    marks.take('cold_started');
    return environment;
  };
  const acquire = (name: string): Environment => {
    const idle = environments.find(
      ({ instance, isBusy }) => instance.name === name && !isBusy && !instance.isDead,
    );
    if (!idle || faults.happens('cold_start')) return start(name);
    // Where faults are over, a clock that was off has been set.
    if (idle.instance.offset_ms !== 0 && faults.stopped) {
      idle.instance.isDead = true;
      return start(name);
    }
    return idle;
  };
  const run = async (environment: Environment, event: unknown, timeout_ms: number): Promise<Outcome> => {
    const { instance, handler } = environment;
    environment.isBusy = true;
    instance.requests = 0;
    const context = { awsRequestId: `request-${random.text(8)}`, functionName: instance.name } as Context;
    const outcome = await new Promise<Outcome>((resolve) => {
      instance.onDeath = () => resolve({ failed: 'died' });
      clock.after(timeout_ms, () => {
        if (!isOver && !instance.isDead) {
          tell(`${instance.name} is out of time`);
          kill(instance);
        }
      });
      let isOver = false;
      const done = (result: Outcome) => {
        isOver = true;
        resolve(result);
      };
      handler(event, context).then(
        (value) => done({ value }),
        (error: unknown) => {
          if (isBroken(error)) throw error;
          done({ failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
        },
      );
    });
    instance.onDeath = null;
    environment.isBusy = false;
    return outcome;
  };
  const invoke = (name: string, event: unknown) =>
    run(acquire(name), event, timeouts[name] ?? API_TIMEOUT_MS);

  return {
    invoke,
    async send(post, method = 'POST') {
      await clock.sleep(random.between(3, 40));
      const began_at = clock.now();
      const [path = '', search = ''] = post.path.split('?');
      const route = findRoute(method, path);
      if (!route) return { status: 404, headers: {}, body: '{"message":"Not Found"}' };
      const environment = acquire(route.name);
      const timeout_ms = route.isCallback ? CALLBACK_TIMEOUT_MS : API_TIMEOUT_MS;
      const outcome = await run(
        environment,
        toEvent(world, post, method, path, search, route.parameters),
        timeout_ms,
      );
      const reply =
        'value' in outcome
          ? toReply(outcome.value)
          : { status: 500, headers: {}, body: '{"message":"Internal Server Error"}' };
      if ('value' in outcome) {
        const { status, headers, body: text } = reply;
        const { requests } = environment.instance;
        parts.onReply({
          post,
          method,
          path: post.path,
          body: String(post.body),
          status,
          headers,
          text,
          began_at,
          at: clock.now(),
          requests,
        });
      }
      tell(
        `${method} ${post.path} → ${reply.status}${'failed' in outcome ? ` (${outcome.failed})` : ''} ${reply.status >= 400 ? reply.body.slice(0, 120) : ''}`,
      );
      await clock.sleep(random.between(3, 40));
      if (faults.happens('client_reply_lost')) {
        tell(`the reply to ${method} ${post.path} is lost`);
        return null;
      }
      return reply;
    },
  };
}

/** A mistake of this world, and not of the code that it judges. */
const isBroken = (error: unknown) => error instanceof Error && error.message.includes('not understood');

interface Route {
  readonly name: string;
  readonly isCallback: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

function findRoute(method: string, path: string): Route | null {
  const given = path.split('/');
  const found = endpoints
    .flatMap((endpoint) => routesOf(endpoint).map((route) => ({ endpoint, route })))
    .map(({ endpoint, route }) => ({ endpoint, parameters: matchPath(route.path.split('/'), given) }))
    .filter(({ endpoint, parameters }) => endpoint.method === method && parameters !== null)
    // A route without variables wins over one with.
    .sort(
      (one, other) => Object.keys(one.parameters ?? {}).length - Object.keys(other.parameters ?? {}).length,
    )[0];
  return found?.parameters
    ? {
        name: found.endpoint.name,
        isCallback: found.endpoint.callback !== undefined,
        parameters: found.parameters,
      }
    : null;
}

function matchPath(pattern: readonly string[], given: readonly string[]): Record<string, string> | null {
  if (pattern.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return parameters;
}

/** The gateway hands a body over as text or, as it pleases, in base64; header names are in lower case. */
function toEvent(
  { random, marks, clock }: Surroundings,
  { headers, body }: Post,
  method: string,
  path: string,
  search: string,
  pathParameters: Readonly<Record<string, string>>,
): APIGatewayProxyEventV2 {
  const bytes = Buffer.from(body);
  const isBase64Encoded = Buffer.isBuffer(body) || random.chance(0.1);
  if (isBase64Encoded) marks.take('body_in_base64');
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: search,
    headers: { host: 'localhost', 'x-forwarded-for': '127.0.0.1', ...lowered },
    queryStringParameters: Object.fromEntries(new URLSearchParams(search)),
    pathParameters: { ...pathParameters },
    requestContext: {
      accountId: '1',
      apiId: 'world',
      domainName: 'pay.example.com',
      domainPrefix: 'pay',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'world' },
      requestId: 'world',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: clock.now(),
    },
    ...(bytes.length === 0 ? {} : { body: isBase64Encoded ? bytes.toString('base64') : bytes.toString() }),
    isBase64Encoded,
  };
}

function toReply(value: unknown): NonNullable<Reply> {
  const {
    statusCode,
    headers = {},
    body = '',
    isBase64Encoded = false,
  } = (value ?? {}) as {
    statusCode?: number;
    headers?: Record<string, string>;
    body?: string;
    isBase64Encoded?: boolean;
  };
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([name, content]) => [name.toLowerCase(), String(content)]),
  );
  return { status: statusCode ?? 500, headers: lowered, body: text };
}
