import middy, { type MiddlewareObj } from '@middy/core';
import type * as z from 'zod/mini';
import type { DocumentSource } from '../config/documents.ts';
import type { Io } from '../io.ts';
import { parseJsonObject } from '../json.ts';
import { ContentionError } from '../orders/commit.ts';
import { ProviderCallError } from '../providers/call.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { bodyFields } from './fields.ts';
import { jsonBody } from './json-body.ts';
import { rawMessage } from './raw-message.ts';
import { ApiError, type Envelope, messages, type Reply } from './reply.ts';
import { type LoggedEvent, logRequests, type RequestLog } from './request-log.ts';
import { type Claims, createTokenVerifierLoader, type VerifyToken } from './token.ts';

/** A request that may be served: who asks, for what, with a body that fits its schema. */
export interface ApiRequest<Body> extends RequestLog {
  readonly claims: Claims;
  readonly path: Readonly<Record<string, string | undefined>>;
  /** A parameter that was sent several times has all values, joined by commas. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Body;
}

/** What every API needs of the function that it is in. */
export interface ApiRuntime {
  readonly io: Io;
  readonly telemetry: Telemetry;
  readonly documents: DocumentSource;
}

export interface ApiParts<Body> {
  readonly envelope: Envelope;
  readonly role: 'admin' | 'user';
  /** Left out where the endpoint takes no body. */
  readonly schema?: z.ZodMiniType<Body>;
  /** The query parameters that it takes. */
  readonly parameters?: readonly string[];
  readonly handle: (request: ApiRequest<Body>) => Promise<Reply>;
}

type ApiEvent = LoggedEvent & { claims?: Claims };
type ApiMiddleware = MiddlewareObj<ApiEvent, Reply>;

/**
 * The stack of a JSON API: authenticate, parse, validate, serve; whatever goes wrong becomes the envelope's error. What
 * the endpoint does not take is refused by its name, be it in the query or in a body where none is wanted: a misspelt
 * name is never taken for one that was left out.
 */
export function createApi<Body = undefined>(runtime: ApiRuntime, parts: ApiParts<Body>) {
  const { schema } = parts;
  const { telemetry, documents, io } = runtime;
  return middy<ApiEvent, Reply>()
    .use(logRequests(telemetry, io.now))
    .use(replyToErrors(parts))
    .use(authenticate(createTokenVerifierLoader(documents, io), parts))
    .use(checkParameters(parts))
    .use(schema ? ([jsonBody(), validate(schema)] as ApiMiddleware[]) : refuseFields)
    .handler(async (event: ApiEvent) => {
      const { claims, line } = event;
      if (!claims || !line) throw new ApiError(401, messages.unauthenticated);
      return parts.handle({
        claims,
        annotate: line.annotate,
        telemetry: line.telemetry,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        headers: event.headers,
        body: event.body as Body,
      });
    });
}

function authenticate<Body>(
  verifyToken: () => Promise<VerifyToken>,
  { role }: ApiParts<Body>,
): ApiMiddleware {
  return {
    before: async ({ event }) => {
      const verify = await verifyToken();
      const claims = await verify(event.headers['authorization']);
      if (role === 'admin' && claims.role !== 'admin') throw new ApiError(403, messages.forbidden);
      event.claims = claims;
    },
  };
}

function checkParameters<Body>({ parameters = [] }: ApiParts<Body>): ApiMiddleware {
  return {
    before: ({ event }) => {
      const unknown = Object.keys(event.queryStringParameters ?? {}).find(
        (name) => !parameters.includes(name),
      );
      if (unknown !== undefined) throw unknownName(unknown, '参数', '请求含有不允许的参数');
    },
  };
}

const noFields = bodyFields({});

/** Where no body is wanted, one that has no fields is not looked at. */
const refuseFields: ApiMiddleware = {
  before: ({ event }) => {
    const body = readObject(rawMessage(event).body);
    const result = noFields.safeParse(body ?? {});
    if (!result.success) throw fieldError(result.error.issues);
  },
};

function readObject(body: Buffer): object | null {
  try {
    return parseJsonObject(body);
  } catch {
    return null;
  }
}

function validate<Body>(schema: z.ZodMiniType<Body>): ApiMiddleware {
  return {
    before: ({ event }) => {
      const result = schema.safeParse(event.body);
      if (!result.success) throw fieldError(result.error.issues);
      event.body = result.data as string;
    },
  };
}

/** Names the field at fault; one that is not known before all else, since it may be what a missing one was meant to be. */
function fieldError(issues: readonly z.core.$ZodIssue[]): ApiError {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) return unknownField(unknown);
  const [issue] = issues;
  return new ApiError(400, `${issue?.path.join('.') || '请求体'} ${issue?.message ?? '无效'}`);
}

const unknownField = ({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): ApiError =>
  unknownName([...path, keys[0]].join('.'), '字段', '请求体含有不允许的字段');

/** The client made the name up, so that the log does not repeat it, nor the reply what cannot be read. */
const unknownName = (name: string, kind: string, reason: string): ApiError =>
  new ApiError(400, /^\P{C}{1,64}$/u.test(name) ? `${name} 不是允许的${kind}` : reason, reason);

function replyToErrors<Body>({ envelope }: ApiParts<Body>): ApiMiddleware {
  return {
    // Nothing is returned, which would keep the request from being logged.
    onError: (request) => {
      const { statusCode, message } = clientError(request.error);
      request.response = envelope.error(statusCode, message);
    },
  };
}

function clientError(error: unknown): { statusCode: number; message: string } {
  if (error instanceof ApiError) return error;
  if (error instanceof ContentionError) return { statusCode: 409, message: messages.orderChanging };
  if (error instanceof ProviderCallError) {
    const { refusal } = error;
    if (refusal) return { statusCode: 400, message: `${refusal.field} ${refusal.problem}` };
    return { statusCode: 502, message: messages.providerFailed };
  }
  return { statusCode: 500, message: messages.internal };
}
