import { CfnOutput, Duration, Size, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Schedule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { AnnouncementSource } from '../constructs/announcement-source.ts';
import { FunctionSchedule, leftToTheNext, madeAgain } from '../constructs/function-schedule.ts';
import { GradualDeployment } from '../constructs/gradual-deployment.ts';
import { PaymentAlarms } from '../constructs/payment-alarms.ts';
import { apiTimeout, PaymentApi } from '../constructs/payment-api.ts';
import { PaymentDashboard } from '../constructs/payment-dashboard.ts';
import { PaymentFunction, type PaymentFunctionProps } from '../constructs/payment-function.ts';
import { ReconciliationQueue } from '../constructs/reconciliation-queue.ts';
import {
  callbackOutput,
  digest,
  type Endpoint,
  endpoints,
  type FunctionDefinition,
  inStack,
  queueConsumer,
  reconciliationStart,
  streamConsumer,
  sweep,
} from '../endpoints.ts';
import { businessAlarms } from '../monitoring/business-alarms.ts';
import { machineryAlarms } from '../monitoring/machinery-alarms.ts';
import type { MonitoredStage } from '../monitoring/monitored.ts';
import type { Stage } from '../stages.ts';
import { publishService } from './service-reference.ts';
import { stackProps } from './stack-props.ts';
import { referToTable } from './table-reference.ts';

/** A provider waits 5 s for its answer; the rest is for finishing what is under way. */
const callbackTimeout = Duration.seconds(10);
/** A message to WeCom, then the mark on each of a batch's items. */
const consumerTimeout = Duration.seconds(60);

/** A run begins nothing new after 40 s; the rest is for the calls that are under way. */
const sweepTimeout = Duration.seconds(58);

/** A day's state is read for each merchant, and a message sent for what is not finished. */
const startTimeout = Duration.minutes(1);

/** As long as Lambda lets a function run: what a day needs beyond that is done by further runs. */
const reconcileTimeout = Duration.minutes(15);
/** It reads a bill row by row and holds the names of all of them, 20 MB for a million. */
const reconcileMemory_MB = 512;
/** A bill is kept aside until its hash proves it; one of a million rows has 400 MB. */
const reconcileStorage = Size.gibibytes(2);

/** All open exceptions are read, then one message is sent. */
const digestTimeout = Duration.minutes(1);

/**
 * 12:30 in Shanghai, 8 hours ahead of UTC all the year, when WeChat Pay's and Alipay's bills have long been there.
 * Stripe's day ends with UTC's, and is told of on the day after.
 */
const digestTime = Schedule.cron({ minute: '30', hour: '4' });

/**
 * What can be deleted and made again: functions, API, schedules, and a queue that holds nothing for long. It names the
 * stage's table and the secrets below `settle/<stage>/`, whichever of them there are, and owns none of them.
 */
export class ServiceStack extends Stack {
  readonly #stage: Stage;
  readonly #table: ITable;
  readonly #api: PaymentApi;
  readonly #reconciliation: ReconciliationQueue;
  readonly #functions = new Map<string, PaymentFunction>();

  constructor(scope: Construct, stage: Stage) {
    super(scope, `settle-${stage.name}`, stackProps(stage, 'service'));
    this.#stage = stage;
    this.#table = referToTable(this, 'table', stage.name);
    this.#api = new PaymentApi(this, 'api', stage);
    this.#reconciliation = new ReconciliationQueue(this, 'reconciliation', {
      consumerTimeout: reconcileTimeout,
    });
    const deployment = new GradualDeployment(this, 'deployment', stage);
    const canaryAlarms = inStack(endpoints).map((endpoint) => this.#addEndpoint(endpoint, deployment));
    // A new version of all that follow takes over at once: with a run a minute or a day, a tenth of the traffic shows
    // nothing, and what fails is made up for by the next run.
    const { failedBatches } = new AnnouncementSource(this, 'announcements', {
      table: this.#table,
      consumer: this.#addFunction(streamConsumer, consumerTimeout),
    });
    const sweepSchedule = new FunctionSchedule(this, 'sweep-schedule', {
      handler: this.#addSweep(),
      schedule: Schedule.rate(Duration.minutes(1)),
      after: leftToTheNext,
    });
    const dailySchedules = this.#addReconciliation();
    this.#addOutputs();
    const monitored: MonitoredStage = {
      stage: stage.name,
      functions: this.#functions,
      api: this.#api,
      table: this.#table,
      failedBatches,
      reconciliation: this.#reconciliation,
      sweepSchedule,
      dailySchedules,
      canaryAlarms,
    };
    const { alarms, mailTopic } = new PaymentAlarms(this, 'alarms', {
      stage: stage.name,
      definitions: [...businessAlarms(monitored), ...machineryAlarms(monitored)],
      canaryAlarms,
      targets: stage.alarms,
    });
    new PaymentDashboard(this, 'dashboard', { monitored, alarms });
    if (stage.webhooks || stage.console) {
      publishService(this, stage.name, { apiId: this.#api.apiId, mailTopicArn: mailTopic?.topicArn });
    }
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

  /** @returns what starts it, and what tells of it */
  #addReconciliation(): readonly FunctionSchedule[] {
    const start = new FunctionSchedule(this, 'reconciliation-schedule', {
      handler: this.#addFunction(reconciliationStart, startTimeout),
      schedule: Schedule.rate(Duration.hours(1)),
      after: leftToTheNext,
    });
    this.#reconciliation.feed(
      this.#addFunction(queueConsumer, reconcileTimeout, {
        memorySize: reconcileMemory_MB,
        ephemeralStorageSize: reconcileStorage,
      }),
    );
    const tell = new FunctionSchedule(this, 'digest-schedule', {
      handler: this.#addFunction(digest, digestTimeout),
      schedule: digestTime,
      after: madeAgain,
    });
    return [start, tell];
  }

  #addFunction(
    definition: FunctionDefinition,
    timeout: Duration,
    options: Pick<
      PaymentFunctionProps,
      'memorySize' | 'ephemeralStorageSize' | 'reservedConcurrentExecutions'
    > = {},
  ): PaymentFunction {
    const added = new PaymentFunction(this, definition.name, {
      ...options,
      definition,
      stage: this.#stage,
      timeout,
      table: this.#table,
      resources: { queue: this.#reconciliation.queue },
      publicUrl: this.#api.address,
    });
    this.#functions.set(definition.name, added);
    return added;
  }

  #addOutputs(): void {
    const { address, domain } = this.#api;
    new CfnOutput(this, 'ApiUrl', { value: address });
    new CfnOutput(this, 'TableName', { value: this.#table.tableName });
    new CfnOutput(this, 'QueueUrl', { value: this.#reconciliation.queue.queueUrl });
    if (domain) new CfnOutput(this, 'DomainTarget', { value: domain.regionalDomainName });
    for (const endpoint of inStack(endpoints)) {
      if (endpoint.callback)
        new CfnOutput(this, callbackOutput(endpoint), { value: address + endpoint.path });
    }
  }
}
