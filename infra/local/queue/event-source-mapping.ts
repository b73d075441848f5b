import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { Stoppable } from '../all-started.ts';
import type { LocalQueue, ReceivedMessage } from './queue.ts';
import type { QueueSettings } from './settings.ts';

const POLL_INTERVAL_MS = 100;

export interface QueueMappingOptions {
  readonly queue: LocalQueue;
  readonly queueArn: string;
  readonly settings: Pick<QueueSettings, 'batchSize' | 'maximumConcurrency' | 'reportBatchItemFailures'>;
  /** @throws when the function fails */
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
}

/**
 * Feeds a function from a queue until it is stopped, as Lambda does: what the function is done with is removed, and
 * what it failed at stays hidden until its visibility timeout is over (Lambda developer guide, "Using Lambda with
 * Amazon SQS").
 */
export function startQueueMapping(options: QueueMappingOptions): Stoppable {
  const stopping = new AbortController();
  const polling = poll(options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await polling;
    },
  };
}

/** Ends with the last batch that is under way. */
async function poll(options: QueueMappingOptions, signal: AbortSignal): Promise<void> {
  const { queue, settings } = options;
  const underWay = new Set<Promise<void>>();
  while (!signal.aborted) {
    const batch = underWay.size < settings.maximumConcurrency ? queue.receive(settings.batchSize) : [];
    if (batch.length > 0) {
      const delivery = deliver(batch, options).finally(() => underWay.delete(delivery));
      underWay.add(delivery);
      continue;
    }
    const isFull = underWay.size >= settings.maximumConcurrency;
    await (isFull ? Promise.race(underWay) : sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {}));
  }
  await Promise.all(underWay);
}

async function deliver(
  batch: readonly ReceivedMessage[],
  { queue, queueArn, settings, invoke }: QueueMappingOptions,
): Promise<void> {
  let failed: readonly ReceivedMessage[];
  try {
    const result = await invoke({ Records: batch.map((message) => recordOf(message, queueArn)) });
    failed = settings.reportBatchItemFailures ? failuresOf(result, batch) : [];
  } catch {
    // Why is in the function's own log.
    failed = batch;
  }
  for (const message of batch) if (!failed.includes(message)) queue.remove(message.receiptHandle);
}

/** Those that the answer names. An answer that names none of the batch is a failure as a whole. */
function failuresOf(result: unknown, batch: readonly ReceivedMessage[]): readonly ReceivedMessage[] {
  const { batchItemFailures } = (result ?? {}) as {
    batchItemFailures?: { itemIdentifier?: unknown }[] | null;
  };
  const named = (batchItemFailures ?? []).map(({ itemIdentifier }) =>
    batch.find(({ id }) => id === itemIdentifier),
  );
  return named.includes(undefined) ? batch : named.filter((message) => message !== undefined);
}

const recordOf = (message: ReceivedMessage, eventSourceARN: string): SQSRecord => ({
  messageId: message.id,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentAt),
    SenderId: 'local',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.groupId !== null && { MessageGroupId: message.groupId }),
  },
  messageAttributes: {},
  md5OfBody: message.md5,
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion: 'local',
});
