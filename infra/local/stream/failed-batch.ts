import type { DiscardCondition, DiscardedBatch } from './deliver-batch.ts';
import { createdAt, type StreamRecord, sequenceNumber } from './record.ts';

/** What Lambda sends to the destination of failed batches: where they were in the stream, and not what they said. */
export interface FailedBatch {
  readonly version: '1.0';
  readonly timestamp: string;
  readonly requestContext: {
    readonly functionArn: string;
    readonly condition: DiscardCondition;
    readonly approximateInvokeCount: number;
  };
  readonly DDBStreamBatchInfo: {
    readonly startSequenceNumber: string | undefined;
    readonly endSequenceNumber: string | undefined;
    readonly approximateArrivalOfFirstRecord: string | undefined;
    readonly approximateArrivalOfLastRecord: string | undefined;
    readonly batchSize: number;
    readonly streamArn: string | undefined;
  };
}

export function describeFailedBatch(
  functionName: string,
  { condition, records, invocations }: DiscardedBatch,
  now: number,
): FailedBatch {
  const [first, last] = [records[0], records.at(-1)];
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      functionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
      condition,
      approximateInvokeCount: invocations,
    },
    DDBStreamBatchInfo: {
      startSequenceNumber: first && sequenceNumber(first),
      endSequenceNumber: last && sequenceNumber(last),
      approximateArrivalOfFirstRecord: first && arrival(first),
      approximateArrivalOfLastRecord: last && arrival(last),
      batchSize: records.length,
      streamArn: first?.eventSourceARN,
    },
  };
}

function arrival(record: StreamRecord): string {
  return new Date(createdAt(record)).toISOString();
}
