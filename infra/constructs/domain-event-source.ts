import { Duration } from 'aws-cdk-lib';
import { FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { eventsAttribute } from '../../lib/store/table.ts';
import { StreamSource, type StreamSourceProps } from './stream-source.ts';

/**
 * Feeds the consumer with the items of the table's stream whose write is to be published. The mark is gone with an item's
 * next write, so that a batch that is given up is published only when somebody asks for its period again.
 */
export class DomainEventSource extends StreamSource {
  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id, props, {
      newImage: { [eventsAttribute]: { S: FilterRule.exists() } },
      // As far back as there is anything: an event that is published again is known by its id.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // A second more is no matter to a shop; in a sale it makes one call of many.
      maxBatchingWindow: Duration.seconds(1),
      // As long as the stream keeps a record, and until then without a bound: any number of attempts is soon spent, as
      // Lambda waits less than a minute between two. What can never be published does not come so far as to be tried.
      maxRecordAge: Duration.days(1),
      retryAttempts: -1,
      reportBatchItemFailures: true,
    });
  }
}
