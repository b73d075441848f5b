import type { Template } from '../stacks/template.ts';
import type { KeptState } from './kept-state.ts';
import { operator } from './operator.ts';
import { createQueue, keptQueue, type LocalQueue } from './queue/queue.ts';
import type { ServedQueue } from './queue/server.ts';
import { type QueueSettings, readQueueSettings } from './queue/settings.ts';

const failedAnnouncementsName = 'failed-announcements';
export const failedEventsName = 'failed-events';

/** A queue that feeds a function. */
export interface FeedingQueue {
  readonly name: string;
  readonly queue: LocalQueue;
  readonly settings: QueueSettings;
}

/** The queues of a stage. */
export interface LocalQueues {
  /** The days that are to be reconciled. */
  readonly reconciliation: FeedingQueue;
  /** What is to be delivered to webhooks. */
  readonly deliveries: FeedingQueue;
  /** Word of what the two consumers of the stream gave up. */
  readonly failedAnnouncements: LocalQueue;
  readonly failedEvents: LocalQueue;
}

/** Nobody but a person takes anything out. */
const KEPT = { visibilityTimeoutMs: 30_000, maxReceiveCount: Number.POSITIVE_INFINITY };

/** @param now milliseconds since 1970 */
export function createQueues(
  templates: { readonly service: Template; readonly webhooks: Template },
  now: () => number,
  state: KeptState,
): LocalQueues {
  const feeding = (name: string, template: Template): FeedingQueue => {
    const settings = readQueueSettings(template);
    return { name, settings, queue: createQueue(settings, now, keptQueue(state, name)) };
  };
  const kept = (name: string) => createQueue(KEPT, now, keptQueue(state, name));
  return {
    reconciliation: feeding('reconciliation', templates.service),
    deliveries: feeding('deliveries', templates.webhooks),
    failedAnnouncements: kept(failedAnnouncementsName),
    failedEvents: kept(failedEventsName),
  };
}

/** What the stage's SQS serves, and to whom. */
export function servedQueues(queues: LocalQueues): readonly ServedQueue[] {
  const feeding = (
    { name, queue, settings: { maxReceiveCount } }: FeedingQueue,
    allows: ServedQueue['allows'],
  ): ServedQueue => ({ name, queue, maxReceiveCount, allows });
  const kept = (name: string, queue: LocalQueue): ServedQueue => ({
    ...{ name, queue },
    allows: (caller) => (caller.name === operator.name ? ['GetQueueAttributes'] : []),
  });
  return [
    feeding(queues.reconciliation, (caller) => caller.queue),
    feeding(queues.deliveries, (caller) => caller.webhookQueue),
    kept(failedAnnouncementsName, queues.failedAnnouncements),
    kept(failedEventsName, queues.failedEvents),
  ];
}
