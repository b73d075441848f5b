import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ANNOUNCE_MS } from '../../lib/orders/schedule.ts';
import type { WorkKind } from '../../lib/store/keys.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import type { PaymentFunction } from './payment-function.ts';
import { regionFeatures } from './region.ts';

const owed: WorkKind = 'notify';

/** Only the `dynamodb` part of a record can be filtered on (Lambda developer guide). */
const owesAnnouncement = FilterCriteria.filter({
  dynamodb: { NewImage: { [tableIndexes.work.partitionKey]: { S: FilterRule.beginsWith(`${owed}#`) } } },
});

export interface AnnouncementSourceProps {
  readonly table: ITable;
  readonly consumer: PaymentFunction;
}

/**
 * Feeds the consumer with the items of the table's stream that owe an announcement. The consumer reports only records
 * of items that it can neither read nor set aside; what else makes it fail, a crash or its time limit, fails a batch
 * as a whole. A batch that is given up goes to a queue as metadata only: a signal, while the items themselves keep
 * what they owe, and the sweep announces them.
 */
export class AnnouncementSource extends Construct {
  readonly failedBatches: Queue;

  constructor(scope: Construct, id: string, { table, consumer }: AnnouncementSourceProps) {
    super(scope, id);
    this.failedBatches = new Queue(this, 'failed-batches', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.failedBatches).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue itself, of the event source mapping',
    });
    const { eventSourceMappingMetrics } = regionFeatures(Stack.of(this).region);
    table.grantStreamRead(consumer);
    Validations.of(consumer.executionRole).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'DynamoDB: ListStreams takes no resource',
    });
    new EventSourceMapping(this, 'mapping', {
      // One batch at a time for each of the stream's shards, which is as much as WeCom takes.
      target: consumer.live,
      eventSourceArn: streamArn(table),
      filters: [owesAnnouncement],
      startingPosition: StartingPosition.TRIM_HORIZON,
      // One message is sent for a batch, and WeCom takes 20 a minute.
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(3),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // From then on it is the sweep's, and to go on here would announce it twice.
      maxRecordAge: Duration.millis(ANNOUNCE_MS),
      retryAttempts: 3,
      onFailure: new SqsDlq(this.failedBatches),
      ...(eventSourceMappingMetrics ? { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } } : {}),
    });
  }
}

function streamArn({ tableStreamArn }: ITable): string {
  if (!tableStreamArn) throw new Error('the table has no stream');
  return tableStreamArn;
}
