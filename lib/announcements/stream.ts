import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { StoredItem } from '../store/conditional-write.ts';
import { owesAnnouncement } from '../store/keys.ts';
import { type AnnounceContext, announce } from './announce.ts';
import { type OwingItem, readOwingItem } from './owing-item.ts';

/**
 * Announces what the records say is newly owed. What WeCom does not take, and what can neither be read nor parked, stays
 * owed in the table and is the sweep's: no record fails for it, which would have the others of its batch announced again.
 */
export async function consumeStream(
  records: readonly DynamoDBRecord[],
  context: AnnounceContext,
): Promise<void> {
  await announce(readRecords(records), context);
}

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

/** The items that owe an announcement since their record and not before it, each once and in the records' order. */
function readRecords(records: readonly DynamoDBRecord[]): OwingItem[] {
  const items = new Map<string, OwingItem>();
  for (const { dynamodb } of records) {
    const { NewImage: image = {}, OldImage: before = {} } = dynamodb ?? {};
    if (!owes(image) || owes(before)) continue;
    const item = readOwingItem(toItem(image));
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
