import { Duration } from 'aws-cdk-lib';
import { FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ANNOUNCE_MS } from '../../lib/orders/schedule.ts';
import { announcementKinds } from '../../lib/store/keys.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import { StreamSource, type StreamSourceProps } from './stream-source.ts';

/**
 * Feeds the consumer with the items of the table's stream that owe an announcement. The items themselves keep what they
 * owe until it is told: what the stream does not bring, or a batch that is given up held, the sweep announces.
 */
export class AnnouncementSource extends StreamSource {
  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id, props, {
      newImage: {
        [tableIndexes.work.partitionKey]: {
          S: announcementKinds.flatMap((kind) => FilterRule.beginsWith(`${kind}#`)),
        },
      },
      // The stream still holds what was announced before a service was made anew: it would be announced once more. What
      // comes in before the mapping reads is the sweep's.
      startingPosition: StartingPosition.LATEST,
      // One message is sent for a batch, and WeCom takes 20 a minute.
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(3),
      // From then on it is the sweep's, and to go on here would announce it twice.
      maxRecordAge: Duration.millis(ANNOUNCE_MS),
      retryAttempts: 3,
      // What the consumer fails at is the sweep's, without the records that come after it being brought again.
      reportBatchItemFailures: false,
    });
  }
}
