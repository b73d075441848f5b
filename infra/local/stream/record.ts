import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';

/** A record of a DynamoDB stream as a function gets it, of which only these fields are sure to be there. */
export interface StreamRecord extends DynamoDBRecord {
  readonly dynamodb: NonNullable<DynamoDBRecord['dynamodb']> & {
    readonly SequenceNumber: string;
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
  };
}

/** The SDK's record as the JSON of Lambda's event: times in seconds, binary values in base64. */
export function toEventRecord(record: _Record, streamArn: string): StreamRecord {
  const { ApproximateCreationDateTime, ...dynamodb } = record.dynamodb ?? {};
  const created = (ApproximateCreationDateTime ?? new Date(0)).getTime() / 1_000;
  return JSON.parse(
    JSON.stringify(
      {
        ...record,
        eventSourceARN: streamArn,
        dynamodb: { ApproximateCreationDateTime: created, ...dynamodb },
      },
      (_name, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value),
    ),
  );
}

export function sequenceNumber(record: StreamRecord): string {
  return record.dynamodb.SequenceNumber;
}

/** Milliseconds since 1970. */
export function createdAt(record: StreamRecord): number {
  return record.dynamodb.ApproximateCreationDateTime * 1_000;
}
