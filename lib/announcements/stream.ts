import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { type AnnounceContext, announce } from './announce.ts';
import { readRecords } from './records.ts';

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
