import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Stoppable } from './all-started.ts';
import type { LocalFunction } from './lambda/function.ts';
import { startQueueMapping } from './queue/event-source-mapping.ts';
import type { LocalQueue } from './queue/queue.ts';
import { queueArn } from './queue/server.ts';
import type { QueueSettings } from './queue/settings.ts';
import { fileCheckpoint, memoryCheckpoint } from './stream/checkpoint.ts';
import { type EventSourceMapping, startEventSourceMapping } from './stream/event-source-mapping.ts';
import { describeFailedBatch, type FailedBatch } from './stream/failed-batch.ts';
import type { EventSourceSettings } from './stream/settings.ts';
import { openStream } from './stream/stream-reader.ts';

const FINISH_MS = 2_000;

export interface ConsumerOptions {
  readonly name: string;
  readonly consumer: LocalFunction;
  readonly settings: EventSourceSettings;
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  /** Where to go on after a restart; from the beginning of the stream without one. */
  readonly checkpointFile: string | undefined;
  readonly log: (line: string) => void;
}

export interface Consumer extends EventSourceMapping {
  /** In place of the queue for failed batches. */
  readonly failedBatches: readonly FailedBatch[];
}

/** Feeds the function from the table's stream. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { name, consumer, settings, client, streamArn, checkpointFile, log } = options;
  const failedBatches: FailedBatch[] = [];
  const mapping = startEventSourceMapping({
    settings,
    invoke: consumer.invoke,
    discard: (batch) => {
      const failed = describeFailedBatch(name, batch, Date.now());
      failedBatches.push(failed);
      log(JSON.stringify({ level: 'ERROR', message: 'batch given up', ...failed }));
    },
    openStream: (start) => openStream(client, streamArn, start),
    checkpoint: checkpointFile === undefined ? memoryCheckpoint() : fileCheckpoint(checkpointFile, streamArn),
    onError: (error) => {
      log(JSON.stringify({ level: 'WARN', message: 'stream not readable', error: String(error) }));
    },
  });
  return { failedBatches, stop: () => stopFeeding(mapping, consumer) };
}

export interface QueueConsumerOptions {
  readonly consumer: LocalFunction;
  readonly queue: LocalQueue;
  readonly settings: QueueSettings;
}

/** Feeds the function from the queue. */
export function startQueueConsumer({ consumer, queue, settings }: QueueConsumerOptions): Stoppable {
  const mapping = startQueueMapping({ queue, queueArn, settings, invoke: consumer.invoke });
  return { stop: () => stopFeeding(mapping, consumer) };
}

/**
 * What is under way may have an effect already: it gets a moment to be remembered as such, before the function is
 * ended, and with it whatever hangs.
 */
async function stopFeeding(mapping: Stoppable, consumer: Stoppable): Promise<void> {
  const ended = mapping.stop();
  await Promise.race([ended, sleep(FINISH_MS, undefined, { ref: false })]);
  await Promise.all([ended, consumer.stop()]);
}
