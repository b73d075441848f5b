import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { type ItemKey, owesAnnouncement } from '../store/keys.ts';
import { type Announcement, readAnnouncement } from './announcement.ts';
import type { OwedItem, OwingItem } from './owed-item.ts';

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

/**
 * The items that owe an announcement since their record and not before it, each once and in the records' order, and
 * those among them that nothing can be made of.
 */
export function readRecords(records: readonly DynamoDBRecord[]): {
  readonly owed: OwedItem[];
  readonly unreadable: OwingItem[];
} {
  const owed: OwedItem[] = [];
  const unreadable: OwingItem[] = [];
  const seen = new Set<string>();
  for (const { dynamodb } of records) {
    const { NewImage: image = {}, OldImage: before = {} } = dynamodb ?? {};
    const work = owedWork(image);
    if (work === undefined || owedWork(before) !== undefined) continue;
    const stored = { key: keyOf(image), work };
    const identity = JSON.stringify(stored.key);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const announcement = announcementOf(image);
    if (announcement) owed.push({ ...stored, announcement });
    else unreadable.push(stored);
  }
  return { owed, unreadable };
}

/** From the raw image, so that an item that cannot be read as a whole is still found. */
function owedWork({ work }: Image): string | undefined {
  return work?.S !== undefined && owesAnnouncement(work.S) ? work.S : undefined;
}

function keyOf({ pk, sk }: Image): ItemKey {
  return { pk: pk?.S ?? '', sk: sk?.S ?? '' };
}

function announcementOf(image: Image): Announcement | null {
  try {
    // Lambda passes binary values as base64, which the SDK's type does not know; nothing announced is binary.
    return readAnnouncement(unmarshall(image as Record<string, AttributeValue>));
  } catch {
    return null;
  }
}
