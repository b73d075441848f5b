import { type Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  type EventSourceMappingOptions,
  FilterCriteria,
  MetricType,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PaymentFunction } from './payment-function.ts';
import { regionFeatures } from './region.ts';

export interface StreamSourceProps {
  readonly table: ITable;
  readonly consumer: PaymentFunction;
}

export interface StreamSourceSettings
  extends Required<
    Pick<
      EventSourceMappingOptions,
      'startingPosition' | 'batchSize' | 'retryAttempts' | 'reportBatchItemFailures'
    >
  > {
  /** What a record's new image must be like. Only the `dynamodb` part of a record can be filtered on (Lambda developer guide). */
  readonly newImage: Readonly<Record<string, unknown>>;
  readonly maxBatchingWindow: Duration;
  readonly maxRecordAge: Duration;
}

/**
 * Feeds a function with records of the table's stream, one batch at a time for each of the stream's shards. The function
 * may report the records that it failed at; what else makes it fail, a crash or its time limit, fails a batch as a
 * whole. A batch that is given up goes to a queue as metadata only: a signal.
 */
export class StreamSource extends Construct {
  readonly failedBatches: DeadLetterQueue;

  constructor(
    scope: Construct,
    id: string,
    { table, consumer }: StreamSourceProps,
    { newImage, ...settings }: StreamSourceSettings,
  ) {
    super(scope, id);
    this.failedBatches = new DeadLetterQueue(this, 'failed-batches');
    const { eventSourceMappingMetrics } = regionFeatures(Stack.of(this).region);
    table.grantStreamRead(consumer);
    Validations.of(consumer.executionRole).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'DynamoDB: ListStreams takes no resource',
    });
    new EventSourceMapping(this, 'mapping', {
      ...settings,
      target: consumer.live,
      eventSourceArn: streamArn(table),
      filters: [FilterCriteria.filter({ dynamodb: { NewImage: newImage } })],
      bisectBatchOnError: true,
      onFailure: new SqsDlq(this.failedBatches),
      ...(eventSourceMappingMetrics ? { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } } : {}),
    });
  }
}

function streamArn({ tableStreamArn }: ITable): string {
  if (!tableStreamArn) throw new Error('the table has no stream');
  return tableStreamArn;
}
