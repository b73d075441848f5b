import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Schedule } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DeliveryQueue } from '../constructs/delivery-queue.ts';
import { DeliveryTable } from '../constructs/delivery-table.ts';
import { DomainEventSource } from '../constructs/domain-event-source.ts';
import { FunctionSchedule, leftToTheNext } from '../constructs/function-schedule.ts';
import { GradualDeployment } from '../constructs/gradual-deployment.ts';
import { PaymentAlarms } from '../constructs/payment-alarms.ts';
import { addRoutes, apiTimeout } from '../constructs/payment-api.ts';
import { PaymentFunction, type PaymentFunctionProps } from '../constructs/payment-function.ts';
import { WebhooksDashboard } from '../constructs/webhooks-dashboard.ts';
import {
  deliveryRelease,
  type Endpoint,
  endpoints,
  eventPublisher,
  type FunctionDefinition,
  inStack,
  webhookDeliverer,
} from '../endpoints.ts';
import type { MonitoredWebhooks } from '../monitoring/monitored.ts';
import { webhookAlarms } from '../monitoring/webhook-alarms.ts';
import type { Stage } from '../stages.ts';
import { type ReferredService, referToService } from './service-reference.ts';
import { stackProps } from './stack-props.ts';
import { deliveriesTableName } from './table-name.ts';
import { referToTable } from './table-reference.ts';

/** Ten puts of ten events, each with its attempts. */
const publishTimeout = Duration.minutes(1);

/** An attempt has 5 s; the rest is for reading and storing, each with its own retries. */
const deliverTimeout = Duration.seconds(30);
/** It waits for receivers, most of its time. */
const deliverMemory_MB = 512;

/** As the sweep's: a run a minute. */
const releaseTimeout = Duration.seconds(58);

/**
 * What tells the shop: a bus of the stage with its domain events, and webhooks that take them from there. It reads the
 * table's stream, adds routes to the service's API, and nothing of the service knows it: without this stack, or while
 * it fails, payments are taken as ever.
 */
export class WebhooksStack extends Stack {
  readonly #stage: Stage;
  readonly #table: ITable;
  readonly #service: ReferredService;
  readonly #bus: EventBus;
  readonly #deliveries: DeliveryTable;
  readonly #queue: DeliveryQueue;
  readonly #functions = new Map<string, PaymentFunction>();

  constructor(scope: Construct, stage: Stage) {
    super(scope, `settle-${stage.name}-webhooks`, stackProps(stage, 'webhooks'));
    this.#service = referToService(this, stage);
    this.#stage = stage;
    this.#table = referToTable(this, 'table', stage.name);
    this.#bus = new EventBus(this, 'bus', { eventBusName: `settle-${stage.name}` });
    this.#deliveries = new DeliveryTable(this, 'deliveries', {
      tableName: deliveriesTableName(stage.name),
      protected: stage.protected,
    });
    this.#queue = new DeliveryQueue(this, 'delivery', { bus: this.#bus, consumerTimeout: deliverTimeout });
    const deployment = new GradualDeployment(this, 'deployment', stage);
    const canaryAlarms = inStack(endpoints, 'webhooks').map((endpoint) =>
      this.#addEndpoint(endpoint, deployment),
    );
    const { failedBatches } = new DomainEventSource(this, 'events', {
      table: this.#table,
      consumer: this.#addFunction(eventPublisher, publishTimeout),
    });
    this.#queue.feed(this.#addFunction(webhookDeliverer, deliverTimeout, { memorySize: deliverMemory_MB }));
    const releaseSchedule = new FunctionSchedule(this, 'release-schedule', {
      handler: this.#addFunction(deliveryRelease, releaseTimeout),
      schedule: Schedule.rate(Duration.minutes(1)),
      after: leftToTheNext,
    });
    this.#addOutputs(failedBatches);
    const monitored: MonitoredWebhooks = {
      stage: stage.name,
      functions: this.#functions,
      failedBatches,
      deliveriesTable: this.#deliveries,
      deliveries: this.#queue,
      releaseSchedule,
    };
    const { alarms } = new PaymentAlarms(this, 'alarms', {
      stage: stage.name,
      definitions: webhookAlarms(monitored),
      canaryAlarms,
      targets: stage.alarms,
      mailTopicArn: this.#service.mailTopicArn,
    });
    new WebhooksDashboard(this, 'dashboard', { monitored, alarms });
  }

  #addEndpoint(endpoint: Endpoint, deployment: GradualDeployment): Alarm {
    const handler = this.#addFunction(endpoint, apiTimeout);
    addRoutes(this, this.#service.api, endpoint, handler.live);
    return deployment.add(endpoint.name, handler);
  }

  #addFunction(
    definition: FunctionDefinition,
    timeout: Duration,
    options: Pick<PaymentFunctionProps, 'memorySize'> = {},
  ): PaymentFunction {
    const added = new PaymentFunction(this, definition.name, {
      ...options,
      definition,
      stage: this.#stage,
      timeout,
      table: this.#table,
      resources: { deliveries: this.#deliveries, webhookQueue: this.#queue.queue, bus: this.#bus },
      publicUrl: this.#service.address,
    });
    this.#functions.set(definition.name, added);
    return added;
  }

  #addOutputs(failedBatches: IQueue): void {
    new CfnOutput(this, 'EventBusName', { value: this.#bus.eventBusName });
    new CfnOutput(this, 'DeliveriesTableName', { value: this.#deliveries.tableName });
    new CfnOutput(this, 'DeliveryQueueUrl', { value: this.#queue.queue.queueUrl });
    new CfnOutput(this, 'FailedBatchesUrl', { value: failedBatches.queueUrl });
  }
}
