import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PaymentFunction } from './payment-function.ts';

/** A message holds a day's name for so long, and the next hour's run sends that of an unfinished day again. */
const KEPT = Duration.days(1);

/** Received so often without success, a message is set aside: a fault in the code, not a provider that was down once. */
const MOST_RECEIVES = 3;

export interface ReconciliationQueueProps {
  /** How long the function that takes the messages may run. */
  readonly consumerTimeout: Duration;
}

/** The days of merchants that are to be reconciled, a message each. It holds names, and nothing of a payment. */
export class ReconciliationQueue extends Construct {
  readonly queue: Queue;
  /** Messages that were received too often without success. */
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { consumerTimeout }: ReconciliationQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'dead-letters');
    this.queue = new Queue(this, 'queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
      // Six times the function's, so that the poller can try again when Lambda turns it away (Lambda developer guide,
      // "Configuring your queue"). Nobody waits for it: the schedule sends an unfinished day again within the hour.
      visibilityTimeout: Duration.seconds(6 * consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MOST_RECEIVES },
    });
  }

  /** Feeds the function: one message at a time, two at once. */
  feed(consumer: PaymentFunction): void {
    new EventSourceMapping(this, 'mapping', {
      target: consumer.live,
      eventSourceArn: this.queue.queueArn,
      // A day can take all the time that the function has.
      batchSize: 1,
      reportBatchItemFailures: true,
      // The fewest that Lambda takes: providers count what they are asked, and payments come first.
      maxConcurrency: 2,
    });
  }
}
