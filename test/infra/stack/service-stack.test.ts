import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endpoints, functions, streamConsumer, sweep } from '../../../infra/endpoints.ts';
import { synthesizeStage, type Template } from '../../../infra/stacks/template.ts';
import { fullStage, testStage } from './stage.ts';
import {
  logicalName,
  render,
  resourceOf,
  resourcesIn,
  resourcesOf,
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
      MemorySize: 1024,
    });
    const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
    const variables = Object.entries(Variables).map(([variable, value]) => [variable, render(value)]);
    expect(Object.fromEntries(variables)).toEqual({
      STAGE: stage,
      TABLE_NAME: `settle-${stage}`,
      PUBLIC_URL: '<api.ApiEndpoint>',
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
      ...Object.fromEntries(endpoints.map(({ name, callback }) => [logicalName(name), callback ? 10 : 20])),
      [logicalName(streamConsumer.name)]: 60,
      [logicalName(sweep.name)]: 58,
    });
  });

  it('keep their logs, and the API its own, as long as the stage says', () => {
    const groups = resourcesOf('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(functions.length + 1);
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

describe('the sweep', () => {
  const { Properties } = resourceOf('AWS::Events::Rule');

  it('runs every minute, by the one rule there is', () => {
    expect(Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    const targets = Properties['Targets'] as readonly { readonly Arn: unknown }[];
    expect(targets.map(({ Arn }) => render(Arn))).toEqual([`<${logicalName(sweep.name)}Aliaslive>`]);
  });

  it('is not repeated when it fails: the next run makes up for it', () => {
    expect(Properties['Targets']).toMatchObject([
      { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
    ]);
  });

  it('nor does Lambda keep a run that it could not begin', () => {
    const { Properties: invocation } = resourceOf('AWS::Lambda::EventInvokeConfig');
    expect(render(invocation['FunctionName'])).toBe(`<${logicalName(sweep.name)}>`);
    expect(render(invocation['Qualifier'])).toBe(`<${logicalName(sweep.name)}Aliaslive.7>`);
    expect(invocation).toMatchObject({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
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
});
