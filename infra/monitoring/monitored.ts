import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** The parts of a stage that its alarms and its dashboard watch. */
export interface MonitoredStage {
  readonly stage: string;
  /** By their names in the table of endpoints. Lambda's metrics of a function count all its versions and aliases. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly api: HttpApi;
  readonly table: ITable | Table;
  /** Batches of the table's stream that were given up. */
  readonly failedBatches: IQueue;
  /** The days that are to be reconciled, and the messages that were set aside. */
  readonly reconciliation: { readonly queue: IQueue; readonly deadLetters: IQueue };
  /** What runs the sweep every minute. */
  readonly sweepSchedule: IRule;
  /** What starts reconciling and sends the digest. */
  readonly dailySchedules: readonly IRule[];
  /** One for each function that is deployed gradually: it rolls the deployment back. */
  readonly canaryAlarms: readonly Alarm[];
}

/** The parts of its webhooks stack. */
export interface MonitoredWebhooks extends Pick<MonitoredStage, 'stage' | 'functions' | 'failedBatches'> {
  readonly deliveriesTable: Table;
  /** The deliveries that are due, and the messages that were set aside. */
  readonly deliveries: { readonly queue: IQueue; readonly deadLetters: IQueue };
  /** What runs the release every minute. */
  readonly releaseSchedule: IRule;
}

/** @throws Error when there is no such function */
export function functionOf({ functions }: Pick<MonitoredStage, 'functions'>, name: string): LambdaFunction {
  const found = functions.get(name);
  if (!found) throw new Error(`there is no function ${name}`);
  return found;
}
