import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import {
  eventPublisher,
  type FunctionDefinition,
  queueConsumer,
  streamConsumer,
  webhookDeliverer,
} from '../endpoints.ts';
import type { Template } from '../stacks/template.ts';
import type { Stoppable } from './all-started.ts';
import type { LocalFunctions } from './functions.ts';
import { CONCURRENCY, type LocalFunction } from './lambda/function.ts';
import { startQueueMapping } from './queue/event-source-mapping.ts';
import type { LocalQueue } from './queue/queue.ts';
import { queueArn } from './queue/server.ts';
import type { FeedingQueue, LocalQueues } from './queues.ts';
import { fileCheckpoint, memoryCheckpoint } from './stream/checkpoint.ts';
import { startEventSourceMapping } from './stream/event-source-mapping.ts';
import { describeFailedBatch } from './stream/failed-batch.ts';
import { beginAt, type EventSourceSettings, readEventSourceSettings } from './stream/settings.ts';
import { openStream } from './stream/stream-reader.ts';

const FINISH_MS = 2_000;

interface TableStream {
  readonly client: DynamoDBStreamsClient;
  readonly arn: string;
  /** When what reads it was made, for what starts with the latest; milliseconds since 1970. */
  readonly madeAt: number;
  /** Where each consumer was, to go on there after a restart; from its starting position without one. */
  readonly checkpointFile: ((name: string) => string) | null;
}

export interface ConsumersOptions {
  readonly functions: Pick<LocalFunctions, 'get'>;
  readonly templates: { readonly service: Template; readonly webhooks: Template };
  readonly stream: TableStream;
  readonly queues: LocalQueues;
  readonly log: (line: string) => void;
}

/** Feeds the functions that nobody calls, from the table's stream and from the queues, as the templates have it. */
export function startConsumers({ functions, templates, stream, queues, log }: ConsumersOptions): Stoppable {
  const announcements = readEventSourceSettings(templates.service);
  const events = readEventSourceSettings(templates.webhooks);
  const read = (
    { name }: FunctionDefinition,
    settings: EventSourceSettings,
    failedBatches: LocalQueue,
  ): Stoppable => readStream(stream, { name, consumer: functions.get(name), settings, failedBatches, log });
  const consumers = [
    read(streamConsumer, announcements, queues.failedAnnouncements),
    read(eventPublisher, events, queues.failedEvents),
    takeMessages(functions.get(queueConsumer.name), queues.reconciliation),
    takeMessages(functions.get(webhookDeliverer.name), queues.deliveries),
  ];
  return { stop: async () => void (await Promise.all(consumers.map((consumer) => consumer.stop()))) };
}

interface StreamConsumer {
  readonly name: string;
  readonly consumer: LocalFunction;
  readonly settings: EventSourceSettings;
  /** Takes word of each batch that is given up. */
  readonly failedBatches: LocalQueue;
  readonly log: (line: string) => void;
}

function readStream(
  { client, arn, madeAt, checkpointFile }: TableStream,
  { name, consumer, settings, failedBatches, log }: StreamConsumer,
): Stoppable {
  const mapping = startEventSourceMapping({
    settings: beginAt(settings, madeAt),
    invoke: consumer.invoke,
    discard: (batch) => {
      const failed = describeFailedBatch(name, batch, Date.now());
      failedBatches.send(JSON.stringify(failed), 0);
      log(JSON.stringify({ level: 'ERROR', message: 'batch given up', ...failed }));
    },
    openStream: (start) => openStream(client, arn, start),
    checkpoint: checkpointFile === null ? memoryCheckpoint() : fileCheckpoint(checkpointFile(name), arn),
    onError: (error) => {
      log(JSON.stringify({ level: 'WARN', message: 'stream not readable', error: String(error) }));
    },
  });
  return { stop: () => stopFeeding(mapping, consumer) };
}

/** With no more at once than the function can take: what waits before it is past the queue's fairness. */
function takeMessages(consumer: LocalFunction, { name, queue, settings }: FeedingQueue): Stoppable {
  const mapping = startQueueMapping({
    queue,
    queueArn: queueArn(name),
    settings: { ...settings, maximumConcurrency: Math.min(settings.maximumConcurrency, CONCURRENCY) },
    invoke: consumer.invoke,
  });
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
