import type { DynamoDBRecord } from 'aws-lambda';
import { type AnnounceContext, announce, park } from './announce.ts';
import { readRecords } from './records.ts';

/**
 * Announces what the records say is newly owed. What WeCom does not take stays owed in the table, and the sweep
 * announces it: nothing depends on the stream's 24 hours, so a batch never fails for it.
 */
export async function consumeStream(
  records: readonly DynamoDBRecord[],
  context: AnnounceContext,
): Promise<void> {
  const { owed, unreadable } = readRecords(records);
  await park(unreadable, context);
  await announce(owed, context);
}
