import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type { FunctionDefinition, QueueAction } from '../../endpoints.ts';
import { callerOf } from '../access-key.ts';
import { type HttpServer, readBody, serve } from '../http.ts';
import type { LocalQueue } from './queue.ts';

const ACCOUNT = '000000000000';

export const queueArn = (name: string): string => `arn:aws:sqs:local:${ACCOUNT}:${name}`;

/** A request and what it holds are no larger at SQS. */
const MAX_BODY_BYTES = 1024 * 1024;
/** In seconds. */
const LONGEST_DELAY = 900;
const MOST_ENTRIES = 10;

/** Whoever works with queues; an access key is its name. */
type Caller = Pick<FunctionDefinition, 'name' | 'queue' | 'webhookQueue'>;

export interface ServedQueue {
  readonly name: string;
  readonly queue: LocalQueue;
  /** After which its messages are set aside; without it none is. */
  readonly maxReceiveCount?: number;
  /** What a caller may do with it and with what it sets aside. What is not named is refused as on AWS. */
  readonly allows: (caller: Caller) => readonly QueueAction[] | undefined;
}

export interface QueueServerOptions {
  readonly queues: readonly ServedQueue[];
  readonly callers: readonly Caller[];
}

export interface QueueServer extends HttpServer {
  queueUrl(name: string): string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const message = {
  MessageBody: z.string().check(z.minLength(1)),
  DelaySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(LONGEST_DELAY))),
  MessageGroupId: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
};

const inputs = {
  SendMessage: z.object({ QueueUrl: z.string(), ...message }),
  SendMessageBatch: z.object({
    QueueUrl: z.string(),
    Entries: z
      .array(z.object({ Id: z.string(), ...message }))
      .check(z.minLength(1), z.maxLength(MOST_ENTRIES)),
  }),
  GetQueueAttributes: z.object({ QueueUrl: z.string() }),
  GetQueueUrl: z.object({ QueueName: z.string() }),
};

/** A queue under its name, or what one of them sets aside. */
interface Named {
  readonly name: string;
  readonly served: ServedQueue;
  readonly isDeadLetters: boolean;
}

interface State extends Pick<QueueServerOptions, 'callers'> {
  /** By name. */
  readonly queues: ReadonlyMap<string, Named>;
  readonly urlOf: (name: string) => string;
}

/** SQS as far as functions and operators use it, over its JSON protocol. */
export async function startQueueServer({ queues, callers }: QueueServerOptions): Promise<QueueServer> {
  let urlOf: (name: string) => string;
  const named = queues.flatMap((served): Named[] => [
    { name: served.name, served, isDeadLetters: false },
    ...(served.maxReceiveCount === undefined
      ? []
      : [{ name: deadLettersOf(served), served, isDeadLetters: true }]),
  ]);
  const byName = new Map(named.map((one) => [one.name, one]));
  const server = await serve(async (request, response) =>
    send(response, await answer(request, { queues: byName, callers, urlOf })),
  );
  urlOf = (name) => `${server.url}/${ACCOUNT}/${name}`;
  return { ...server, queueUrl: urlOf };
}

const deadLettersOf = ({ name }: ServedQueue): string => `${name}-dead-letters`;

async function answer(request: IncomingMessage, state: State): Promise<Answer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const input = parse(body);
  switch (request.headers['x-amz-target']) {
    case 'AmazonSQS.SendMessage':
      return sendMessage(request, state, input);
    case 'AmazonSQS.SendMessageBatch':
      return sendMessageBatch(request, state, input);
    case 'AmazonSQS.GetQueueAttributes':
      return getQueueAttributes(request, state, input);
    case 'AmazonSQS.GetQueueUrl':
      return getQueueUrl(request, state, input);
    default:
      return failure('UnknownOperationException', 'this operation is not served');
  }
}

/** Does it on the queue of this name, if the caller may. */
function operate(
  request: IncomingMessage,
  { callers, queues }: State,
  name: string,
  action: QueueAction,
  operation: (named: Named) => Answer,
): Answer {
  const caller = callers.find((one) => one.name === callerOf(request));
  const named = queues.get(name);
  const mayDo = [...queues.values()].some(
    ({ served }) => caller && (!named || served === named.served) && served.allows(caller)?.includes(action),
  );
  if (!mayDo) return failure('AccessDeniedException', `not authorized to perform sqs:${action}`);
  return named ? operation(named) : absent;
}

const nameIn = (QueueUrl: string, { urlOf, queues }: State): string =>
  [...queues.keys()].find((name) => urlOf(name) === QueueUrl) ?? '';

function sendMessage(request: IncomingMessage, state: State, input: unknown): Answer {
  const parsed = inputs.SendMessage.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  const { QueueUrl, ...entry } = parsed.data;
  return operate(request, state, nameIn(QueueUrl, state), 'SendMessage', (named) => ({
    status: 200,
    body: put(named, entry),
  }));
}

function sendMessageBatch(request: IncomingMessage, state: State, input: unknown): Answer {
  const parsed = inputs.SendMessageBatch.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  const { QueueUrl, Entries } = parsed.data;
  return operate(request, state, nameIn(QueueUrl, state), 'SendMessage', (named) => ({
    status: 200,
    body: { Successful: Entries.map(({ Id, ...entry }) => ({ Id, ...put(named, entry) })), Failed: [] },
  }));
}

type Message = Omit<z.infer<(typeof inputs)['SendMessage']>, 'QueueUrl'>;

function put({ served }: Named, { MessageBody, DelaySeconds = 0, MessageGroupId }: Message) {
  const { id, md5 } = served.queue.send(MessageBody, DelaySeconds * 1_000, MessageGroupId);
  return { MessageId: id, MD5OfMessageBody: md5 };
}

function getQueueAttributes(request: IncomingMessage, state: State, input: unknown): Answer {
  const parsed = inputs.GetQueueAttributes.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  const name = nameIn(parsed.data.QueueUrl, state);
  return operate(request, state, name, 'GetQueueAttributes', ({ served, isDeadLetters }) => {
    const { queue, maxReceiveCount } = served;
    if (isDeadLetters) {
      return attributes(name, { visible: queue.deadLetters().length, inFlight: 0, delayed: 0 });
    }
    if (maxReceiveCount === undefined) return attributes(name, queue.counts());
    const deadLetterTargetArn = queueArn(deadLettersOf(served));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
    return attributes(name, queue.counts(), { RedrivePolicy });
  });
}

const attributes = (
  name: string,
  { visible, inFlight, delayed }: ReturnType<LocalQueue['counts']>,
  others: Readonly<Record<string, string>> = {},
): Answer => ({
  status: 200,
  body: {
    Attributes: {
      QueueArn: queueArn(name),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      ...others,
    },
  },
});

function getQueueUrl(request: IncomingMessage, state: State, input: unknown): Answer {
  const parsed = inputs.GetQueueUrl.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  return operate(request, state, parsed.data.QueueName, 'GetQueueAttributes', ({ name }) => ({
    status: 200,
    body: { QueueUrl: state.urlOf(name) },
  }));
}

function parse(body: Buffer | null): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}

const absent = failure('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');

const invalid = ({ issues: [issue] }: z.core.$ZodError): Answer =>
  failure('InvalidParameterValue', `${issue?.path.join('.') || 'the body'}: not valid`);

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
