import { Duration } from 'aws-cdk-lib';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WorkKind } from '../../lib/store/keys.ts';
import { NOTIFY_DELAY_MS } from '../../lib/store/order-item.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import type { PaymentTable } from './payment-table.ts';

const owed: WorkKind = 'notify';

/** Only the `dynamodb` part of a record can be filtered on (Lambda developer guide). */
const owesAnnouncement = FilterCriteria.filter({
  dynamodb: { NewImage: { [tableIndexes.work.partitionKey]: { S: FilterRule.beginsWith(`${owed}#`) } } },
});

export interface AnnouncementSourceProps {
  readonly table: PaymentTable;
  readonly consumer: IFunction;
}

/**
 * Feeds the consumer with the items of the table's stream that owe an announcement. The consumer reports only records
 * of items that it can neither read nor set aside; what else makes it fail, a crash or its time limit, fails a batch
 * as a whole. A batch that is given up goes to a queue as metadata only: a signal, while the items themselves keep
 * what they owe, and the sweep announces them.
 */
export class AnnouncementSource extends Construct {
  constructor(scope: Construct, id: string, { table, consumer }: AnnouncementSourceProps) {
    super(scope, id);
    const failedBatches = new Queue(this, 'failed-batches', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    table.grantStreamRead(consumer);
    new EventSourceMapping(this, 'mapping', {
      target: consumer,
      eventSourceArn: table.streamArn,
      filters: [owesAnnouncement],
      startingPosition: StartingPosition.TRIM_HORIZON,
      // One message is sent for a batch, and WeCom takes 20 a minute.
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(3),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      // From then on it is the sweep's, and to go on here would announce it twice.
      maxRecordAge: Duration.millis(NOTIFY_DELAY_MS),
      retryAttempts: 3,
      onFailure: new SqsDlq(failedBatches),
    });
  }
}
