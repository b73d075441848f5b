import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClientConfig } from './aws-client.ts';

/** The variables that name a queue's address: of days that are to be reconciled, and of deliveries. */
type QueueVariable = 'QUEUE_URL' | 'WEBHOOK_QUEUE_URL';

/**
 * Puts a message into the queue, as JSON. Rejects when it is not known to be there.
 * @param group of a fair queue: those whose messages are many make their own wait (SQS, "Amazon SQS fair queues")
 */
export type SendMessage = (message: object, group?: string) => Promise<void>;

/** The queue that the stack names. @throws Error when it names none */
export function createQueue(
  variable: QueueVariable = 'QUEUE_URL',
  variables: NodeJS.ProcessEnv = process.env,
): SendMessage {
  const { [variable]: QueueUrl } = variables;
  if (!QueueUrl) throw new Error(`environment variable ${variable} is missing`);
  const client = new SQSClient(awsClientConfig('sqs', { maxAttempts: 3, requestTimeout: 3_000 }));
  return async (message, MessageGroupId) => {
    const MessageBody = JSON.stringify(message);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }));
  };
}
