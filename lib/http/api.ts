import middy, { type MiddlewareObj } from '@middy/core';
import type * as z from 'zod/mini';
import type { DocumentSource } from '../config/documents.ts';
import type { Io } from '../io.ts';
import { parseJsonObject } from '../json.ts';
import { ContentionError } from '../orders/commit.ts';
import { isOneOf } from '../orders/kinds.ts';
import { ProviderCallError } from '../providers/call.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import {
  ApiError,
  forbidden,
  internalError,
  invalidField,
  MOST_NAMED,
  mergeErrors,
  providerFailed,
  unauthenticated,
} from './api-error.ts';
import { bodyError, bodyFields, unknownParameter } from './fields.ts';
import { jsonBody } from './json-body.ts';
import { preferredLanguage } from './language.ts';
import { boundedMessage } from './raw-message.ts';
import type { Envelope, Reply, Success } from './reply.ts';
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
  /** Whose tokens it takes: those of `anyone`, or those of `user` and `viewer` that an admin's may replace. */
  readonly role: keyof typeof takenRoles;
  /** Left out where the endpoint takes no body. */
  readonly schema?: z.ZodMiniType<Body>;
  /** The query parameters that it takes. */
  readonly parameters?: readonly string[];
  /** What it says in a form of its own, such as CSV, is a reply as it is. */
  readonly handle: (request: ApiRequest<Body>) => Promise<Success | Reply>;
}

/** A viewer acts on nothing, not even where any user may act. */
const takenRoles = {
  admin: ['admin'],
  viewer: ['admin', 'viewer'],
  user: ['admin', 'user'],
  anyone: ['admin', 'viewer', 'user'],
} as const satisfies Readonly<Record<string, readonly Claims['role'][]>>;

type ApiEvent = LoggedEvent & { claims?: Claims };
type ApiMiddleware = MiddlewareObj<ApiEvent, Reply>;

/**
 * The stack of a JSON API: authenticate, parse, validate, serve; whatever goes wrong becomes the envelope's error. What
 * the endpoint does not take is refused by its name, be it in the query or in a body where none is wanted: a misspelt
 * name is never taken for one that was left out.
 */
export function createApi<Body = undefined>(runtime: ApiRuntime, parts: ApiParts<Body>) {
  const { schema, envelope } = parts;
  const { telemetry, documents, io } = runtime;
  return middy<ApiEvent, Reply>()
    .use(logRequests(telemetry, io.now))
    .use(replyToErrors(parts))
    .use(authenticate(createTokenVerifierLoader(documents, io), parts))
    .use(checkParameters(parts))
    .use(schema ? ([jsonBody(), validate(schema)] as ApiMiddleware[]) : refuseFields)
    .handler(async (event: ApiEvent) => {
      const { claims, line } = event;
      if (!claims || !line) throw unauthenticated();
      const result = await parts.handle({
        claims,
        annotate: line.annotate,
        telemetry: line.telemetry,
        path: event.pathParameters ?? {},
        query: event.queryStringParameters ?? {},
        headers: event.headers,
        body: event.body as Body,
      });
      return 'body' in result ? result : envelope.success(result, languageOf(event));
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
      if (!isOneOf(takenRoles[role], claims.role)) throw forbidden();
      event.claims = claims;
    },
  };
}

function checkParameters<Body>({ parameters = [] }: ApiParts<Body>): ApiMiddleware {
  return {
    before: ({ event }) => {
      const sent = Object.keys(event.queryStringParameters ?? {});
      const unknown = sent.filter((name) => !parameters.includes(name));
      if (unknown.length > 0) throw mergeErrors(unknown.slice(0, MOST_NAMED).map(unknownParameter));
    },
  };
}

const noFields = bodyFields({});

/** Where no body is wanted, one that has no fields is not looked at. */
const refuseFields: ApiMiddleware = {
  before: ({ event }) => {
    const body = readObject(boundedMessage(event).body);
    const result = noFields.safeParse(body ?? {}, { reportInput: true });
    if (!result.success) throw bodyError(result.error.issues);
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
      const result = schema.safeParse(event.body, { reportInput: true });
      if (!result.success) throw bodyError(result.error.issues);
      event.body = result.data as string;
    },
  };
}

function replyToErrors<Body>({ envelope }: ApiParts<Body>): ApiMiddleware {
  return {
    // Nothing is returned, which would keep the request from being logged.
    onError: (request) => {
      request.response = envelope.error(clientError(request.error), languageOf(request.event));
    },
  };
}

const languageOf = ({ headers }: ApiEvent) => preferredLanguage(headers['accept-language']);

function clientError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ContentionError) {
    return new ApiError(409, 'order_changing', {
      zh: '订单正在变更，请稍后重试',
      en: 'The order is being changed, please try again later',
    });
  }
  if (error instanceof ProviderCallError) {
    const { refusal } = error;
    return refusal ? invalidField(refusal.field, refusal.problem, refusal.word) : providerFailed();
  }
  return internalError();
}
