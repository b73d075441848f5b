import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Endpoint } from '../../endpoints.ts';
import { refuseForeign } from '../foreign-request.ts';
import { type HttpServer, readBody, serve } from '../http.ts';
import { createEvent, splitTarget } from './event.ts';
import { type GatewayResponse, gatewayResponses, readResult } from './response.ts';
import { findRoute, type Route } from './routes.ts';

/** The quotas of API Gateway HTTP APIs. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export interface GatewayOptions {
  readonly port: number;
  readonly endpoints: readonly Endpoint[];
  /** @throws when the function gives no result */
  readonly invoke: (functionName: string, event: APIGatewayProxyEventV2) => Promise<unknown>;
  readonly timeoutMs?: number;
}

/**
 * An HTTP API as API Gateway runs it, for this machine alone; but providers' messages, which nobody can forge, come from
 * wherever a tunnel leads here.
 * @throws StartError when the port is taken
 */
export function startGateway(options: GatewayOptions): Promise<HttpServer> {
  const callbacks = options.endpoints.filter(({ callback }) => callback);
  const refuse = (request: IncomingMessage) => (isRouted(callbacks, request) ? null : refuseForeign(request));
  return serve(
    async (request, response) => {
      const requestId = randomUUID();
      try {
        send(response, await answer(request, requestId, options), requestId);
      } catch {
        // The client went away while it was sending.
        response.destroy();
      }
    },
    options.port,
    refuse,
  );
}

function isRouted(endpoints: readonly Endpoint[], { method = '', url = '' }: IncomingMessage): boolean {
  try {
    return findRoute(endpoints, method, splitTarget(url).path) !== null;
  } catch {
    return false;
  }
}

async function answer(
  request: IncomingMessage,
  requestId: string,
  { endpoints, invoke, timeoutMs = TIMEOUT_MS }: GatewayOptions,
): Promise<GatewayResponse> {
  const { method = '', url: target = '', rawHeaders, httpVersion, socket } = request;
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) return gatewayResponses.tooLarge;
  let route: Route | null;
  let event: APIGatewayProxyEventV2;
  try {
    route = findRoute(endpoints, method, splitTarget(target).path);
    if (!route) return gatewayResponses.notFound;
    const protocol = `HTTP/${httpVersion}`;
    const sourceIp = socket.remoteAddress ?? '';
    event = createEvent({ method, target, rawHeaders, protocol, sourceIp, body }, route, {
      requestId,
      time: Date.now(),
    });
  } catch {
    return gatewayResponses.badRequest;
  }
  return withTimeout(
    timeoutMs,
    invoke(route.endpoint.name, event).then(
      (result) => readResult(result) ?? gatewayResponses.functionError,
      () => gatewayResponses.functionError,
    ),
  );
}

async function withTimeout(timeoutMs: number, answered: Promise<GatewayResponse>): Promise<GatewayResponse> {
  const timeout = Promise.withResolvers<GatewayResponse>();
  const timer = setTimeout(() => timeout.resolve(gatewayResponses.timeout), timeoutMs);
  try {
    return await Promise.race([answered, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, { statusCode, headers, body }: GatewayResponse, requestId: string) {
  response
    .writeHead(statusCode, { ...headers, 'content-length': body.length, 'apigw-requestid': requestId })
    .end(body);
}
