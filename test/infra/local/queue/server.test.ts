import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQueue, type LocalQueue } from '../../../../infra/local/queue/queue.ts';
import { type QueueServer, queueArn, startQueueServer } from '../../../../infra/local/queue/server.ts';

let now: number;
let queue: LocalQueue;
let other: LocalQueue;
let server: QueueServer;

beforeEach(async () => {
  now = 0;
  const settings = { visibilityTimeoutMs: 10, maxReceiveCount: 1 };
  queue = createQueue(settings, () => now);
  other = createQueue({ ...settings, maxReceiveCount: Number.POSITIVE_INFINITY }, () => now);
  server = await startQueueServer({
    queues: [
      { name: 'days', queue, maxReceiveCount: settings.maxReceiveCount, allows: (caller) => caller.queue },
      { name: 'other', queue: other, allows: (caller) => caller.webhookQueue },
    ],
    callers: [
      { name: 'start-days', queue: ['SendMessage'] },
      { name: 'release', webhookQueue: ['SendMessage'] },
      { name: 'operator', queue: ['GetQueueAttributes'], webhookQueue: ['GetQueueAttributes'] },
      { name: 'checkout' },
    ],
  });
});
afterEach(() => server.stop());

function connect(accessKeyId: string): SQSClient {
  const credentials = { accessKeyId, secretAccessKey: 'local' };
  return new SQSClient({ endpoint: server.url, region: 'local', credentials, maxAttempts: 1 });
}

const send = (MessageBody: string, caller = 'startDays', changes: object = {}) =>
  connect(caller).send(
    new SendMessageCommand({ QueueUrl: server.queueUrl('days'), MessageBody, ...changes }),
  );

const attributesOf = async (QueueUrl: string) => {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  return (await connect('operator').send(command)).Attributes ?? {};
};

describe('the queue, as the SDK speaks to it', () => {
  it('takes a message of a function that may send, whose client finds the digest right', async () => {
    const { MessageId } = await send('{"day":"2026-11-22"}');
    expect(queue.receive(1)).toMatchObject([{ id: MessageId, body: '{"day":"2026-11-22"}' }]);
  });

  it('puts a message off', async () => {
    await send('later', 'startDays', { DelaySeconds: 900 });
    expect(queue.counts().delayed).toBe(1);
    now += 900_000;
    expect(queue.receive(1)).toMatchObject([{ body: 'later' }]);
  });

  it('takes several at once, each of a group of its own', async () => {
    const Entries = ['a', 'b'].map((group) => ({
      Id: group,
      MessageBody: `to ${group}`,
      MessageGroupId: group,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: server.queueUrl('other'), Entries });
    const { Successful = [], Failed } = await connect('release').send(command);
    expect(Failed).toEqual([]);
    expect(other.receive(2)).toMatchObject([
      { id: Successful[0]?.MessageId, body: 'to a', groupId: 'a' },
      { id: Successful[1]?.MessageId, body: 'to b', groupId: 'b' },
    ]);
  });

  it('tells an operator of a queue that sets nothing aside', async () => {
    other.send('one', 0);
    const attributes = await attributesOf(server.queueUrl('other'));
    expect(attributes).toMatchObject({ ApproximateNumberOfMessages: '1' });
    expect(attributes).not.toHaveProperty('RedrivePolicy');
  });

  it.each([
    ['a function that may not', () => send('x', 'checkout'), 'AccessDeniedException'],
    ['a stranger', () => send('x', 'nobody'), 'AccessDeniedException'],
    [
      'a queue that is not there',
      () => send('x', 'startDays', { QueueUrl: server.queueUrl('none') }),
      'QueueDoesNotExist',
    ],
    [
      'who may send to another queue',
      () => send('x', 'startDays', { QueueUrl: server.queueUrl('other') }),
      'AccessDeniedException',
    ],
    ['no text', () => send(''), 'InvalidParameterValue'],
    [
      'a delay of more than a quarter of an hour',
      () => send('x', 'startDays', { DelaySeconds: 901 }),
      'Invalid',
    ],
    [
      'what it does not serve',
      () => connect('operator').send(new ReceiveMessageCommand({ QueueUrl: server.queueUrl('days') })),
      'UnknownOperationException',
    ],
  ])('refuses %s', async (_what, call, name) => {
    await expect(call()).rejects.toMatchObject({ name: expect.stringContaining(name) });
    expect([...queue.receive(1), ...other.receive(1)]).toEqual([]);
  });

  it('tells an operator how many messages there are, and where those go that are given up', async () => {
    await send('one');
    const attributes = await attributesOf(server.queueUrl('days'));
    expect(attributes).toMatchObject({ QueueArn: queueArn('days'), ApproximateNumberOfMessages: '1' });
    const { deadLetterTargetArn } = JSON.parse(attributes['RedrivePolicy'] ?? '{}');
    const QueueName = deadLetterTargetArn.split(':').at(-1);
    const { QueueUrl = '' } = await connect('operator').send(new GetQueueUrlCommand({ QueueName }));
    expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '0' });
    queue.receive(1);
    now += 10;
    queue.receive(1);
    expect(await attributesOf(QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '1' });
  });
});
