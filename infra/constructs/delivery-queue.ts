import { Duration } from 'aws-cdk-lib';
import { type EventBus, EventField, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../lib/event-bus.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PaymentFunction } from './payment-function.ts';

/**
 * Received so often without success, a message is set aside. A receiver that does not answer is none: that is stored,
 * and its message done with.
 */
const MOST_RECEIVES = 5;

export interface DeliveryQueueProps {
  readonly bus: EventBus;
  /** How long the function that takes the messages may run. */
  readonly consumerTimeout: Duration;
}

/**
 * What is to be delivered now: each event of the bus once, and later each delivery whenever it is due again. The messages
 * of an owner are a group of a fair queue (SQS developer guide, "Amazon SQS fair queues"), so that those of a busy one do
 * not make the others wait. Not a FIFO queue: there, one batch of a group at a time would be under way.
 */
export class DeliveryQueue extends Construct {
  readonly queue: Queue;
  /** Messages that were received too often without success, and events that the queue did not take. */
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { bus, consumerTimeout }: DeliveryQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'dead-letters');
    this.queue = new Queue(this, 'queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // As long as SQS keeps anything: what is in it may have been stored nowhere else yet as a delivery.
      retentionPeriod: Duration.days(14),
      // Six times the function's, as of the queue of days.
      visibilityTimeout: Duration.seconds(6 * consumerTimeout.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MOST_RECEIVES },
    });
    new Rule(this, 'rule', {
      eventBus: bus,
      eventPattern: { source: [EVENT_SOURCE] },
      targets: [
        new SqsQueue(this.queue, {
          messageGroupId: EventField.fromPath('$.detail.owner'),
          // After a day of trying, which is EventBridge's own limit.
          deadLetterQueue: this.deadLetters,
        }),
      ],
    });
  }

  /** Feeds the function, which attempts the messages of a batch side by side. */
  feed(consumer: PaymentFunction): void {
    new EventSourceMapping(this, 'mapping', {
      target: consumer.live,
      eventSourceArn: this.queue.queueArn,
      // A batch lasts as long as its slowest receiver, mostly 5 s where any is slow: what comes in a second goes together,
      // so that in the busiest sale, 100 events a second, some 25 executions hold all that is under way. The rest of the
      // account's executions are the payments'.
      batchSize: 50,
      maxBatchingWindow: Duration.seconds(1),
      reportBatchItemFailures: true,
      maxConcurrency: 50,
    });
  }
}
