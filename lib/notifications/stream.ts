import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { orderNumberOf } from '../store/keys.ts';
import type { WorkStore } from '../store/work-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { type FindCurrencyFormat, renderMessage, splitIntoMessages } from './message.ts';
import { type OwedItem, readRecords, type StoredRecord } from './records.ts';

export interface StreamContext {
  readonly send: (content: string) => Promise<void>;
  readonly store: WorkStore;
  readonly findFormat: FindCurrencyFormat;
  readonly telemetry: Telemetry;
}

/** A robot takes 20 messages a minute; what is left over comes again with the next batch. */
const MAX_MESSAGES = 5;
const CONCURRENT_WRITES = 10;

/**
 * Announces what the records say is newly owed, in their order, and settles what was announced. Delivery is at least
 * once: everything from the record that it answers with on comes again, and order numbers let people tell repeats.
 */
export async function consumeStream(
  records: readonly DynamoDBRecord[],
  context: StreamContext,
): Promise<DynamoDBBatchResponse> {
  const { owed, unreadable } = readRecords(records);
  await forEachConcurrently(unreadable, (item) => park(item, context));
  let sent = 0;
  for (const message of splitIntoMessages(owed, ({ announcement }) => announcement, context.findFormat)) {
    if (sent === MAX_MESSAGES || !(await deliver(message, context))) return failedFrom(message);
    sent += 1;
    await forEachConcurrently(message, (item) => clear(item, context));
  }
  return { batchItemFailures: [] };
}

async function deliver(
  message: readonly OwedItem[],
  { send, findFormat, telemetry }: StreamContext,
): Promise<boolean> {
  const announcements = message.map(({ announcement }) => announcement);
  const order_nos = announcements.map(({ order_no }) => order_no);
  try {
    await send(renderMessage(announcements, findFormat));
    telemetry.log('info', 'announced', { order_nos });
    telemetry.count('NotificationSent');
    return true;
  } catch (error) {
    telemetry.log('error', 'the announcement was not delivered', { order_nos }, error);
    telemetry.count('NotificationFailed');
    return false;
  }
}

async function clear({ key, work }: StoredRecord, { store, telemetry }: StreamContext): Promise<void> {
  try {
    await store.clearWork(key, work);
  } catch (error) {
    telemetry.log('error', 'announced, but still marked as owed', { order_no: orderNumberOf(key) }, error);
  }
}

async function park({ key, work }: StoredRecord, { store, telemetry }: StreamContext): Promise<void> {
  const fields = { order_no: orderNumberOf(key) };
  telemetry.log('error', 'an item that owes an announcement cannot be read and is parked', fields);
  telemetry.count('RecordParked');
  try {
    await store.parkWork(key, work);
  } catch (error) {
    telemetry.log('error', 'the unreadable item could not be parked', fields, error);
  }
}

function failedFrom([first]: readonly OwedItem[]): DynamoDBBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: first?.sequenceNumber ?? '' }] };
}

/** The iterator is shared, so that each item is taken by one of the runners. */
async function forEachConcurrently<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const run = async () => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: CONCURRENT_WRITES }, run));
}
