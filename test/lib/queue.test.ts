import { createHash } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { createQueue } from '../../lib/queue.ts';
import { startLoopbackServer } from '../support/loopback-server.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What stands in for SQS, and takes what it is sent. */
async function startSqs() {
  // The SDK believes only who has read the same (SQS API reference, "SendMessage").
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const sqs = await startLoopbackServer(({ body }) => ({
    body: { MessageId: 'message-1', MD5OfMessageBody: md5(JSON.parse(body).MessageBody) },
  }));
  closing.push(sqs.close);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SQS: sqs.baseUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  return { ...sqs, messages: () => sqs.calls.map(({ body }) => JSON.parse(body)) };
}

const variables = {
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/days',
  WEBHOOK_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/deliveries',
};

it('puts a message into the queue of days, in no group', async () => {
  const sqs = await startSqs();
  await createQueue('QUEUE_URL', variables)({ day: '2026-11-22' });
  expect(sqs.messages()).toEqual([{ QueueUrl: variables.QUEUE_URL, MessageBody: '{"day":"2026-11-22"}' }]);
});

it('puts one of a group into the queue of deliveries', async () => {
  const sqs = await startSqs();
  await createQueue('WEBHOOK_QUEUE_URL', variables)({ delivery: 'a' }, 'tenant:7');
  expect(sqs.messages()).toEqual([
    { QueueUrl: variables.WEBHOOK_QUEUE_URL, MessageBody: '{"delivery":"a"}', MessageGroupId: 'tenant:7' },
  ]);
});

it.each(['QUEUE_URL', 'WEBHOOK_QUEUE_URL'] as const)('names %s where the stack does not', (variable) => {
  expect(() => createQueue(variable, {})).toThrow(`environment variable ${variable} is missing`);
});
