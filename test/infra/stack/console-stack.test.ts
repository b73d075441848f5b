import { describe, expect, it } from 'vitest';
import { consoleServer, routesOf } from '../../../infra/endpoints.ts';
import type { Template } from '../../../infra/stacks/template.ts';
import { alarmsIn } from '../monitoring/template-alarms.ts';
import { allowedIn, arn, assumedBy, permissionsOf } from './permissions.ts';
import { fullStage, testStage } from './stage.ts';
import {
  logicalName,
  parameterBehind,
  render,
  resourcesIn,
  stage,
  templates,
  theOnly,
} from './template-reader.ts';
import { synthesizeWithWebhooks, withWebhooks } from './webhooks-template.ts';

const { console: template } = withWebhooks;
const resources = (type: string, from: Template = template) => resourcesIn(from, type);
const apiAddress = /^https:\/\/<.*apiid.*>\.execute-api\.eu-central-1\.<AWS::URLSuffix>/;

const variablesIn = (from: Template) => {
  const { Properties } = theOnly(resources('AWS::Lambda::Function', from), 'function');
  const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, render(value)]));
};

describe('a stage without a console', () => {
  it('has nothing of it in its other stacks, and no stack for it', () => {
    expect(templates.console).toBeNull();
    expect(JSON.stringify(templates)).not.toMatch(/\/console|\/docs|serveconsole|SIGN_IN/);
  });
});

describe('the service of a stage with a console', () => {
  it('says what the console has to know of it, as it does for webhooks, and is otherwise the same', () => {
    const { webhooks: _, ...alone } = testStage;
    const { service } = synthesizeWithWebhooks({ ...alone, alarms: {} });
    expect(resources('AWS::SSM::Parameter', service).map(({ Properties }) => Properties['Name'])).toEqual([
      `/settle/${stage}/api-id`,
    ]);
    expect(JSON.stringify(withWebhooks.service)).not.toMatch(/\/console|\/docs|serveconsole/);
  });
});

describe('what serves the console', () => {
  it('is one function, told of its stage and nothing else', () => {
    expect(resources('AWS::Lambda::Function').map(({ name }) => name)).toEqual([
      logicalName(consoleServer.name),
    ]);
    expect(variablesIn(template)).toEqual({ STAGE: stage, PUBLIC_URL: expect.stringMatching(apiAddress) });
  });

  it('is told where people sign in, where the stage says so', () => {
    expect(variablesIn(synthesizeWithWebhooks(fullStage).console)).toMatchObject({
      STAGE: 'full',
      SIGN_IN_ISSUER: 'https://login.example.com/realms/settle',
      SIGN_IN_CLIENT_ID: 'settle-console',
      SIGN_IN_SCOPE: 'openid pay',
      SIGN_IN_ORIGINS: 'https://keys.example.com,https://tokens.example.com',
    });
  });

  it('may write its own log, and nothing else: it reads no table and no secret', () => {
    expect(allowedIn(template, consoleServer).toSorted()).toEqual(
      permissionsOf(stage, consoleServer).toSorted(),
    );
    expect(allowedIn(template, consoleServer).filter((one) => !/ (logs|xray):/.test(one))).toEqual([]);
    const roles = resources('AWS::IAM::Role').filter(({ name }) => name !== 'deploymentrole');
    expect(roles.map(({ Properties: { Policies: _, ...others } }) => others)).toEqual([
      { AssumeRolePolicyDocument: assumedBy('lambda.amazonaws.com') },
    ]);
    expect(JSON.stringify(template)).not.toMatch(/dynamodb|secretsmanager|kms|TABLE_NAME|LABORATORY/);
  });

  it('is deployed gradually, as what answers requests is', () => {
    expect(resources('AWS::CodeDeploy::DeploymentGroup').map(({ Properties }) => Properties)).toMatchObject([
      { DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent10Minutes' },
    ]);
  });

  it('sets off the alarms that every function does, none of which gets anybody up', () => {
    const alarms = alarmsIn(template);
    expect(alarms.map(({ AlarmName }) => render(AlarmName))).toEqual([
      expect.stringMatching(`settle-${stage}-serve-console-deployment-`),
      ...['errors', 'throttles', 'slow'].map((what) => `settle-${stage}-function-${what}-console`),
    ]);
    for (const { AlarmDescription } of alarms) expect(AlarmDescription).toContain('Look at it today');
  });
});

describe('the routes of the console', () => {
  it('are added to the API of the service, under its own address', () => {
    const routes = resources('AWS::ApiGatewayV2::Route');
    expect(routes.map(({ Properties }) => Properties['RouteKey'])).toEqual([
      ...['GET /console', 'GET /console/{file+}', 'GET /docs', 'GET /docs/{file+}'],
    ]);
    for (const { Properties } of [...routes, ...resources('AWS::ApiGatewayV2::Integration')]) {
      expect(parameterBehind(template, Properties['ApiId'])).toBe(`/settle/${stage}/api-id`);
    }
    expect(
      resources('AWS::ApiGatewayV2::Integration').map(({ Properties }) =>
        render(Properties['IntegrationUri']),
      ),
    ).toEqual([`<${logicalName(consoleServer.name)}Aliaslive>`]);
  });

  it('are the only way to invoke it', () => {
    const permissions = resources('AWS::Lambda::Permission').map(({ Properties }) => [
      Properties['Principal'],
      render(Properties['SourceArn']).replace(/<SsmParameterValue[^>]*apiid[^>]*>/, '<api>'),
    ]);
    expect(permissions).toEqual(
      routesOf(consoleServer).map(({ path }) => [
        'apigateway.amazonaws.com',
        `${arn('execute-api')}:<api>/*/*${path}`,
      ]),
    );
  });

  it('have addresses that the stack tells', () => {
    const outputs = (from: Template) =>
      Object.fromEntries(Object.entries(from.Outputs).map(([name, { Value }]) => [name, render(Value)]));
    expect(outputs(template)).toEqual({
      ConsoleUrl: expect.stringMatching(new RegExp(`${apiAddress.source}/console$`)),
      DocsUrl: expect.stringMatching(new RegExp(`${apiAddress.source}/docs$`)),
    });
    expect(outputs(synthesizeWithWebhooks(fullStage).console)).toEqual({
      ConsoleUrl: 'https://pay.example.com/console',
      DocsUrl: 'https://pay.example.com/docs',
    });
  });
});
