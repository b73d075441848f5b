import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  digest,
  functions,
  queueConsumer,
  reconciliationStart,
  streamConsumer,
  sweep,
} from '../../../infra/endpoints.ts';
import { synthesizeStage, type Template } from '../../../infra/stacks/template.ts';
import { fullStage, testStage } from './stage.ts';
import {
  logicalName,
  queueMapping,
  render,
  resourcesIn,
  resourcesOf,
  serviceEndpoints,
  serviceFunctions,
  stage,
  templates,
} from './template-reader.ts';

const full = synthesizeStage(fullStage).service;

describe('the functions', () => {
  it('are the files of functions/', () => {
    const files = readdirSync(new URL('../../../functions', import.meta.url));
    expect(files.toSorted()).toEqual(functions.map(({ name }) => `${name}.ts`).toSorted());
  });

  it.each(resourcesOf('AWS::Lambda::Function'))('$name runs on Node 24 and arm64', ({ name, Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: name === logicalName(queueConsumer.name) ? 512 : 1024,
    });
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const variables = Object.entries(Variables).map(([variable, value]) => [variable, render(value)]);
    const hasQueue = serviceFunctions.some((line) => logicalName(line.name) === name && line.queue);
    expect(Object.fromEntries(variables)).toEqual({
      STAGE: stage,
      TABLE_NAME: `settle-${stage}`,
      PUBLIC_URL: '<api.ApiEndpoint>',
      ...(hasQueue && { QUEUE_URL: '<reconciliationqueue>' }),
    });
    expect(Properties['LoggingConfig']).toMatchObject({
      LogFormat: 'JSON',
      LogGroup: { Ref: expect.stringContaining(name) },
    });
  });

  it('give providers their answer in time, and providers and WeCom time to answer', () => {
    const timeouts = resourcesOf('AWS::Lambda::Function').map(({ name, Properties }) => [
      name,
      Properties['Timeout'],
    ]);
    expect(Object.fromEntries(timeouts)).toEqual({
      ...Object.fromEntries(
        serviceEndpoints.map(({ name, callback }) => [logicalName(name), callback ? 10 : 20]),
      ),
      [logicalName(streamConsumer.name)]: 60,
      [logicalName(sweep.name)]: 58,
      [logicalName(reconciliationStart.name)]: 60,
      [logicalName(queueConsumer.name)]: 900,
      [logicalName(digest.name)]: 60,
    });
  });

  it('keep their logs, and the API its own, as long as the stage says', () => {
    const groups = resourcesOf('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(serviceFunctions.length + 1);
    for (const { Properties } of groups) expect(Properties['RetentionInDays']).toBe(30);
  });

  it("leave their logs behind in a protected stage, and take them along in a developer's", () => {
    const policiesOf = (template: Template) =>
      new Set(resourcesIn(template, 'AWS::Logs::LogGroup').map(({ DeletionPolicy }) => DeletionPolicy));
    expect(policiesOf(templates.service)).toEqual(new Set(['Retain']));
    const { service } = synthesizeStage({ ...testStage, protected: false });
    expect(policiesOf(service)).toEqual(new Set(['Delete']));
  });

  it("share the account's executions, save the one that is kept for the sweep", () => {
    const reserved = (template: Template) =>
      resourcesIn(template, 'AWS::Lambda::Function').flatMap(({ name, Properties }) => {
        const executions = Properties['ReservedConcurrentExecutions'];
        return executions === undefined ? [] : [[name, executions]];
      });
    expect(reserved(templates.service)).toEqual([[logicalName(sweep.name), 1]]);
    expect(reserved(synthesizeStage({ ...testStage, reserveSweep: false }).service)).toEqual([]);
  });
});

/** By the logical name of the function. */
const rules = new Map(
  resourcesOf('AWS::Events::Rule').map(({ Properties }) => {
    const [target, ...others] = Properties['Targets'] as readonly { readonly Arn: unknown }[];
    expect(others).toEqual([]);
    return [render(target?.Arn), Properties] as const;
  }),
);

describe.each([
  ['the sweep, every minute', sweep, 'rate(1 minute)', 0, 60],
  ['what asks for the days, every hour', reconciliationStart, 'rate(1 hour)', 0, 60],
  // 12:30 in Shanghai.
  ['the digest, once a day', digest, 'cron(30 4 * * ? *)', 2, 3_600],
] as const)('%s', (_what, { name }, expression, attempts, age_s) => {
  const rule = rules.get(`<${logicalName(name)}Aliaslive>`);

  it('runs by a rule of its own', () => {
    expect(rules.size).toBe(3);
    expect(rule).toMatchObject({ ScheduleExpression: expression, State: 'ENABLED' });
  });

  it('is repeated when it fails where the next run is far, by EventBridge and by Lambda alike', () => {
    const policy = { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age_s };
    expect(rule?.['Targets']).toMatchObject([{ RetryPolicy: policy }]);
    const [invocation, ...others] = resourcesOf('AWS::Lambda::EventInvokeConfig').filter(
      ({ Properties }) => render(Properties['FunctionName']) === `<${logicalName(name)}>`,
    );
    expect(others).toEqual([]);
    expect(render(invocation?.Properties['Qualifier'])).toBe(`<${logicalName(name)}Aliaslive.7>`);
    expect(invocation?.Properties).toMatchObject(policy);
  });
});

describe('the days that are to be reconciled', () => {
  const queue = resourcesOf('AWS::SQS::Queue').find(({ name }) => name === 'reconciliationqueue');

  it('wait in a queue that is sealed, and are not received again while a run can still be at them', () => {
    expect(queue?.Properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 24 * 3_600,
      VisibilityTimeout: 6 * 900,
      RedrivePolicy: { deadLetterTargetArn: expect.anything(), maxReceiveCount: 3 },
    });
  });

  it('are set aside for two weeks after the third time', () => {
    const policy = queue?.Properties['RedrivePolicy'] as { deadLetterTargetArn: unknown } | undefined;
    expect(render(policy?.deadLetterTargetArn)).toBe('<reconciliationdeadletters.Arn>');
    const deadLetters = resourcesOf('AWS::SQS::Queue').find(
      ({ name }) => name === 'reconciliationdeadletters',
    );
    expect(deadLetters?.Properties).toEqual({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3_600,
    });
  });

  it('come to their function one by one, two at a time, and one that fails comes again', () => {
    const { Properties } = queueMapping;
    expect(render(Properties['EventSourceArn'])).toBe('<reconciliationqueue.Arn>');
    expect(render(Properties['FunctionName'])).toMatch(/^<reconcileAliaslive/);
    expect(Properties).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('the stack', () => {
  it('leaves nothing behind whose name the next one would take, so that it can be deleted and made again', () => {
    const left = Object.values(templates.service.Resources).filter(({ DeletionPolicy }) =>
      DeletionPolicy?.startsWith('Retain'),
    );
    expect(new Set(left.map(({ Type }) => Type))).toEqual(
      new Set(['AWS::Logs::LogGroup', 'AWS::Lambda::Version']),
    );
    for (const { Properties } of left) expect(Properties).not.toHaveProperty('LogGroupName');
  });

  it('names the secrets and owns none', () => {
    expect(resourcesOf('AWS::SecretsManager::Secret')).toEqual([]);
  });

  it('puts out its address, its table and the addresses that are entered at the providers', () => {
    const outputs = Object.entries(templates.service.Outputs).map(([name, { Value }]) => [
      name,
      render(Value),
    ]);
    expect(Object.fromEntries(outputs)).toEqual({
      ApiUrl: '<api.ApiEndpoint>',
      TableName: `settle-${stage}`,
      QueueUrl: '<reconciliationqueue>',
      AlipayCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/alipay',
      StripeCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/stripe',
      WechatCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/wechat',
      WechatNotifyUrl: '<api.ApiEndpoint>/v2/payments/notify',
    });
  });

  it('gives out its own domain where it has one, and tells its functions', () => {
    const { Outputs } = full;
    expect(Outputs['ApiUrl']?.Value).toBe('https://pay.example.com');
    expect(Outputs['WechatNotifyUrl']?.Value).toBe('https://pay.example.com/v2/payments/notify');
    expect(render(Outputs['DomainTarget']?.Value)).toBe('<apidomain.RegionalDomainName>');
    for (const { Properties } of resourcesIn(full, 'AWS::Lambda::Function')) {
      expect(Properties['Environment']).toMatchObject({
        Variables: { PUBLIC_URL: 'https://pay.example.com' },
      });
    }
  });

  it('tells its functions what their order numbers begin with', () => {
    for (const { Properties } of resourcesIn(full, 'AWS::Lambda::Function')) {
      expect(Properties['Environment']).toMatchObject({ Variables: { ORDER_PREFIX: 't1' } });
    }
  });

  it('tells those who need it where payers may be led back to, and by when is to be sent', () => {
    const told = resourcesIn(full, 'AWS::Lambda::Function').map(({ name, Properties }) => {
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      return [
        name,
        Object.fromEntries(Object.entries(Variables).filter(([variable]) => ofSomeFunctions.has(variable))),
      ] as const;
    });
    const shipping = { SHIPPING_WITHIN_HOURS: '48', MEAL_PICKUP: 'true' };
    expect(Object.fromEntries(told.filter(([, variables]) => Object.keys(variables).length > 0))).toEqual({
      checkout: { RETURN_URL_HOSTS: 'shop.example.com,m.example.com' },
      notifywecom: shipping,
      sweep: shipping,
    });
  });
});

const ofSomeFunctions = new Set(['RETURN_URL_HOSTS', 'SHIPPING_WITHIN_HOURS', 'MEAL_PICKUP']);
