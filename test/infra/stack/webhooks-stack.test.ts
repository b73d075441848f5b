import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  deliveryRelease,
  endpoints,
  eventPublisher,
  functions,
  inStack,
  routesOf,
  webhookDeliverer,
} from '../../../infra/endpoints.ts';
import { compileFilters } from '../../../infra/local/event-pattern.ts';
import { deliverBatch } from '../../../infra/local/stream/deliver-batch.ts';
import { readEventSourceSettings } from '../../../infra/local/stream/settings.ts';
import { EVENT_SOURCE } from '../../../lib/event-bus.ts';
import type { EventMark } from '../../../lib/orders/change.ts';
import { deliveryIndexes } from '../../../lib/store/delivery-table.ts';
import { toItem } from '../../../lib/store/items.ts';
import { partitionKey, sortKey, timeToLiveAttribute } from '../../../lib/store/table.ts';
import { shopOrder } from '../../support/orders.ts';
import { record } from '../local/stream/records.ts';
import { fullStage, testStage } from './stage.ts';
import { logicalName, parameterBehind, render, resourcesIn, stage, theOnly } from './template-reader.ts';
import {
  synthesizeWithWebhooks,
  webhookResource,
  webhookResources,
  withWebhooks,
} from './webhooks-template.ts';

const { webhooks, service } = withWebhooks;
const webhookFunctions = inStack(functions, 'webhooks');
const webhookEndpoints = inStack(endpoints, 'webhooks');

const HOUR_MS = 3_600_000;

/** The settings of the mapping that feeds a function. */
const mappingOf = ({ name }: { readonly name: string }) => {
  const found = webhookResources('AWS::Lambda::EventSourceMapping').find(
    ({ Properties }) => render(Properties['FunctionName']) === `<${logicalName(name)}Aliaslive.6>:live`,
  );
  return found?.Properties ?? {};
};
const queueNamed = (name: string) => webhookResource('AWS::SQS::Queue', name).Properties;

describe('a stage with webhooks', () => {
  it('has a service stack that sets what the webhooks stack has to know, and is otherwise the same', () => {
    const parameters = resourcesIn(service, 'AWS::SSM::Parameter').map(({ Properties }) => [
      Properties['Name'],
      render(Properties['Value']),
    ]);
    expect(parameters).toEqual([
      [`/settle/${stage}/api-id`, '<api>'],
      [`/settle/${stage}/mail-topic-arn`, '<alarmstopic>'],
    ]);
  });

  it('has no export that would lock one of its stacks', () => {
    expect(JSON.stringify(withWebhooks)).not.toMatch(/Fn::ImportValue|"Export"/);
  });
});

describe('the functions of webhooks', () => {
  it('are those that the table of endpoints has in this stack, each with its version called', () => {
    const aliases = webhookResources('AWS::Lambda::Alias').map(({ name }) => name);
    expect(aliases).toEqual(webhookFunctions.map(({ name }) => `${logicalName(name)}Aliaslive`));
  });

  it.each(webhookFunctions)('$name is told of what its line names, and of nothing else', (line) => {
    const { Properties } = webhookResource('AWS::Lambda::Function', logicalName(line.name));
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const variables = Object.entries(Variables).map(([variable, value]) => [variable, render(value)]);
    expect(Object.fromEntries(variables)).toEqual({
      STAGE: stage,
      TABLE_NAME: `settle-${stage}`,
      PUBLIC_URL: expect.stringMatching(
        /^https:\/\/<.*apiid.*>\.execute-api\.eu-central-1\.<AWS::URLSuffix>$/,
      ),
      ...(line.deliveries && { DELIVERIES_TABLE: '<deliveries>' }),
      ...(line.webhookQueue && { WEBHOOK_QUEUE_URL: '<deliveryqueue>' }),
      ...(line.bus && { EVENT_BUS_NAME: '<bus>' }),
    });
  });

  it('are told the address of the stage where it has its own', () => {
    const [any] = resourcesIn(synthesizeWithWebhooks(fullStage).webhooks, 'AWS::Lambda::Function');
    expect(any?.Properties['Environment']).toMatchObject({
      Variables: { PUBLIC_URL: `https://${fullStage.domain?.name}` },
    });
  });

  it('have the time that they need', () => {
    const timeouts = webhookResources('AWS::Lambda::Function').map(({ name, Properties }) => [
      name,
      Properties['Timeout'],
    ]);
    expect(Object.fromEntries(timeouts)).toEqual({
      ...Object.fromEntries(webhookEndpoints.map(({ name }) => [logicalName(name), 20])),
      [logicalName(eventPublisher.name)]: 60,
      // An attempt has 5 s.
      [logicalName(webhookDeliverer.name)]: 30,
      [logicalName(deliveryRelease.name)]: 58,
    });
  });

  it('that answer requests are deployed gradually, as the others are', () => {
    const groups = webhookResources('AWS::CodeDeploy::DeploymentGroup');
    expect(groups.map(({ name, Properties }) => [name, Properties['DeploymentConfigName']])).toEqual(
      webhookEndpoints.map(({ name }) => [
        `deployment${logicalName(name)}group`,
        'CodeDeployDefault.LambdaCanary10Percent10Minutes',
      ]),
    );
  });
});

describe('the routes of webhooks', () => {
  it('are added to the API of the service, which its stack makes known', () => {
    const routes = webhookResources('AWS::ApiGatewayV2::Route');
    expect(routes.map(({ Properties }) => Properties['RouteKey'])).toEqual(
      webhookEndpoints.flatMap((endpoint) =>
        routesOf(endpoint).map(({ method, path }) => `${method} ${path}`),
      ),
    );
    const integrations = webhookResources('AWS::ApiGatewayV2::Integration');
    for (const { Properties } of [...routes, ...integrations]) {
      expect(parameterBehind(webhooks, Properties['ApiId'])).toBe(`/settle/${stage}/api-id`);
    }
    expect(integrations.map(({ Properties }) => render(Properties['IntegrationUri']))).toEqual(
      webhookEndpoints.map(({ name }) => `<${logicalName(name)}Aliaslive>`),
    );
    for (const { Properties } of integrations) expect(Properties['PayloadFormatVersion']).toBe('2.0');
  });

  it('are none of the service stack, whose limits for single routes name none of them', () => {
    const text = JSON.stringify(service);
    for (const { path } of webhookEndpoints) expect(text).not.toContain(path);
  });
});

describe('the bus', () => {
  it('is one of the stage', () => {
    expect(webhookResource('AWS::Events::EventBus').Properties).toEqual({ Name: `settle-${stage}` });
  });

  it('is fed from all that the stream still holds, for as long as that is', () => {
    const mapping = mappingOf(eventPublisher);
    expect(parameterBehind(webhooks, mapping['EventSourceArn'])).toBe(`/settle/${stage}/table-stream-arn`);
    expect(mapping).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 24 * 3_600,
      MaximumRetryAttempts: -1,
    });
  });

  it('gets what was written while it was down for most of a day', async () => {
    let now = 0;
    const became: string[] = [];
    await deliverBatch([record(1)], {
      settings: readEventSourceSettings(webhooks),
      invoke: async () => {
        if (now < 23 * HOUR_MS) throw new Error('it is down');
        became.push('taken');
      },
      discard: ({ condition }) => became.push(condition),
      now: () => now,
      sleep: async (duration_ms) => {
        now += duration_ms;
      },
    });
    expect(became).toEqual(['taken']);
  });

  it('leaves a signal of what was given up for two weeks', () => {
    const { OnFailure } = mappingOf(eventPublisher)['DestinationConfig'] as {
      OnFailure: { Destination: unknown };
    };
    expect(render(OnFailure.Destination)).toBe('<eventsfailedbatches.Arn>');
    expect(queueNamed('eventsfailedbatches')).toEqual({
      MessageRetentionPeriod: 14 * 24 * 3_600,
      SqsManagedSseEnabled: true,
    });
  });

  it('gets the items whose write is to be told of, and no others', () => {
    const { Filters } = mappingOf(eventPublisher)['FilterCriteria'] as { Filters: { Pattern: string }[] };
    const passes = compileFilters(Filters.map(({ Pattern }) => JSON.parse(Pattern)));
    const imageOf = (events?: readonly EventMark[]) => ({
      dynamodb: {
        NewImage: marshall(
          toItem('mall-1', {
            put: 'order',
            record: shopOrder(),
            ...(events && { marks: { at: '', events } }),
          }),
        ),
      },
    });
    expect(passes(imageOf([{ type: 'order.paid', payment: null }]))).toBe(true);
    expect(passes(imageOf())).toBe(false);
    // What a write before has left in the old image counts for nothing.
    expect(passes({ dynamodb: { OldImage: imageOf([{ type: 'order.paid' }]).dynamodb.NewImage } })).toBe(
      false,
    );
  });
});

describe('the queue of deliveries', () => {
  const rule = webhookResources('AWS::Events::Rule').find(({ name }) => name === 'deliveryrule')?.Properties;

  it('gets every event of this system on the bus, in the group of its owner', () => {
    expect(rule).toMatchObject({ EventPattern: { source: [EVENT_SOURCE] }, State: 'ENABLED' });
    expect(render(rule?.['EventBusName'])).toBe('<bus>');
    const target = theOnly(rule?.['Targets'] as readonly RuleTarget[], 'target');
    expect(render(target.Arn)).toBe('<deliveryqueue.Arn>');
    expect(target.SqsParameters).toEqual({ MessageGroupId: '$.detail.owner' });
    expect(render(target.DeadLetterConfig.Arn)).toBe('<deliverydeadletters.Arn>');
    // The event as it is, tried for a day.
    expect(Object.keys(target).toSorted()).toEqual(['Arn', 'DeadLetterConfig', 'Id', 'SqsParameters']);
  });

  it('is a standard one, sealed, and hides a message while a run can still be at it', () => {
    expect(queueNamed('deliveryqueue')).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3_600,
      VisibilityTimeout: 6 * 30,
      RedrivePolicy: { deadLetterTargetArn: expect.anything(), maxReceiveCount: 5 },
    });
    const { deadLetterTargetArn } = queueNamed('deliveryqueue')['RedrivePolicy'] as Record<string, unknown>;
    expect(render(deadLetterTargetArn)).toBe('<deliverydeadletters.Arn>');
    expect(queueNamed('deliverydeadletters')).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3_600,
    });
  });

  it('feeds its function in batches, fifty at once, and one message that fails comes again alone', () => {
    const mapping = mappingOf(webhookDeliverer);
    expect(render(mapping['EventSourceArn'])).toBe('<deliveryqueue.Arn>');
    expect(mapping).toMatchObject({
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 1,
      ScalingConfig: { MaximumConcurrency: 50 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('is looked after every minute', () => {
    const schedule = webhookResources('AWS::Events::Rule').find(({ name }) => name === 'releaseschedule');
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } }],
    });
  });
});

interface RuleTarget {
  readonly Arn: unknown;
  readonly SqsParameters: unknown;
  readonly DeadLetterConfig: { readonly Arn: unknown };
}

describe('the table of deliveries', () => {
  const table = webhookResource('AWS::DynamoDB::Table');

  it('is the one that the code knows, without a stream', () => {
    const keys = (partition: string, sort: string) => [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ];
    expect(table.Properties).toMatchObject({
      TableName: `settle-${stage}-deliveries`,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: Object.values(deliveryIndexes).map((index) => ({
        IndexName: index.name,
        KeySchema: keys(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
      TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
    });
    expect(table.Properties).not.toHaveProperty('StreamSpecification');
  });

  it('outlives a protected stage, and goes with any other', () => {
    const kept = (isProtected: boolean) => {
      const template = synthesizeWithWebhooks({ ...testStage, protected: isProtected }).webhooks;
      const [found] = resourcesIn(template, 'AWS::DynamoDB::Table');
      return [found?.DeletionPolicy, found?.Properties['DeletionProtectionEnabled']];
    };
    expect(kept(true)).toEqual(['Retain', true]);
    expect(kept(false)).toEqual(['Delete', false]);
  });
});

describe('the webhooks stack', () => {
  it('puts out what commands need to find', () => {
    const outputs = Object.entries(webhooks.Outputs).map(([name, { Value }]) => [name, render(Value)]);
    expect(Object.fromEntries(outputs)).toEqual({
      EventBusName: '<bus>',
      DeliveriesTableName: '<deliveries>',
      DeliveryQueueUrl: '<deliveryqueue>',
      FailedBatchesUrl: '<eventsfailedbatches>',
    });
  });

  it('opens no way to this machine, which only the local system has', () => {
    expect(JSON.stringify(withWebhooks)).not.toContain('WEBHOOK_LOOPBACK');
  });
});
