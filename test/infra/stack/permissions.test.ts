import { describe, expect, it } from 'vitest';
import {
  digest,
  endpoints,
  type FunctionDefinition,
  functions,
  queueConsumer,
  type ReadableDocuments,
  reconciliationStart,
  routesOf,
  streamConsumer,
  sweep,
} from '../../../infra/endpoints.ts';
import { providers } from '../../../lib/orders/kinds.ts';
import { tableIndexes } from '../../../lib/store/table.ts';
import { logicalName, render, resourcesOf, stage, streamMapping } from './template-reader.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const statementsOf = (document: unknown) => (document as { Statement: Statement[] }).Statement;

const policies = resourcesOf('AWS::IAM::Policy').map(({ Properties }) => ({
  roles: listOf(Properties['Roles']).map(render),
  allowed: statementsOf(Properties['PolicyDocument']).flatMap((statement) =>
    listOf(statement.Action).flatMap((action) =>
      listOf(statement.Resource).map((resource) => `${statement.Effect} ${action} ${render(resource)}`),
    ),
  ),
}));

const arn = (service: string) => `arn:<AWS::Partition>:${service}:eu-central-1:<AWS::AccountId>`;
const tableArn = `${arn('dynamodb')}:table/settle-${stage}`;
/** X-Ray's actions take no resource. */
const tracing = ['Allow xray:PutTelemetryRecords *', 'Allow xray:PutTraceSegments *'];

/** What a function's line in the table of endpoints says that it may do, its log and its traces. */
function permissionsOf(definition: FunctionDefinition): string[] {
  const { name, documents, table, indexes = [], queue = [] } = definition;
  const log = `<${logicalName(name)}logs.Arn>`;
  const secrets = `${arn('secretsmanager')}:secret`;
  return [
    `Allow logs:CreateLogStream ${log}`,
    `Allow logs:PutLogEvents ${log}`,
    ...tracing,
    ...table.map((action) => `Allow dynamodb:${action} ${tableArn}`),
    ...indexes.map((index) => `Allow dynamodb:Query ${tableArn}/index/${tableIndexes[index].name}`),
    ...queue.map((action) => `Allow sqs:${action} <reconciliationqueue.Arn>`),
    ...documents
      .flatMap((document) => resourcesOfDocument(document, documents))
      .map((resource) => `Allow secretsmanager:GetSecretValue ${secrets}:settle/${stage}/${resource}`),
  ];
}

function resourcesOfDocument(document: ReadableDocuments, all: readonly ReadableDocuments[]): string[] {
  if (document === 'tenants') return ['tenants/*'];
  if (document !== 'former') return [document, `${document}-??????`];
  return providers.filter((provider) => all.includes(provider)).map((provider) => `merchants/${provider}/*`);
}

const streamArn = render(streamMapping.Properties['EventSourceArn']);

const forReadingTheStream = [
  `Allow dynamodb:DescribeStream ${streamArn}`,
  `Allow dynamodb:GetRecords ${streamArn}`,
  `Allow dynamodb:GetShardIterator ${streamArn}`,
  // It takes no resource.
  'Allow dynamodb:ListStreams *',
  'Allow sqs:SendMessage <announcementsfailedbatches.Arn>',
  'Allow sqs:GetQueueAttributes <announcementsfailedbatches.Arn>',
  'Allow sqs:GetQueueUrl <announcementsfailedbatches.Arn>',
];

function allowedTo({ name }: FunctionDefinition): string[] {
  const role = `<${logicalName(name)}role>`;
  return policies.filter(({ roles }) => roles.includes(role)).flatMap(({ allowed }) => allowed);
}

describe('permissions', () => {
  const scheduled = [sweep, reconciliationStart, digest];

  it.each([...endpoints, ...scheduled, queueConsumer])(
    '$name may do what its line names, write its own log, and nothing else',
    (line) => {
      expect(allowedTo(line).toSorted()).toEqual(permissionsOf(line).toSorted());
    },
  );

  it('the sweep reads orders and what is due of the work index, and nothing else of any index', () => {
    expect(allowedTo(sweep).filter((permission) => permission.includes(':Query '))).toEqual([
      `Allow dynamodb:Query ${tableArn}`,
      `Allow dynamodb:Query ${tableArn}/index/work`,
    ]);
  });

  it('what tenants have of their own is closed to what takes and pays the orders of shops', () => {
    const readers = functions.filter((line) => allowedTo(line).some((one) => one.endsWith('/tenants/*')));
    expect(readers.map(({ name }) => name)).toEqual([
      ...['checkout', 'alipay-callback', 'stripe-callback', 'wechat-callback', 'get-order'],
      ...['close-order', 'refund', 'resolve-exception', 'repair-refund', 'sweep', 'reconcile'],
    ]);
  });

  it('what is kept of merchants of before is read at the providers that a function has to do with', () => {
    const kept = (name: string) =>
      functions
        .filter((line) => line.name === name)
        .flatMap(allowedTo)
        .flatMap((one) => /merchants\/.*/.exec(one)?.[0] ?? []);
    expect(kept('wechat-notify')).toEqual(['merchants/wechat/*']);
    expect(kept('stripe-callback')).toEqual(['merchants/stripe/*']);
    expect(kept('sweep').toSorted()).toEqual([
      ...['merchants/alipay/*', 'merchants/stripe/*', 'merchants/wechat/*'],
    ]);
    expect(kept('start-reconciliation')).toEqual([]);
  });

  it('messages of the queue are taken by one function, and put there by two', () => {
    const allowed = (action: string) =>
      functions.filter((line) => allowedTo(line).includes(`Allow sqs:${action} <reconciliationqueue.Arn>`));
    expect(allowed('ReceiveMessage')).toEqual([queueConsumer]);
    expect(allowed('SendMessage')).toEqual([reconciliationStart, queueConsumer]);
  });

  it('an order is looked for among its own items, not in an index', () => {
    const readers = endpoints.filter(
      ({ table, indexes = [] }) => table.includes('Query') && indexes.length === 0,
    );
    expect(readers.map(({ name }) => name)).toContain('refund');
    for (const reader of readers) {
      expect(allowedTo(reader).filter((permission) => permission.includes(':Query '))).toEqual([
        `Allow dynamodb:Query ${tableArn}`,
      ]);
    }
  });

  it('the stream consumer may read the stream and report failed batches besides', () => {
    expect(allowedTo(streamConsumer).toSorted()).toEqual(
      [...permissionsOf(streamConsumer), ...forReadingTheStream].toSorted(),
    );
  });

  it('each function has a role of its own that only Lambda can take', () => {
    expect(resourcesOf('AWS::Lambda::Function').map(({ Properties }) => render(Properties['Role']))).toEqual(
      functions.map(({ name }) => `<${logicalName(name)}role.Arn>`),
    );
    expect(policies.flatMap(({ roles }) => roles)).toEqual(
      functions.map(({ name }) => `<${logicalName(name)}role>`),
    );
    const roles = resourcesOf('AWS::IAM::Role').filter(({ name }) => name !== 'deploymentrole');
    for (const { Properties } of roles) {
      expect(Properties).toEqual({ AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') });
    }
  });

  it('deployments have a role besides, that only CodeDeploy can take', () => {
    const { Properties } = resourcesOf('AWS::IAM::Role').find(({ name }) => name === 'deploymentrole') ?? {};
    expect(Properties?.['AssumeRolePolicyDocument']).toEqual(assumedBy('codedeploy.amazonaws.com'));
    const { ManagedPolicyArns: managed = [] } = Properties ?? {};
    expect((managed as readonly unknown[]).map(render)).toEqual([
      'arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited',
    ]);
  });

  it('only the API may invoke an endpoint, only by its own path, and only its schedule what runs by one', () => {
    const permissions = resourcesOf('AWS::Lambda::Permission').map(({ Properties }) => [
      Properties['Principal'],
      render(Properties['FunctionName']),
      render(Properties['SourceArn']),
    ]);
    const api = `${arn('execute-api')}:<api>`;
    expect(permissions).toEqual([
      ...endpoints.flatMap((endpoint) =>
        routesOf(endpoint).map(({ path }) => [
          'apigateway.amazonaws.com',
          `<${logicalName(endpoint.name)}Aliaslive>`,
          `${api}/*/*${path}`,
        ]),
      ),
      ['events.amazonaws.com', '<sweepAliaslive>', '<sweepschedule.Arn>'],
      ['events.amazonaws.com', '<startreconciliationAliaslive>', '<reconciliationschedule.Arn>'],
      ['events.amazonaws.com', '<senddigestAliaslive>', '<digestschedule.Arn>'],
    ]);
  });

  it('nobody reaches a queue without TLS, and nobody is let in by its policy', () => {
    const ofQueues = resourcesOf('AWS::SQS::QueuePolicy');
    expect(ofQueues).toHaveLength(resourcesOf('AWS::SQS::Queue').length);
    for (const { Properties } of ofQueues) {
      expect(statementsOf(Properties['PolicyDocument'])).toEqual([
        {
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Resource: expect.anything(),
        },
      ]);
    }
  });
});

function assumedBy(Service: string) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
  };
}
