import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type { FunctionDefinition } from '../../endpoints.ts';
import { callerOf } from '../access-key.ts';
import { type HttpServer, readBody, serve } from '../http.ts';
import type { LocalEventBus } from './bus.ts';
import type { BusRule } from './rules.ts';

/** All entries of a request together are no larger. */
const MAX_BODY_BYTES = 1024 * 1024;
const MOST_ENTRIES = 10;

export interface EventBusServerOptions {
  readonly bus: LocalEventBus;
  readonly busName: string;
  readonly rules: readonly BusRule[];
  /** Of the queue into which they put events. */
  readonly queueArn: string;
  /** Who may look at the rules. */
  readonly reader: string;
  /** Who may put events on it. A function's access key is its name, so what its line does not name is refused as on AWS. */
  readonly callers: readonly Pick<FunctionDefinition, 'name' | 'bus'>[];
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const putInput = z.object({
  Entries: z
    .array(
      z.object({
        EventBusName: z.optional(z.string()),
        Source: z.optional(z.string()),
        DetailType: z.optional(z.string()),
        Detail: z.optional(z.string()),
        Time: z.optional(z.number()),
      }),
    )
    .check(z.minLength(1), z.maxLength(MOST_ENTRIES)),
});

/** EventBridge as far as functions and operators use it, over the JSON 1.1 protocol. */
export const startEventBusServer = (options: EventBusServerOptions): Promise<HttpServer> =>
  serve(async (request, response) => send(response, await answer(request, options)));

async function answer(request: IncomingMessage, options: EventBusServerOptions): Promise<Answer> {
  const input = parse(await readBody(request, MAX_BODY_BYTES));
  const caller = callerOf(request);
  switch (request.headers['x-amz-target']) {
    case 'AWSEvents.PutEvents':
      return putEvents(options, caller, input);
    case 'AWSEvents.ListRules':
      return look(options, caller, input, 'ListRules', ({ rules }) => ({
        Rules: rules.map(({ name }) => ({ Name: name, State: 'ENABLED' })),
      }));
    case 'AWSEvents.ListTargetsByRule':
      return look(options, caller, input, 'ListTargetsByRule', ({ rules, queueArn }, Rule) => ({
        Targets: rules
          .filter(({ name }) => name === Rule)
          .map(({ messageGroupId: MessageGroupId }) => ({
            ...{ Id: 'Target0', Arn: queueArn },
            ...(MessageGroupId !== undefined && { SqsParameters: { MessageGroupId } }),
          })),
      }));
    default:
      return failure('UnknownOperationException', 'this operation is not served');
  }
}

function putEvents(
  { bus, busName, callers }: EventBusServerOptions,
  caller: string | undefined,
  input: unknown,
): Answer {
  const parsed = putInput.safeParse(input);
  if (!parsed.success) return failure('ValidationException', 'the entries are not valid');
  const { Entries } = parsed.data;
  const mayPut = callers.find(({ name }) => name === caller)?.bus === true;
  if (!mayPut || Entries.some(({ EventBusName }) => EventBusName !== busName)) return denied('PutEvents');
  const results = Entries.map((entry) => bus.put(entry));
  const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
  return { status: 200, body: { FailedEntryCount, Entries: results } };
}

const lookInput = z.object({ EventBusName: z.string(), Rule: z.optional(z.string()) });

function look(
  options: EventBusServerOptions,
  caller: string | undefined,
  input: unknown,
  action: string,
  see: (options: EventBusServerOptions, rule: string | undefined) => object,
): Answer {
  if (caller !== options.reader) return denied(action);
  const { EventBusName, Rule } = lookInput.parse(input);
  if (EventBusName !== options.busName) {
    return failure('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`);
  }
  return { status: 200, body: see(options, Rule) };
}

function parse(body: Buffer | null): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}

const denied = (action: string): Answer =>
  failure('AccessDeniedException', `not authorized to perform events:${action}`);

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
