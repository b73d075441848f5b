import { describe, expect, it } from 'vitest';
import { synthesizeStage } from '../../../infra/stacks/template.ts';
import { readStage, type Stage } from '../../../infra/stages.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';
import { testStage } from './stage.ts';
import {
  logicalName,
  render,
  resourceOf,
  resourcesIn,
  resourcesOf,
  serviceEndpoints,
  serviceFunctions,
  stage,
} from './template-reader.ts';

const aliases = resourcesOf('AWS::Lambda::Alias');
const groups = resourcesOf('AWS::CodeDeploy::DeploymentGroup');
const alarms = resourcesOf('AWS::CloudWatch::Alarm');

/** Of the name, and there must be one. */
function named<T extends { readonly name: string }>(resources: readonly T[], name: string): T {
  const found = resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

describe('versions', () => {
  it('every function has one, which stays when the next is made, and an alias that names it', () => {
    const versions = resourcesOf('AWS::Lambda::Version');
    expect(versions.map(({ name }) => name)).toEqual(
      serviceFunctions.map(({ name }) => `${logicalName(name)}CurrentVersion`),
    );
    for (const { DeletionPolicy, UpdateReplacePolicy } of versions) {
      // Left behind by a deployment that was taken back, a version keeps the same code from being deployed again.
      expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    }
    expect(aliases.map(({ name, Properties }) => [name, render(Properties['FunctionVersion'])])).toEqual(
      serviceFunctions.map(({ name }) => [
        `${logicalName(name)}Aliaslive`,
        `<${logicalName(name)}CurrentVersion.Version>`,
      ]),
    );
    for (const { Properties } of aliases) expect(Properties['Name']).toBe('live');
  });
});

describe('a deployment', () => {
  it.each(serviceEndpoints)('of $name moves its alias through a group of its own', ({ name }) => {
    const { UpdatePolicy } = named(aliases, `${logicalName(name)}Aliaslive`);
    const update = UpdatePolicy?.['CodeDeployLambdaAliasUpdate'] as Record<string, unknown>;
    expect(render(update['DeploymentGroupName'])).toBe(`<deployment${logicalName(name)}group>`);
    expect(render(update['ApplicationName'])).toBe('<deploymentapplication>');
  });

  it.each(serviceEndpoints)('of $name goes at the pace of the stage, and back on its alarm', ({ name }) => {
    const { Properties } = named(groups, `deployment${logicalName(name)}group`);
    expect(Properties).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent10Minutes',
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
      },
      AlarmConfiguration: { Enabled: true, Alarms: [{ Name: expect.anything() }] },
    });
    const { Alarms } = Properties['AlarmConfiguration'] as { Alarms: [{ Name: unknown }] };
    expect(render(Alarms[0].Name)).toBe(`<deployment${logicalName(name)}errors>`);
  });

  it.each(serviceEndpoints)(
    'of $name is judged by the new version alone, from the first failure on',
    ({ name }) => {
      const { Properties } = named(alarms, `deployment${logicalName(name)}errors`);
      expect(Properties).toMatchObject({
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      });
      const version = `<${logicalName(name)}CurrentVersion.Version>`;
      expect(render(Properties['AlarmName'])).toBe(`settle-${stage}-${name}-deployment-${version}`);
      const [sum, crashed, failed] = Properties['Metrics'] as readonly AlarmMetric[];
      expect(sum).toMatchObject({ Expression: 'FILL(crashed, 0) + FILL(failed, 0)' });
      expect(crashed?.MetricStat).toMatchObject({
        Metric: { Namespace: 'AWS/Lambda', MetricName: 'Errors' },
        Period: 60,
        Stat: 'Sum',
      });
      expect(dimensionsOf(crashed)).toEqual({
        FunctionName: `<${logicalName(name)}>`,
        Resource: `<${logicalName(name)}>:live`,
        ExecutedVersion: version,
      });
      expect(failed?.MetricStat).toMatchObject({
        Metric: { Namespace: 'Settle', MetricName: 'VersionFailed' },
        Period: 60,
        Stat: 'Sum',
      });
      expect(dimensionsOf(failed)).toEqual({ stage, function: name, version });
    },
  );

  it.each(serviceEndpoints)('of $name counts what the log lines call answered with 500', ({ name }) => {
    const filters = resourcesOf('AWS::Logs::MetricFilter');
    const { Properties } = named(filters, `deployment${logicalName(name)}failures`);
    expect(render(Properties['LogGroupName'])).toBe(`<${logicalName(name)}logs>`);
    expect(Properties['FilterPattern']).toBe('{ ($.status = 500) && ($.level = "ERROR") }');
    const [transformation] = Properties['MetricTransformations'] as readonly [
      { readonly Dimensions: readonly { readonly Value: string }[] },
    ];
    expect(transformation).toMatchObject({
      MetricNamespace: 'Settle',
      MetricName: 'VersionFailed',
      MetricValue: '1',
    });

    const written: string[] = [];
    const telemetry = createTelemetry(
      { stage, function: name },
      (line) => written.push(line),
      () => 0,
      '7',
    );
    telemetry.log('error', 'request', { status: 500 });
    const line = JSON.parse(written[0] ?? '');
    expect(line.status).toBe(500);
    expect(transformation.Dimensions.map(({ Value }) => line[Value.slice('$.'.length)])).toEqual([
      stage,
      name,
      '7',
    ]);
  });

  it('moves what no request waits for at once', () => {
    expect(groups).toHaveLength(serviceEndpoints.length);
    const movedAtOnce = aliases.filter(({ UpdatePolicy }) => !UpdatePolicy).map(({ name }) => name);
    expect(movedAtOnce.toSorted()).toEqual([
      ...['notifywecomAliaslive', 'reconcileAliaslive', 'senddigestAliaslive'],
      ...['startreconciliationAliaslive', 'sweepAliaslive'],
    ]);
  });

  it('is of the compute platform that a group of Lambda needs', () => {
    expect(resourceOf('AWS::CodeDeploy::Application').Properties).toEqual({ ComputePlatform: 'Lambda' });
    expect(resourceOf('AWS::CodeDeploy::Application').name).toBe('deploymentapplication');
  });

  it('takes the pace from the settings: at once in dev, a tenth first in prod', () => {
    const paces = (of: Stage) =>
      new Set(
        resourcesIn(synthesizeStage(of).service, 'AWS::CodeDeploy::DeploymentGroup').map(
          ({ Properties }) => Properties['DeploymentConfigName'],
        ),
      );
    expect(paces({ ...testStage, rollout: 'AllAtOnce' })).toEqual(
      new Set(['CodeDeployDefault.LambdaAllAtOnce']),
    );
    expect(['dev', 'prod'].map((name) => readStage(name).rollout)).toEqual([
      'AllAtOnce',
      'Canary10Percent5Minutes',
    ]);
  });
});

interface AlarmMetric {
  readonly MetricStat: {
    readonly Metric: { readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[] };
  };
}

const dimensionsOf = (metric: AlarmMetric | undefined) =>
  Object.fromEntries(
    (metric?.MetricStat.Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, render(Value)]),
  );
