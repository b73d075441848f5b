import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { endpoints, functions, streamConsumer, sweep } from '../../../infra/endpoints.ts';
import { synthesizeTemplate } from '../../../infra/template.ts';
import { logicalName, render, resourceOf, resourcesOf, stage, template } from './template-reader.ts';

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
      TABLE_NAME: '<table>',
      PUBLIC_URL: '<api.ApiEndpoint>',
      NODE_OPTIONS: '--enable-source-maps',
    });
    expect(Properties['LoggingConfig']).toMatchObject({ LogGroup: { Ref: expect.stringContaining(name) } });
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

  it('keep their logs for two weeks', () => {
    const groups = resourcesOf('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(functions.length);
    for (const { Properties } of groups) expect(Properties['RetentionInDays']).toBe(14);
  });
});

describe('the API', () => {
  it('has the routes of the table of endpoints, and no others', () => {
    const integrations = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::ApiGatewayV2::Integration',
    );
    const handlers = Object.fromEntries(
      integrations.map(([id, { Properties }]) => [id, render(Properties['IntegrationUri'])]),
    );
    const routes = resourcesOf('AWS::ApiGatewayV2::Route').map(({ Properties }) => {
      const target = JSON.stringify(Properties['Target']);
      const integration = Object.keys(handlers).find((id) => target.includes(`"${id}"`));
      return [Properties['RouteKey'], integration && handlers[integration]];
    });
    expect(Object.fromEntries(routes)).toEqual(
      Object.fromEntries(
        endpoints.map(({ name, method, path }) => [`${method} ${path}`, `<${logicalName(name)}.Arn>`]),
      ),
    );
    expect(routes).toHaveLength(endpoints.length);
  });

  it('hands events over in payload format 2.0', () => {
    expect(resourceOf('AWS::ApiGatewayV2::Api').Properties['ProtocolType']).toBe('HTTP');
    for (const { Properties } of resourcesOf('AWS::ApiGatewayV2::Integration')) {
      expect(Properties['PayloadFormatVersion']).toBe('2.0');
    }
  });
});

describe('the sweep', () => {
  const { Properties } = resourceOf('AWS::Events::Rule');

  it('runs every minute, by the one rule there is', () => {
    expect(Properties).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
    const targets = Properties['Targets'] as readonly { readonly Arn: unknown }[];
    expect(targets.map(({ Arn }) => render(Arn))).toEqual([`<${logicalName(sweep.name)}.Arn>`]);
  });

  it('is not repeated when it fails: the next run makes up for it', () => {
    expect(Properties['Targets']).toMatchObject([{ RetryPolicy: { MaximumRetryAttempts: 0 } }]);
  });
});

describe('the stack', () => {
  it('names the secrets and owns none', () => {
    expect(resourcesOf('AWS::SecretsManager::Secret')).toEqual([]);
  });

  it('puts out its address, its table and the addresses that are entered at the providers', () => {
    const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [name, render(Value)]);
    expect(Object.fromEntries(outputs)).toEqual({
      ApiUrl: '<api.ApiEndpoint>',
      TableName: '<table>',
      AlipayCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/alipay',
      StripeCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/stripe',
      WechatCallbackUrl: '<api.ApiEndpoint>/api/pay/callback/wechat',
      WechatNotifyUrl: '<api.ApiEndpoint>/v2/payments/notify',
    });
  });

  it('gives out its own domain where it has one', () => {
    const { Outputs, Resources } = synthesizeTemplate('prod', 'https://pay.example.com');
    expect(Outputs['ApiUrl']?.Value).toBe('https://pay.example.com');
    expect(Outputs['WechatNotifyUrl']?.Value).toBe('https://pay.example.com/v2/payments/notify');
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::Lambda::Function') continue;
      expect(Properties['Environment']).toMatchObject({
        Variables: { PUBLIC_URL: 'https://pay.example.com' },
      });
    }
  });
});
