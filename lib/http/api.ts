import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { ProviderCallError } from '../providers/errors.ts';
import type { LogFields, Telemetry } from '../telemetry/telemetry.ts';
import { ApiError, messages } from './api-error.ts';
import type { Envelope } from './envelope.ts';
import type { HttpResult } from './http-result.ts';
import { jsonBody } from './json-body.ts';
import type { Claims, VerifyToken } from './token.ts';

/** A request that may be served: who asks, for what, with a body that fits its schema. */
export interface ApiRequest<Body> {
  readonly claims: Claims;
  readonly path: Readonly<Record<string, string | undefined>>;
  /** A parameter that was sent several times has all values, joined by commas. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Body;
}

export interface ApiParts<Body> {
  readonly envelope: Envelope;
  readonly telemetry: Telemetry;
  readonly verifyToken: () => Promise<VerifyToken>;
  readonly role: 'admin' | 'user';
  /** Left out where the endpoint takes no body. */
  readonly schema?: z.ZodMiniType<Body>;
  readonly handle: (request: ApiRequest<Body>) => Promise<HttpResult>;
}

type ApiEvent = APIGatewayProxyEventV2 & { claims?: Claims };
type ApiMiddleware = MiddlewareObj<ApiEvent, HttpResult>;

/** The stack of a JSON API: authenticate, parse, validate, serve; whatever goes wrong becomes the envelope's error. */
export function createApi<Body = undefined>(parts: ApiParts<Body>) {
  const { schema } = parts;
  return middy<ApiEvent, HttpResult>()
    .use(answerErrors(parts))
    .use(authenticate(parts))
    .use(schema ? ([jsonBody(), validate(schema)] as ApiMiddleware[]) : [])
    .handler(async (event: ApiEvent) => {
      if (!event.claims) throw new ApiError(401, messages.unauthenticated);
      return parts.handle({
        claims: event.claims,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        headers: event.headers,
        body: event.body as Body,
      });
    });
}

function authenticate<Body>({ verifyToken, role }: ApiParts<Body>): ApiMiddleware {
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
      if (!result.success) throw new ApiError(400, fieldMessage(result.error.issues[0]));
      event.body = result.data as string;
    },
  };
}

const fieldMessage = (issue: z.core.$ZodIssue | undefined): string =>
  `${issue?.path.join('.') || '请求体'} ${issue?.message ?? '无效'}`;

function answerErrors<Body>({ envelope, telemetry }: ApiParts<Body>): ApiMiddleware {
  return {
    onError: (request) => {
      const { error, context, event } = request;
      const { statusCode, message } = clientError(error);
      const fields: LogFields = {
        request_id: requestId(context),
        outcome: event.routeKey,
        status: statusCode,
      };
      if (statusCode >= 500) telemetry.count('ApiFailed', { status: String(statusCode) });
      telemetry.log(statusCode >= 500 ? 'error' : 'info', 'request refused', fields, error);
      request.response = envelope.error(statusCode, message);
    },
  };
}

function clientError(error: unknown): { statusCode: number; message: string } {
  if (error instanceof ApiError) return error;
  if (error instanceof ProviderCallError) return { statusCode: 502, message: messages.providerFailed };
  return { statusCode: 500, message: messages.internal };
}

const requestId = (context: Context | undefined): string => context?.awsRequestId ?? '-';
