import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type { FunctionDefinition, QueueAction } from '../../endpoints.ts';
import { callerOf } from '../access-key.ts';
import { type HttpServer, readBody, serve } from '../http.ts';
import type { LocalQueue } from './queue.ts';

const ACCOUNT = '000000000000';
const NAME = 'reconciliation';
const DEAD_LETTERS = `${NAME}-dead-letters`;
const arnOf = (name: string) => `arn:aws:sqs:local:${ACCOUNT}:${name}`;

export const queueArn = arnOf(NAME);

/** A message and its attributes are no larger at SQS. */
const MAX_BODY_BYTES = 1024 * 1024;
/** In seconds. */
const LONGEST_DELAY = 900;

export interface QueueServerOptions {
  readonly queue: LocalQueue;
  readonly maxReceiveCount: number;
  /** Who may do what. A function's access key is its name, so what its line does not name is refused as on AWS. */
  readonly callers: readonly Pick<FunctionDefinition, 'name' | 'queue'>[];
}

export interface QueueServer extends HttpServer {
  readonly queueUrl: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const inputs = {
  SendMessage: z.object({
    QueueUrl: z.string(),
    MessageBody: z.string().check(z.minLength(1)),
    DelaySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(LONGEST_DELAY))),
  }),
  GetQueueAttributes: z.object({ QueueUrl: z.string() }),
  GetQueueUrl: z.object({ QueueName: z.string() }),
};

/** SQS as far as functions and operators use it, over its JSON protocol. */
export async function startQueueServer(options: QueueServerOptions): Promise<QueueServer> {
  let urlOf: (name: string) => string;
  const server = await serve(async (request, response) =>
    send(response, await answer(request, { ...options, urlOf })),
  );
  urlOf = (name) => `${server.url}/${ACCOUNT}/${name}`;
  return { ...server, queueUrl: urlOf(NAME) };
}

interface State extends QueueServerOptions {
  readonly urlOf: (name: string) => string;
}

async function answer(request: IncomingMessage, state: State): Promise<Answer> {
  const body = await readBody(request, MAX_BODY_BYTES);
  const input = parse(body);
  switch (request.headers['x-amz-target']) {
    case 'AmazonSQS.SendMessage':
      return operate(request, state, 'SendMessage', () => sendMessage(state, input));
    case 'AmazonSQS.GetQueueAttributes':
      return operate(request, state, 'GetQueueAttributes', () => getQueueAttributes(state, input));
    case 'AmazonSQS.GetQueueUrl':
      return operate(request, state, 'GetQueueAttributes', () => getQueueUrl(state, input));
    default:
      return failure('UnknownOperationException', 'this operation is not served');
  }
}

function operate(
  request: IncomingMessage,
  { callers }: State,
  action: QueueAction,
  operation: () => Answer,
): Answer {
  const caller = callers.find(({ name }) => name === callerOf(request));
  if (caller?.queue?.includes(action)) return operation();
  return failure('AccessDeniedException', `not authorized to perform sqs:${action}`);
}

function sendMessage({ queue, urlOf }: State, input: unknown): Answer {
  const parsed = inputs.SendMessage.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  const { QueueUrl, MessageBody, DelaySeconds = 0 } = parsed.data;
  if (QueueUrl !== urlOf(NAME)) return absent;
  const { id, md5 } = queue.send(MessageBody, DelaySeconds * 1_000);
  return { status: 200, body: { MessageId: id, MD5OfMessageBody: md5 } };
}

function getQueueAttributes({ queue, maxReceiveCount, urlOf }: State, input: unknown): Answer {
  const parsed = inputs.GetQueueAttributes.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  if (parsed.data.QueueUrl === urlOf(DEAD_LETTERS)) {
    return attributes(DEAD_LETTERS, { visible: queue.deadLetters.length, inFlight: 0, delayed: 0 });
  }
  if (parsed.data.QueueUrl !== urlOf(NAME)) return absent;
  return attributes(NAME, queue.counts(), {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(DEAD_LETTERS), maxReceiveCount }),
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
      QueueArn: arnOf(name),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      ...others,
    },
  },
});

function getQueueUrl({ urlOf }: State, input: unknown): Answer {
  const parsed = inputs.GetQueueUrl.safeParse(input);
  if (!parsed.success) return invalid(parsed.error);
  const { QueueName } = parsed.data;
  if (QueueName !== NAME && QueueName !== DEAD_LETTERS) return absent;
  return { status: 200, body: { QueueUrl: urlOf(QueueName) } };
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
