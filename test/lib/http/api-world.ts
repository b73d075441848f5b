import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { SignJWT } from 'jose';
import type { Reply } from '../../../lib/http/reply.ts';
import { systemIo } from '../../../lib/io.ts';
import { captureLines } from '../../support/log-lines.ts';
import { NOW } from '../../support/orders.ts';
import type { Seed } from '../orders/memory-store.ts';
import { createWorld } from '../orders/world.ts';

const auth = { issuer: 'https://issuer.test', audience: 'settle', hs256_secret: 'x'.repeat(32) };

export interface Caller {
  readonly sub: string;
  readonly role: 'admin' | 'viewer' | 'user';
  readonly tenant_id?: number;
}

export const admin: Caller = { sub: 'admin-1', role: 'admin' };

export interface ApiCall {
  readonly by?: Caller;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object | string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Seconds for which the token is still good: a day unless it says otherwise. */
  readonly expires_in?: number;
  /** Seconds until it is good; at once unless it says so. */
  readonly begins_in?: number;
}

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<Reply>;

/** What an endpoint has to do with: orders and merchants in memory, and who may ask. */
export function createApiWorld(...seeds: readonly Seed[]) {
  const world = createWorld(...seeds);
  const log = captureLines();
  const documents = { read: async () => JSON.stringify(auth), onFailure: () => {} };
  const io = { ...systemIo, ...world.ports.io };
  const { telemetry } = log;
  return {
    ...world,
    log,
    runtime: { io, telemetry, documents, orderPrefix: '', returnHosts: [] as readonly string[] },
  };
}

/** Asks an endpoint. */
export async function requestApi(
  handler: unknown,
  {
    by = admin,
    path = {},
    query = {},
    body,
    key,
    headers = {},
    expires_in = 24 * 3600,
    begins_in,
  }: ApiCall = {},
): Promise<Reply> {
  const token = await new SignJWT({ ...by, ...(begins_in !== undefined && { nbf: NOW / 1000 + begins_in }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setExpirationTime(NOW / 1000 + expires_in)
    .sign(Buffer.from(auth.hs256_secret));
  const event = {
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
    },
    pathParameters: path,
    queryStringParameters: query,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  } as unknown as APIGatewayProxyEventV2;
  return (handler as Handler)(event, { awsRequestId: 'request' } as Context);
}

/** Asks an endpoint, and gives the status and the envelope that it replies. */
export async function callApi(handler: unknown, call: ApiCall = {}) {
  const reply = await requestApi(handler, call);
  const { message, msg = message, data } = JSON.parse(reply.body);
  return { status: reply.statusCode, message: msg as string, data };
}
