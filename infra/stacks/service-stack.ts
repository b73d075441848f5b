import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { AnnouncementSource } from '../constructs/announcement-source.ts';
import { GradualDeployment } from '../constructs/gradual-deployment.ts';
import type { MonitoredStage } from '../constructs/monitored.ts';
import { PaymentAlarms } from '../constructs/payment-alarms.ts';
import { PaymentApi } from '../constructs/payment-api.ts';
import { PaymentDashboard } from '../constructs/payment-dashboard.ts';
import { PaymentFunction, type PaymentFunctionProps } from '../constructs/payment-function.ts';
import { SweepSchedule } from '../constructs/sweep-schedule.ts';
import {
  callbackOutput,
  type Endpoint,
  endpoints,
  type FunctionDefinition,
  streamConsumer,
  sweep,
} from '../endpoints.ts';
import type { Stage } from '../stages.ts';
import { stackProps } from './stack-props.ts';
import { referToTable } from './table-reference.ts';

/** A provider waits 5 s for its answer; the rest is for finishing what is under way. */
const callbackTimeout = Duration.seconds(10);
/** Room for the slowest calls to a provider, inside the API's own 30 s. */
const apiTimeout = Duration.seconds(20);
/** A message to WeCom, then the mark on each of a batch's items. */
const consumerTimeout = Duration.seconds(60);

/** A run begins nothing new after 40 s; the rest is for the calls that are under way. */
const sweepTimeout = Duration.seconds(58);

/**
 * What can be deleted and made again: functions, API, schedule. It names the stage's table and its five secrets,
 * `settle/<stage>/<name>`, and owns none of them.
 */
export class ServiceStack extends Stack {
  readonly #stage: Stage;
  readonly #table: ITable;
  readonly #api: PaymentApi;
  readonly #functions = new Map<string, PaymentFunction>();

  constructor(scope: Construct, stage: Stage) {
    super(scope, `settle-${stage.name}`, stackProps(stage, 'service'));
    this.#stage = stage;
    this.#table = referToTable(this, 'table', stage.name);
    this.#api = new PaymentApi(this, 'api', stage);
    const deployment = new GradualDeployment(this, 'deployment', stage);
    const canaryAlarms = endpoints.map((endpoint) => this.#addEndpoint(endpoint, deployment));
    // A new version of the next two takes over at once: with a run a minute, a tenth of the traffic shows nothing,
    // and what fails is made up for by the next run.
    const { failedBatches } = new AnnouncementSource(this, 'announcements', {
      table: this.#table,
      consumer: this.#addFunction(streamConsumer, consumerTimeout),
    });
    const sweepSchedule = new SweepSchedule(this, 'sweep-schedule', this.#addSweep());
    this.#addOutputs();
    const monitored: MonitoredStage = {
      stage: stage.name,
      functions: this.#functions,
      api: this.#api,
      table: this.#table,
      failedBatches,
      sweepSchedule,
      canaryAlarms,
    };
    const { alarms } = new PaymentAlarms(this, 'alarms', { monitored, targets: stage.alarms });
    new PaymentDashboard(this, 'dashboard', { monitored, alarms });
  }

  #addEndpoint(endpoint: Endpoint, deployment: GradualDeployment): Alarm {
    const handler = this.#addFunction(endpoint, endpoint.callback ? callbackTimeout : apiTimeout);
    this.#api.route(endpoint, handler.live);
    return deployment.add(endpoint.name, handler);
  }

  #addSweep(): PaymentFunction {
    return this.#addFunction(
      sweep,
      sweepTimeout,
      this.#stage.reserveSweep ? { reservedConcurrentExecutions: 1 } : {},
    );
  }

  #addFunction(
    definition: FunctionDefinition,
    timeout: Duration,
    options: Pick<PaymentFunctionProps, 'reservedConcurrentExecutions'> = {},
  ): PaymentFunction {
    const added = new PaymentFunction(this, definition.name, {
      ...options,
      definition,
      stage: this.#stage,
      timeout,
      table: this.#table,
      publicUrl: this.#api.address,
    });
    this.#functions.set(definition.name, added);
    return added;
  }

  #addOutputs(): void {
    const { address, domain } = this.#api;
    new CfnOutput(this, 'ApiUrl', { value: address });
    new CfnOutput(this, 'TableName', { value: this.#table.tableName });
    if (domain) new CfnOutput(this, 'DomainTarget', { value: domain.regionalDomainName });
    for (const endpoint of endpoints) {
      if (endpoint.callback)
        new CfnOutput(this, callbackOutput(endpoint), { value: address + endpoint.path });
    }
  }
}
