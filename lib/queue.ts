import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { awsClientConfig } from './aws-client.ts';

/** The variable that names the queue's address. */
const QUEUE_URL = 'QUEUE_URL';

/** Puts a message into the function's queue, as JSON. Rejects when it is not known to be there. */
export type SendMessage = (message: object) => Promise<void>;

/** The queue that the stack names. @throws Error when it names none */
export function createQueue(variables: NodeJS.ProcessEnv = process.env): SendMessage {
  const { [QUEUE_URL]: QueueUrl } = variables;
  if (!QueueUrl) throw new Error(`environment variable ${QUEUE_URL} is missing`);
  const client = new SQSClient(awsClientConfig('sqs', { maxAttempts: 3, requestTimeout: 3_000 }));
  return async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
  };
}
