import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { patience } from '../aws.ts';
import { fault, ok, type Result, unreadable, warning } from './check.ts';

const check = 'reconciliation queue';

/** Whether the queue of days is there, and whether days were given up. */
export async function checkQueue(queueUrl: string): Promise<Result> {
  const client = new SQSClient(patience);
  try {
    return await examineQueue(client, queueUrl);
  } catch (error) {
    if (error instanceof Error && error.name === 'QueueDoesNotExist') {
      return fault(check, `there is none at ${queueUrl}: no day is reconciled. Deploy the stack again`);
    }
    return unreadable(check, error);
  } finally {
    client.destroy();
  }
}

async function examineQueue(client: SQSClient, queueUrl: string): Promise<Result> {
  const { RedrivePolicy, ApproximateNumberOfMessages } = await attributesOf(client, queueUrl);
  const { deadLetterTargetArn = '' } = JSON.parse(RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
  const QueueName = deadLetterTargetArn.split(':').at(-1);
  if (!QueueName) return fault(check, `${queueUrl} sets nothing aside. Deploy the stack again`);
  const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName }));
  const { ApproximateNumberOfMessages: givenUp } = await attributesOf(client, QueueUrl);
  if (Number(givenUp) === 0) return ok(check, `${ApproximateNumberOfMessages} wait, and none was given up`);
  return warning(check, `${givenUp} given up. Look at the runbook, "days-given-up"`);
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
