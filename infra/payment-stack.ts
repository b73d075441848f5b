import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { AnnouncementSource } from './constructs/announcement-source.ts';
import { PaymentApi } from './constructs/payment-api.ts';
import { PaymentFunction } from './constructs/payment-function.ts';
import { PaymentTable } from './constructs/payment-table.ts';
import { type Endpoint, endpoints, type FunctionDefinition, streamConsumer, sweep } from './endpoints.ts';

/** A provider waits 5 s for its answer; the rest is for finishing what is under way. */
const callbackTimeout = Duration.seconds(10);
/** Room for the slowest calls to a provider, inside the API's own 30 s. */
const apiTimeout = Duration.seconds(20);
/** A message to WeCom, then the mark on each of a batch's items. */
const consumerTimeout = Duration.seconds(60);

/** A run begins nothing new after 40 s; the rest is for the calls that are under way. */
const sweepTimeout = Duration.seconds(58);

export interface PaymentStackProps {
  readonly stage: string;
  /** Where providers and clients reach the API when it has a domain of its own; without a slash at its end. */
  readonly publicUrl?: string | undefined;
}

/**
 * Everything of one stage but its five secrets, `settle/<stage>/<name>`: those are there before the stack and
 * outlive it, so it only names them.
 */
export class PaymentStack extends Stack {
  constructor(scope: Construct, { stage, publicUrl }: PaymentStackProps) {
    super(scope, `settle-${stage}`, { description: `Settle: payments, stage ${stage}` });
    const table = new PaymentTable(this, 'table');
    const api = new PaymentApi(this, 'api', { apiName: this.stackName });
    const address = publicUrl ?? api.apiEndpoint;

    const addFunction = (definition: FunctionDefinition, timeout: Duration) =>
      new PaymentFunction(this, definition.name, { definition, stage, timeout, table, publicUrl: address });

    for (const endpoint of endpoints) {
      api.route(endpoint, addFunction(endpoint, endpoint.callback ? callbackTimeout : apiTimeout));
      if (endpoint.callback)
        new CfnOutput(this, callbackOutput(endpoint), { value: address + endpoint.path });
    }
    new AnnouncementSource(this, 'announcements', {
      table,
      consumer: addFunction(streamConsumer, consumerTimeout),
    });
    new Rule(this, 'sweep-schedule', {
      schedule: Schedule.rate(Duration.minutes(1)),
      // A run that fails is made up for by the next.
      targets: [new LambdaFunction(addFunction(sweep, sweepTimeout), { retryAttempts: 0 })],
    });

    new CfnOutput(this, 'ApiUrl', { value: address });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}

/** `wechat-notify` → `WechatNotifyUrl`: the address that is entered at the provider. */
function callbackOutput({ name }: Endpoint): string {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join('')}Url`;
}
