import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import type { StoredItem } from '../store/conditional-write.ts';
import { type ItemKey, orderNumberOf } from '../store/keys.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { DomainEvent } from './domain-event.ts';
import { readEvents } from './read-events.ts';

/**
 * Puts at most 10 events on the bus, in their order. Rejects when it is not known which were taken.
 * @returns for each whether it was taken: the bus takes what it can (EventBridge API reference, "PutEvents")
 */
export type PutEvents = (events: readonly DomainEvent[]) => Promise<readonly boolean[]>;

export interface PublishContext {
  readonly putEvents: PutEvents;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What EventBridge takes at once; ten events of ours are far below the bytes that it takes. */
const EVENTS_PER_PUT = 10;

/** An event, with what names its record to the event source mapping. */
interface Published {
  readonly event: DomainEvent;
  readonly sequenceNumber: string;
}

/**
 * Puts on the bus what the records' new images are marked with. The first that fails is handed back, and comes again
 * with all that follows it: nothing more is put, and what the same put has of later records is published more than once,
 * under one id. What nothing can be made of is counted and passed over: it would hold up all that comes after it, and
 * its period can be published again once it is mended.
 * @returns as failed the first record whose events the bus did not take
 */
export async function publishRecords(
  records: readonly DynamoDBRecord[],
  context: PublishContext,
): Promise<DynamoDBBatchResponse> {
  const events = records.flatMap((record) => read(record, context));
  for (let start = 0; start < events.length; start += EVENTS_PER_PUT) {
    const part = events.slice(start, start + EVENTS_PER_PUT);
    const [failed] = await put(part, context);
    if (failed) return { batchItemFailures: [{ itemIdentifier: failed.sequenceNumber }] };
  }
  return { batchItemFailures: [] };
}

function read({ dynamodb }: DynamoDBRecord, { telemetry }: PublishContext): readonly Published[] {
  // Stryker disable next-line StringLiteral: a record has a number, which its type does not say
  const { NewImage, Keys, SequenceNumber: sequenceNumber = '' } = dynamodb ?? {};
  if (!NewImage) return [];
  try {
    // Lambda passes binary values as base64, which the SDK's type does not know; nothing that is told of is binary.
    const item = unmarshall(NewImage as Record<string, AttributeValue>) as StoredItem & ItemKey;
    return readEvents(item).map((event) => ({ event, sequenceNumber }));
  } catch (error) {
    // Stryker disable next-line OptionalChaining,StringLiteral: a record has a key, which its type does not say
    const order_no = orderNumberOf({ pk: Keys?.['pk']?.S ?? '', sk: '' });
    telemetry.log(
      'error',
      'event',
      { order_no, outcome: 'unreadable' },
      { error, metrics: { EventUnreadable: 1 } },
    );
    return [];
  }
}

/** @returns what was not taken, in its order */
async function put(events: readonly Published[], context: PublishContext): Promise<readonly Published[]> {
  const { putEvents, telemetry, now } = context;
  const ids = (some: readonly Published[]) => some.map(({ event: { type, id } }) => `${type} ${id}`);
  try {
    const taken = await putEvents(events.map(({ event }) => event));
    const refused = events.filter((_, index) => taken[index] !== true);
    const published = events.filter((_, index) => taken[index] === true);
    if (published.length > 0) {
      const latest = Math.max(...published.map(({ event }) => now() - Date.parse(event.timestamp)));
      const metrics = { EventPublished: published.length, EventLatency: Math.max(0, latest) };
      telemetry.log('info', 'event', { events: ids(published), outcome: 'published' }, { metrics });
    }
    if (refused.length > 0) {
      const metrics = { EventFailed: refused.length };
      telemetry.log('error', 'event', { events: ids(refused), outcome: 'refused' }, { metrics });
    }
    return refused;
  } catch (error) {
    const metrics = { EventFailed: events.length };
    telemetry.log('error', 'event', { events: ids(events), outcome: 'not_published' }, { error, metrics });
    return events;
  }
}
