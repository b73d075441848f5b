import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import type { StoredItem } from '../store/conditional-write.ts';
import { owesAnnouncement } from '../store/keys.ts';
import { type AnnounceContext, announce } from './announce.ts';
import { type OwingItem, readOwingItem } from './owing-item.ts';

/**
 * Announces what the records say is newly owed. What WeCom does not take stays owed in the table, and the sweep
 * announces it: nothing depends on the stream's 24 hours, so no record fails for it.
 * @returns as failed the records of items that can neither be read nor be parked
 */
export async function consumeStream(
  records: readonly DynamoDBRecord[],
  context: AnnounceContext,
): Promise<DynamoDBBatchResponse> {
  const { unparked } = await announce(readRecords(records), context);
  return { batchItemFailures: unparked.map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
}

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

interface RecordedItem extends OwingItem {
  /** Names its record to the event source mapping. */
  readonly sequenceNumber: string;
}

/** The items that owe an announcement since their record and not before it, each once and in the records' order. */
function readRecords(records: readonly DynamoDBRecord[]): RecordedItem[] {
  const items = new Map<string, RecordedItem>();
  for (const { dynamodb } of records) {
    const {
      NewImage: image = {},
      OldImage: before = {},
      SequenceNumber: sequenceNumber = '',
    } = dynamodb ?? {};
    if (!owes(image) || owes(before)) continue;
    const item = { ...readOwingItem(toItem(image)), sequenceNumber };
    const identity = JSON.stringify(item.key);
    if (!items.has(identity)) items.set(identity, item);
  }
  return [...items.values()];
}

const owes = ({ work }: Image): boolean => work?.S !== undefined && owesAnnouncement(work.S);

/** An image that cannot be read as a whole still tells which item it is of. */
function toItem(image: Image): StoredItem {
  try {
    // Lambda passes binary values as base64, which the SDK's type does not know; nothing announced is binary.
    return unmarshall(image as Record<string, AttributeValue>);
  } catch {
    const { pk, sk, work } = image;
    return { pk: pk?.S, sk: sk?.S, work: work?.S };
  }
}
