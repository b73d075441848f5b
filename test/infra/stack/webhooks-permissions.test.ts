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
import {
  allowedIn,
  arn,
  assumedBy,
  forReadingTheStream,
  permissionsOf,
  policiesIn,
  statementsOf,
} from './permissions.ts';
import { logicalName, render, stage } from './template-reader.ts';
import { webhookResource, webhookResources, withWebhooks } from './webhooks-template.ts';

const { webhooks } = withWebhooks;
const webhookFunctions = inStack(functions, 'webhooks');
const webhookEndpoints = inStack(endpoints, 'webhooks');

describe('permissions of the webhooks stack', () => {
  it.each(webhookFunctions.filter((line) => line !== eventPublisher))(
    '$name may do what its line names, write its own log, and nothing else',
    (line) => {
      expect(allowedIn(webhooks, line).toSorted()).toEqual(permissionsOf(stage, line).toSorted());
    },
  );

  it('what publishes may read the stream and report failed batches besides', () => {
    const mapping = webhookResource('AWS::Lambda::EventSourceMapping', 'eventsmapping').Properties;
    expect(allowedIn(webhooks, eventPublisher).toSorted()).toEqual(
      [
        ...permissionsOf(stage, eventPublisher),
        ...forReadingTheStream(render(mapping['EventSourceArn']), 'eventsfailedbatches'),
      ].toSorted(),
    );
  });

  it('nothing of it writes payments: of their table it reads no more than who the tenants are', () => {
    const onTable = webhookFunctions.flatMap((line) =>
      allowedIn(webhooks, line).filter((one) => one.endsWith(`table/settle-${stage}`)),
    );
    expect(new Set(onTable)).toEqual(
      new Set([`Allow dynamodb:Query ${arn('dynamodb')}:table/settle-${stage}`]),
    );
  });

  it('events are put on the bus by one function, and messages taken out of the queue by one', () => {
    const allowed = (permission: string) =>
      webhookFunctions.filter((line) => allowedIn(webhooks, line).includes(`Allow ${permission}`));
    expect(allowed('events:PutEvents <bus.Arn>')).toEqual([eventPublisher]);
    expect(allowed('sqs:ReceiveMessage <deliveryqueue.Arn>')).toEqual([webhookDeliverer]);
  });

  it('no function reads a document of a provider', () => {
    const secrets = webhookFunctions.flatMap((line) =>
      allowedIn(webhooks, line).flatMap((one) => new RegExp(`:settle/${stage}/(.*)$`).exec(one)?.[1] ?? []),
    );
    expect([...new Set(secrets)].toSorted()).toEqual([
      ...['auth', 'auth-??????', 'tenants/*', 'webhooks', 'webhooks-??????'],
    ]);
  });

  it('each function has a role of its own that only Lambda can take', () => {
    expect(policiesIn(webhooks).flatMap(({ roles }) => roles)).toEqual(
      webhookFunctions.map(({ name }) => `<${logicalName(name)}role>`),
    );
    const roles = webhookResources('AWS::IAM::Role').filter(({ name }) => name !== 'deploymentrole');
    expect(roles).toHaveLength(webhookFunctions.length);
    for (const { Properties } of roles) {
      const { Policies: _, ...others } = Properties;
      expect(others).toEqual({ AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') });
    }
  });

  it('only the API may invoke an endpoint, only by its own path, and only its schedule the release', () => {
    const permissions = webhookResources('AWS::Lambda::Permission').map(({ Properties }) => [
      Properties['Principal'],
      render(Properties['FunctionName']),
      render(Properties['SourceArn']).replace(/<SsmParameterValue[^>]*apiid[^>]*>/, '<api>'),
    ]);
    expect(permissions.toSorted()).toEqual(
      [
        ...webhookEndpoints.flatMap((endpoint) =>
          routesOf(endpoint).map(({ path }) => [
            'apigateway.amazonaws.com',
            `<${logicalName(endpoint.name)}Aliaslive>`,
            `${arn('execute-api')}:<api>/*/*${path}`,
          ]),
        ),
        ['events.amazonaws.com', `<${logicalName(deliveryRelease.name)}Aliaslive>`, '<releaseschedule.Arn>'],
      ].toSorted(),
    );
  });

  it('nobody reaches a queue without TLS, and none is let in by its policy but the rule for the deliveries', () => {
    const queues = webhookResources('AWS::SQS::QueuePolicy');
    expect(queues).toHaveLength(webhookResources('AWS::SQS::Queue').length);
    const allowed = queues.flatMap(({ name, Properties }) => {
      const [denied, ...others] = statementsOf(Properties['PolicyDocument']);
      expect(denied).toMatchObject({
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
      return others.map((statement) => ({ name, ...statement }));
    });
    const rule = {
      ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^deliveryrule/), 'Arn'] } },
    };
    expect(allowed).toMatchObject(
      ['deliverydeadlettersPolicy', 'deliveryqueuePolicy'].map((name) => ({
        name,
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Condition: rule,
      })),
    );
    const actions = allowed.map(({ Action }) => Action);
    expect(actions).toEqual([
      'sqs:SendMessage',
      ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage'],
    ]);
  });
});
