import type { StreamRecord } from '../../../../infra/local/stream/record.ts';
import type { EventSourceSettings } from '../../../../infra/local/stream/settings.ts';

/** A record with this sequence number, made `createdAt` seconds after 1970. */
export function record(sequenceNumber: number | string, createdAt = 0): StreamRecord {
  return {
    eventSourceARN: 'arn:stream',
    dynamodb: { SequenceNumber: String(sequenceNumber), ApproximateCreationDateTime: createdAt },
  };
}

export const records = (...numbers: readonly number[]) => numbers.map((number) => record(number));

export const numbers = (list: readonly StreamRecord[]) =>
  list.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));

export const settings: EventSourceSettings = {
  startingPosition: 'TRIM_HORIZON',
  matches: () => true,
  batchSize: 100,
  batchingWindowMs: 0,
  maximumRetryAttempts: 2,
  maximumRecordAgeMs: Number.POSITIVE_INFINITY,
  bisectBatchOnFunctionError: false,
  reportBatchItemFailures: true,
  functionTimeoutMs: 60_000,
};
