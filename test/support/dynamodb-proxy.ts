import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { endpoints } from '../../infra/endpoints.ts';
import { callerOf } from '../../infra/local/access-key.ts';
import { readBody, serve } from '../../infra/local/http.ts';

/**
 * What befalls a request: `drop_reply` lets it through and loses the answer, `drop_request` loses it before it
 * arrives, `hang` never answers, and the others are answered without being passed on: `error` with 500, `throttle` and
 * `conflict` as DynamoDB refuses what it will take a moment later.
 */
const faultNames = ['drop_reply', 'drop_request', 'error', 'hang', 'throttle', 'conflict'] as const;
export type Fault = (typeof faultNames)[number];

const refusals: Readonly<Partial<Record<Fault, (action: string) => [status: number, body: object]>>> = {
  error: () => [500, { __type: 'InternalServerError' }],
  throttle: () => [400, { __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' }],
  conflict: (action) =>
    action.startsWith('Transact')
      ? [
          400,
          {
            __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
            CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
          },
        ]
      : [400, { __type: 'com.amazonaws.dynamodb.v20120810#TransactionConflictException' }],
};

/** A request on the table, before it is passed on. */
export interface TableRequest {
  /** The function's name. */
  readonly caller: string | undefined;
  /** Such as `TransactWriteItems`. */
  readonly action: string;
  readonly body: Buffer;
}

export interface DynamodbProxy {
  readonly url: string;
  /** How many requests of an action, such as `TransactWriteItems`, have come since the last reset. */
  count(action: string): number;
  /** Requests on the table itself: all but those on its stream. */
  total(): number;
  reset(): void;
  /** The next `times` requests of an action meet the fault. */
  fault(action: string, fault: Fault, times: number): void;
  /** Forgets the faults that nothing has met. */
  heal(): void;
  stop(): Promise<void>;
}

/**
 * Stands between the functions and DynamoDB. A request waits until `observe` is done with it, and meets the fault that
 * it gives, if any.
 */
export async function startDynamodbProxy(
  endpoint: string,
  observe: (request: TableRequest) => unknown = () => {},
): Promise<DynamodbProxy> {
  const counts = new Map<string, number>();
  const faults = new Map<string, Fault[]>();

  const server = await serve(async (request, response) => {
    const [service = '', action = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const isOnTable = service === 'DynamoDB_20120810';
    if (isOnTable) counts.set(action, (counts.get(action) ?? 0) + 1);
    const planned = faults.get(action)?.shift();
    const body = (await readBody(request, Number.POSITIVE_INFINITY)) ?? Buffer.alloc(0);
    const given = isOnTable ? await observe({ caller: callerOf(request), action, body }) : undefined;
    const fault = planned ?? faultNames.find((name) => name === given);
    const refusal = fault && refusals[fault]?.(action);
    if (fault === 'drop_request') request.socket.destroy();
    else if (refusal) response.writeHead(refusal[0]).end(JSON.stringify(refusal[1]));
    else if (fault !== 'hang') {
      forward(endpoint, request, body, fault === 'drop_reply' ? null : response);
    }
  });

  return {
    url: server.url,
    count: (action) => counts.get(action) ?? 0,
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    reset: () => counts.clear(),
    fault: (action, fault, times) => {
      faults.set(action, [...(faults.get(action) ?? []), ...Array<Fault>(times).fill(fault)]);
    },
    heal: () => faults.clear(),
    stop: server.stop,
  };
}

function forward(
  endpoint: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse | null,
): void {
  const { method, url, headers, socket } = request;
  httpRequest(new URL(url ?? '/', endpoint), { method, headers }, (answer) => {
    if (response) {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    } else {
      answer.resume().on('end', () => socket.destroy());
    }
  })
    .on('error', () => socket.destroy())
    .end(body);
}

/** Whether a request is an endpoint's; the functions that run by themselves go on in the background. */
export const isOfEndpoint = (caller: string | undefined): boolean =>
  endpoints.some(({ name }) => name === caller);
