import { describe, expect, it } from 'vitest';
import {
  endpoints,
  type FunctionDefinition,
  functions,
  streamConsumer,
  sweep,
} from '../../../infra/endpoints.ts';
import { logicalName, render, resourceOf, resourcesOf, stage } from './template-reader.ts';

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

/** What a function's line in the table of endpoints says that it may do, and its log. */
function permissionsOf({ name, documents, table, indexes = [] }: FunctionDefinition): string[] {
  const log = `<${logicalName(name)}logs.Arn>`;
  const secrets = 'arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret';
  return [
    `Allow logs:CreateLogStream ${log}`,
    `Allow logs:PutLogEvents ${log}`,
    ...table.map((action) => `Allow dynamodb:${action} <table.Arn>`),
    ...indexes.map((index) => `Allow dynamodb:Query <table.Arn>/index/${index}`),
    ...documents.map(
      (document) => `Allow secretsmanager:GetSecretValue ${secrets}:settle/${stage}/${document}-??????`,
    ),
  ];
}

const forReadingTheStream = [
  'Allow dynamodb:DescribeStream <table.StreamArn>',
  'Allow dynamodb:GetRecords <table.StreamArn>',
  'Allow dynamodb:GetShardIterator <table.StreamArn>',
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
  it.each([...endpoints, sweep])(
    '$name may do what its line names, write its own log, and nothing else',
    (line) => {
      expect(allowedTo(line).toSorted()).toEqual(permissionsOf(line).toSorted());
    },
  );

  it('the sweep reads what is due of the work index, and nothing else of any index', () => {
    expect(allowedTo(sweep).filter((permission) => permission.includes(':Query '))).toEqual([
      'Allow dynamodb:Query <table.Arn>/index/work',
    ]);
  });

  it('a refund is looked for in the items of its order, not in an index', () => {
    const refund = endpoints.filter(({ name }) => name === 'refund');
    expect(refund.flatMap(allowedTo).filter((permission) => permission.includes(':Query '))).toEqual([
      'Allow dynamodb:Query <table.Arn>',
    ]);
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
    for (const { Properties } of resourcesOf('AWS::IAM::Role')) {
      expect(Properties).toEqual({
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
      });
    }
  });

  it('only the API may invoke an endpoint, only by its own path, and only the schedule the sweep', () => {
    const permissions = resourcesOf('AWS::Lambda::Permission').map(({ Properties }) => [
      Properties['Principal'],
      render(Properties['FunctionName']),
      render(Properties['SourceArn']),
    ]);
    const api = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<api>';
    expect(permissions).toEqual([
      ...endpoints.map(({ name, path }) => [
        'apigateway.amazonaws.com',
        `<${logicalName(name)}.Arn>`,
        `${api}/*/*${path}`,
      ]),
      ['events.amazonaws.com', `<${logicalName(sweep.name)}.Arn>`, '<sweepschedule.Arn>'],
    ]);
  });

  it('nobody reaches the queue of failed batches without TLS, and nobody is let in by its policy', () => {
    const [statement, ...others] = statementsOf(
      resourceOf('AWS::SQS::QueuePolicy').Properties['PolicyDocument'],
    );
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      Effect: 'Deny',
      Action: 'sqs:*',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });
});
