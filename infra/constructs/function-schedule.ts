import { Duration } from 'aws-cdk-lib';
import { Rule, type Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import type { PaymentFunction } from './payment-function.ts';

export interface FunctionScheduleProps {
  readonly handler: PaymentFunction;
  readonly schedule: Schedule;
  /** How a run is made up for that failed, was held back or came late. */
  readonly after: RunPolicy;
}

/** EventBridge hands an event over, Lambda keeps and repeats it: both are told the same. */
export interface RunPolicy {
  readonly retryAttempts: number;
  readonly maxEventAge: Duration;
}

/** The next run makes up for it: it is neither repeated nor kept. */
export const leftToTheNext: RunPolicy = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

/** The next run is a day away: it is made again, within the hour. */
export const madeAgain: RunPolicy = { retryAttempts: 2, maxEventAge: Duration.hours(1) };

/** Runs a function by the clock. */
export class FunctionSchedule extends Rule {
  constructor(scope: Construct, id: string, { handler, schedule, after }: FunctionScheduleProps) {
    const { live } = handler;
    live.configureAsyncInvoke(after);
    super(scope, id, { schedule, targets: [new LambdaFunction(live, after)] });
  }
}
