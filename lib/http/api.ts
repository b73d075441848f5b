import middy, { type MiddlewareObj } from '@middy/core';
import type * as z from 'zod/mini';
import type { DocumentSource } from '../config/documents.ts';
import type { Io } from '../io.ts';
import { ContentionError } from '../orders/commit.ts';
import { ProviderCallError } from '../providers/errors.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ApiError, messages } from './api-error.ts';
import type { Envelope, HttpResult } from './envelope.ts';
import { jsonBody } from './json-body.ts';
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
  readonly handle: (request: ApiRequest<Body>) => Promise<HttpResult>;
}

type ApiEvent = LoggedEvent & { claims?: Claims };
type ApiMiddleware = MiddlewareObj<ApiEvent, HttpResult>;

/** The stack of a JSON API: authenticate, parse, validate, serve; whatever goes wrong becomes the envelope's error. */
export function createApi<Body = undefined>(runtime: ApiRuntime, parts: ApiParts<Body>) {
  const { schema } = parts;
  const { telemetry, documents, io } = runtime;
  return middy<ApiEvent, HttpResult>()
    .use(logRequests(telemetry, io.now))
    .use(answerErrors(parts))
    .use(authenticate(createTokenVerifierLoader(documents, io.now), parts))
    .use(schema ? ([jsonBody(), validate(schema)] as ApiMiddleware[]) : [])
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

/** The client made the name up, so that the log does not repeat it, nor the answer what cannot be read. */
function unknownField({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): ApiError {
  const name = [...path, keys[0]].join('.');
  const reason = '请求体含有不允许的字段';
  return new ApiError(400, /^\P{C}{1,64}$/u.test(name) ? `${name} 不是允许的字段` : reason, reason);
}

function answerErrors<Body>({ envelope }: ApiParts<Body>): ApiMiddleware {
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
  if (error instanceof ProviderCallError) return { statusCode: 502, message: messages.providerFailed };
  return { statusCode: 500, message: messages.internal };
}
