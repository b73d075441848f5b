import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { patience } from '../aws.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';

/** A queue that sets aside what cannot be done. */
export interface WatchedQueue {
  /** What it is called. */
  readonly check: string;
  readonly url: string;
  /** What comes of it where it is not there. */
  readonly without: string;
  /** The section of the runbook about what was set aside. */
  readonly section: string;
}

/** Whether the queue is there, and whether something was set aside. */
export const checkQueue = (watched: WatchedQueue): Promise<Result> =>
  withClient(watched, async (client) => {
    const { check, url, section } = watched;
    const { RedrivePolicy, ApproximateNumberOfMessages } = await attributesOf(client, url);
    const { deadLetterTargetArn = '' } = JSON.parse(RedrivePolicy ?? '{}') as {
      deadLetterTargetArn?: string;
    };
    const QueueName = deadLetterTargetArn.split(':').at(-1);
    if (!QueueName) return fault(check, `${url} sets nothing aside. Deploy the stack again`);
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName }));
    const { ApproximateNumberOfMessages: givenUp } = await attributesOf(client, QueueUrl);
    if (Number(givenUp) === 0) return ok(check, `${ApproximateNumberOfMessages} wait, and none was given up`);
    return warning(check, `${givenUp} given up. Look at the runbook, "${section}"`);
  });

/** Whether anything is in a queue that takes what was given up elsewhere. */
export const checkDeadLetters = (watched: WatchedQueue): Promise<Result> =>
  withClient(watched, async (client) => {
    const { check, url, section } = watched;
    const { ApproximateNumberOfMessages: count } = await attributesOf(client, url);
    if (Number(count) === 0) return ok(check, 'none was given up');
    return warning(check, `${count} given up. Look at the runbook, "${section}"`);
  });

async function withClient(
  { check, url, without }: WatchedQueue,
  look: (client: SQSClient) => Promise<Result>,
): Promise<Result> {
  const client = new SQSClient(patience);
  try {
    return await look(client);
  } catch (error) {
    if (error instanceof Error && error.name === 'QueueDoesNotExist') {
      return fault(check, `there is none at ${url}: ${without}. Deploy the stack again`);
    }
    return unreadable(check, error);
  } finally {
    client.destroy();
  }
}

async function attributesOf(client: SQSClient, QueueUrl: string) {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['RedrivePolicy', 'ApproximateNumberOfMessages'],
    }),
  );
  return Attributes as {
    readonly RedrivePolicy?: string;
    readonly ApproximateNumberOfMessages?: string;
  };
}
