import { describe, expect, it } from 'vitest';
import {
  digest,
  type FunctionDefinition,
  queueConsumer,
  reconciliationStart,
  routesOf,
  streamConsumer,
  sweep,
} from '../../../infra/endpoints.ts';
import {
  allowedIn,
  arn,
  assumedBy,
  forReadingTheStream,
  permissionsOf,
  policiesIn,
  statementsOf,
} from './permissions.ts';
import {
  logicalName,
  render,
  resourcesOf,
  serviceEndpoints,
  serviceFunctions,
  stage,
  streamMapping,
  templates,
} from './template-reader.ts';

const policies = policiesIn(templates.service);
const tableArn = `${arn('dynamodb')}:table/settle-${stage}`;
const streamArn = render(streamMapping.Properties['EventSourceArn']);
const allowedTo = (line: FunctionDefinition) => allowedIn(templates.service, line);

describe('permissions', () => {
  const scheduled = [sweep, reconciliationStart, digest];

  it.each([...serviceEndpoints, ...scheduled, queueConsumer])(
    '$name may do what its line names, write its own log, and nothing else',
    (line) => {
      expect(allowedTo(line).toSorted()).toEqual(permissionsOf(stage, line).toSorted());
    },
  );

  it('the sweep reads orders and what is due of the work index, and nothing else of any index', () => {
    expect(allowedTo(sweep).filter((permission) => permission.includes(':Query '))).toEqual([
      `Allow dynamodb:Query ${tableArn}`,
      `Allow dynamodb:Query ${tableArn}/index/work`,
    ]);
  });

  it('what tenants have of their own is closed to what takes and pays the orders of shops', () => {
    const readers = serviceFunctions.filter((line) =>
      allowedTo(line).some((one) => one.endsWith('/tenants/*')),
    );
    expect(readers.map(({ name }) => name)).toEqual([
      ...['checkout', 'alipay-callback', 'stripe-callback', 'wechat-callback', 'get-order'],
      ...['close-order', 'refund', 'resolve-exception', 'repair-refund', 'sweep', 'reconcile'],
    ]);
  });

  it('what is kept of merchants of before is read at the providers that a function has to do with', () => {
    const kept = (name: string) =>
      serviceFunctions
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
      serviceFunctions.filter((line) =>
        allowedTo(line).includes(`Allow sqs:${action} <reconciliationqueue.Arn>`),
      );
    expect(allowed('ReceiveMessage')).toEqual([queueConsumer]);
    expect(allowed('SendMessage')).toEqual([reconciliationStart, queueConsumer]);
  });

  it('an order is looked for among its own items, not in an index', () => {
    const readers = serviceEndpoints.filter(
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
      [
        ...permissionsOf(stage, streamConsumer),
        ...forReadingTheStream(streamArn, 'announcementsfailedbatches'),
      ].toSorted(),
    );
  });

  it('each function has a role of its own that only Lambda can take', () => {
    expect(resourcesOf('AWS::Lambda::Function').map(({ Properties }) => render(Properties['Role']))).toEqual(
      serviceFunctions.map(({ name }) => `<${logicalName(name)}role.Arn>`),
    );
    expect(policies.flatMap(({ roles }) => roles)).toEqual(
      serviceFunctions.map(({ name }) => `<${logicalName(name)}role>`),
    );
    const roles = resourcesOf('AWS::IAM::Role').filter(({ name }) => name !== 'deploymentrole');
    for (const { Properties } of roles) {
      const { Policies: _, ...others } = Properties;
      expect(others).toEqual({ AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') });
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
      ...serviceEndpoints.flatMap((endpoint) =>
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
