import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stoppable } from '../../../../infra/local/all-started.ts';
import {
  type QueueMappingOptions,
  startQueueMapping,
} from '../../../../infra/local/queue/event-source-mapping.ts';
import { createQueue, type LocalQueue } from '../../../../infra/local/queue/queue.ts';

const settings = { batchSize: 1, maximumConcurrency: 2, reportBatchItemFailures: true };
let queue: LocalQueue;
let events: SQSEvent[];
let mapping: Stoppable | undefined;

beforeEach(() => {
  queue = createQueue({ visibilityTimeoutMs: 1_000_000, maxReceiveCount: 3 }, Date.now);
  events = [];
});
afterEach(async () => {
  await mapping?.stop();
  mapping = undefined;
});

/** Once what was delivered is done with: until then each message is hidden, whatever comes of it. */
async function countsAfter(deliveries: number) {
  await expect.poll(() => events).toHaveLength(deliveries);
  await mapping?.stop();
  return queue.counts();
}

const delivered = () => events.map(({ Records }) => Records.map(({ body }) => body).join(' '));

function start(
  answer: (event: SQSEvent) => unknown,
  changes: Partial<QueueMappingOptions['settings']> = {},
): void {
  mapping = startQueueMapping({
    queue,
    queueArn: 'arn:aws:sqs:local:000000000000:days',
    settings: { ...settings, ...changes },
    invoke: async (event) => {
      events.push(event);
      return answer(event);
    },
  });
}

describe('the mapping of a queue', () => {
  it('hands each message to the function as Lambda does, and removes it', async () => {
    const { id } = queue.send('one', 0);
    start(() => null);
    expect(await countsAfter(1)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
    expect(events).toMatchObject([
      {
        Records: [
          {
            messageId: id,
            body: 'one',
            attributes: { ApproximateReceiveCount: '1' },
            eventSource: 'aws:sqs',
            eventSourceARN: 'arn:aws:sqs:local:000000000000:days',
          },
        ],
      },
    ]);
  });

  it('says whose a message is, where its sender did', async () => {
    queue.send('one', 0, 'tenant:7');
    queue.send('two', 0);
    start(() => null, { batchSize: 2 });
    await countsAfter(1);
    const [records] = events.map(({ Records }) => Records.map(({ attributes }) => attributes));
    expect(records?.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['tenant:7', undefined]);
  });

  it('leaves hidden what the function fails at, and goes on with the others', async () => {
    queue.send('bad', 0);
    queue.send('good', 0);
    start(({ Records: [record] }) => {
      if (record?.body === 'bad') throw new Error('failed');
    });
    expect(await countsAfter(2)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    expect(delivered().toSorted()).toEqual(['bad', 'good']);
  });

  it.each<[string, (event: SQSEvent) => unknown, number]>([
    [
      'the one that the answer names',
      ({ Records }) => ({ batchItemFailures: [{ itemIdentifier: Records[0]?.messageId }] }),
      1,
    ],
    [
      'all, when it names one that is not among them',
      () => ({ batchItemFailures: [{ itemIdentifier: 'x' }] }),
      2,
    ],
    ['none, when it names none', () => ({ batchItemFailures: [] }), 0],
  ])('of a batch it keeps %s', async (_what, answer, kept) => {
    queue.send('one', 0);
    queue.send('two', 0);
    start(answer, { batchSize: 2, maximumConcurrency: 1 });
    expect(await countsAfter(1)).toEqual({ visible: 0, inFlight: kept, delayed: 0 });
    expect(delivered()).toEqual(['one two']);
  });

  it('does not look at the answer unless item failures are reported', async () => {
    queue.send('one', 0);
    start(({ Records }) => ({ batchItemFailures: [{ itemIdentifier: Records[0]?.messageId }] }), {
      reportBatchItemFailures: false,
    });
    expect(await countsAfter(1)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('has no more under way than it may', async () => {
    for (const body of ['one', 'two', 'three']) queue.send(body, 0);
    const gates: (() => void)[] = [];
    start(() => new Promise<void>((resolve) => gates.push(resolve)));
    await expect.poll(() => gates).toHaveLength(2);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 2, delayed: 0 });
    gates[0]?.();
    await expect.poll(() => gates).toHaveLength(3);
    for (const open of gates) open();
  });
});
