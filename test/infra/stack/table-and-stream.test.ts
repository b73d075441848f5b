import { describe, expect, it } from 'vitest';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { ANNOUNCE_MS } from '../../../lib/orders/schedule.ts';
import { type WorkKind, workShard } from '../../../lib/store/keys.ts';
import { chinaStage } from './stage.ts';
import {
  parameterBehind,
  render,
  resourceOf,
  resourcesIn,
  resourcesOf,
  stage,
  streamMapping,
  templates,
} from './template-reader.ts';

describe('the table', () => {
  const table = resourceOf('AWS::DynamoDB::Table');

  it('outlives its stack, cannot be deleted and can be restored to any second', () => {
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    });
  });

  it('has a name of its own, by which the service stack knows it without an export that locks both', () => {
    expect(table.Properties).toMatchObject({ TableName: `settle-${stage}` });
    expect(Object.values(templates.data.Outputs)).toEqual([{ Value: { Ref: expect.any(String) } }]);
    expect(JSON.stringify(templates.service)).not.toContain('Fn::ImportValue');
    const { Properties: parameter } = resourceOf('AWS::SSM::Parameter');
    expect(parameter['Name']).toBe(`/settle/${stage}/table-stream-arn`);
    expect(render(parameter['Value'])).toBe('<table.StreamArn>');
  });

  it('is in the one stack and all that can be made again in the other', () => {
    const stateful = ['AWS::DynamoDB::Table', 'AWS::SSM::Parameter'];
    expect(Object.values(templates.data.Resources).map(({ Type }) => Type)).toEqual(stateful);
    for (const type of stateful) expect(resourcesIn(templates.service, type)).toEqual([]);
  });

  it('is paid by request, streams both images and lets expired items go', () => {
    expect(table.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  it('has its keys and the five indexes, all of strings', () => {
    const keys = (partition: string, sort: string) => [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ];
    const Projection = { ProjectionType: 'ALL' };
    // Else what an item owes and what of it went back would be written to them as well.
    const entry = { ProjectionType: 'INCLUDE' };
    expect(table.Properties).toMatchObject({
      KeySchema: keys('pk', 'sk'),
      GlobalSecondaryIndexes: [
        { IndexName: 'work', KeySchema: keys('work', 'work_due'), Projection },
        { IndexName: 'debit', KeySchema: keys('debit', 'booked_at'), Projection: entry },
        { IndexName: 'credit', KeySchema: keys('credit', 'booked_at'), Projection: entry },
        { IndexName: 'exception', KeySchema: keys('exception_shard', 'recorded_at'), Projection },
        {
          IndexName: 'listing',
          KeySchema: keys('listing', 'listed_at'),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    });
    const attributes = table.Properties['AttributeDefinitions'] as { readonly AttributeType: string }[];
    expect(new Set(attributes.map(({ AttributeType }) => AttributeType))).toEqual(new Set(['S']));
  });
});

describe('the event source mapping', () => {
  const { Properties: mapping } = streamMapping;

  it('feeds the consumer with what is written from then on, one message for many records', () => {
    expect(parameterBehind(templates.service, mapping['EventSourceArn'])).toBe(
      `/settle/${stage}/table-stream-arn`,
    );
    expect(render(mapping['FunctionName'])).toBe('<notifywecomAliaslive.6>:live');
    expect(mapping).toMatchObject({
      // What a service before this one announced is still in the stream.
      StartingPosition: 'LATEST',
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 3,
    });
  });

  it('retries within bounds, parts the good records from the bad ones and reports what is given up', () => {
    expect(mapping).toMatchObject({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 3 });
    // Whatever the consumer cannot do, it leaves to the sweep.
    expect(mapping).not.toHaveProperty('FunctionResponseTypes');
    const { OnFailure } = mapping['DestinationConfig'] as { OnFailure: { Destination: unknown } };
    expect(render(OnFailure.Destination)).toBe('<announcementsfailedbatches.Arn>');
    const failedBatches = resourcesOf('AWS::SQS::Queue').find(
      ({ name }) => name === 'announcementsfailedbatches',
    );
    expect(failedBatches?.Properties).toEqual({
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
  });

  it('is measured where AWS measures mappings, which it does not in China', () => {
    expect(mapping['MetricsConfig']).toEqual({ Metrics: ['EventCount'] });
    const inChina = resourcesIn(synthesizeStage(chinaStage).service, 'AWS::Lambda::EventSourceMapping');
    expect(inChina).toHaveLength(2);
    for (const { Properties } of inChina) expect(Properties).not.toHaveProperty('MetricsConfig');
  });

  it('leaves to the sweep what is due to it', () => {
    expect(mapping['MaximumRecordAgeInSeconds']).toBe(ANNOUNCE_MS / 1_000);
  });

  it('lets through new images that owe an announcement, and no others', () => {
    const { Filters } = mapping['FilterCriteria'] as { Filters: { Pattern: string }[] };
    expect(Filters).toHaveLength(1);
    const pattern: unknown = JSON.parse(Filters[0]?.Pattern ?? '');
    const either = [{ prefix: expect.any(String) }, { prefix: expect.any(String) }];
    expect(pattern).toEqual({ dynamodb: { NewImage: { work: { S: either } } } });
    const passes = (kind: WorkKind) =>
      (pattern as Pattern).dynamodb.NewImage.work.S.some(({ prefix }) =>
        workShard(kind, 'mall-1').startsWith(prefix),
      );
    expect([passes('alert'), passes('notify'), passes('check'), passes('parked')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

interface Pattern {
  readonly dynamodb: { readonly NewImage: { readonly work: { readonly S: { readonly prefix: string }[] } } };
}
