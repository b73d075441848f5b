import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { PaymentFunction } from './payment-function.ts';

/** A run that failed, was held back or came late is made up for by the next: it is neither repeated nor kept. */
const atMostOnce = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

/** Runs the sweep every minute. EventBridge hands an event over, Lambda keeps and repeats it: both are told not to. */
export class SweepSchedule extends Rule {
  constructor(scope: Construct, id: string, { live }: PaymentFunction) {
    live.configureAsyncInvoke(atMostOnce);
    super(scope, id, {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(live, atMostOnce)],
    });
  }
}
