import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { createStageStacks } from '../../../infra/stacks/stage-stacks.ts';
import { readStage, type Stage } from '../../../infra/stages.ts';
import { createApp } from './app.ts';
import { chinaStage, fullStage } from './stage.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly { readonly ruleName: string; readonly description: string }[];
  }[];
}

type Plant = (resourceOfType: (type: string) => CfnResource) => void;

/**
 * What CloudFormation's own validator (schemas of resources, references, cycles) and the AwsSolutions rules have
 * against the templates of a stage, errors and warnings alike.
 */
function check(stage: Stage, plant?: Plant): string[] {
  const app = createApp();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const resources = Object.values(createStageStacks(app, stage))
    .filter((stack) => stack !== null)
    .flatMap((stack) => stack.node.findAll())
    .filter(CfnResource.isCfnResource);
  plant?.((type) => {
    const found = resources.find(({ cfnResourceType }) => cfnResourceType === type);
    if (!found) throw new Error(`no ${type}`);
    return found;
  });
  try {
    app.synth();
  } catch {
    // Violations are errors of the synthesis; the report has them, and those that are only warnings.
  }
  const { pluginReports }: Report = JSON.parse(
    readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
  );
  return pluginReports.flatMap(({ violations }) =>
    violations.map(({ ruleName, description }) => `${ruleName}: ${description}`),
  );
}

describe('the templates', () => {
  it.each([
    { ...readStage('dev'), region: 'eu-central-1' },
    { ...readStage('prod'), region: 'eu-central-1' },
    { ...readStage('dev'), region: 'cn-north-1' },
    { ...readStage('prod'), region: 'cn-northwest-1' },
    { ...readStage('dev'), region: 'eu-central-1', webhooks: true, console: {} },
    fullStage,
    chinaStage,
  ])('of $name in $region are what CloudFormation takes and AwsSolutions asks for', (stage) => {
    expect(check(stage)).toEqual([]);
  });
});

describe('the checks', () => {
  const overrides: readonly [string, RegExp, Plant][] = [
    [
      'a property of the wrong type',
      /Timeout: 'soon' is not of type/,
      (of) => of('AWS::Lambda::Function').addPropertyOverride('Timeout', 'soon'),
    ],
    [
      'a value out of bounds',
      /901 exceeds maximum/,
      (of) => of('AWS::Lambda::Function').addPropertyOverride('Timeout', 901),
    ],
    [
      'a value that there is not',
      /15 is not one of/,
      (of) => of('AWS::Logs::LogGroup').addPropertyOverride('RetentionInDays', 15),
    ],
    [
      'a property that does not exist',
      /KeySchemas/,
      (of) => of('AWS::DynamoDB::Table').addPropertyOverride('KeySchemas', []),
    ],
    [
      'a property that is missing',
      /'Role' is a required property/,
      (of) => of('AWS::Lambda::Function').addPropertyDeletionOverride('Role'),
    ],
    [
      'a reference to nothing',
      /'nobody' is not one of/,
      (of) => of('AWS::Lambda::Function').addPropertyOverride('Role', { Ref: 'nobody' }),
    ],
    [
      'a cycle',
      /Circular Dependencies/,
      (of) =>
        of('AWS::ApiGatewayV2::Api').addOverride('DependsOn', [of('AWS::ApiGatewayV2::Stage').logicalId]),
    ],
    [
      'a table that cannot be restored',
      /AwsSolutions-DDB3/,
      (of) => Object.assign(of('AWS::DynamoDB::Table'), { pointInTimeRecoverySpecification: undefined }),
    ],
    [
      'requests that leave no trace',
      /AwsSolutions-APIG1/,
      (of) => Object.assign(of('AWS::ApiGatewayV2::Stage'), { accessLogSettings: undefined }),
    ],
  ];

  it.each(overrides)('find %s', (_, finding, plant) => {
    expect(check(fullStage, plant)).toContainEqual(expect.stringMatching(finding));
  });
});
