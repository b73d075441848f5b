import { Duration, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { NAMESPACE } from '../../lib/telemetry/metrics.ts';
import { runbookLink } from '../monitoring/runbook-link.ts';
import type { Stage } from '../stages.ts';
import type { PaymentFunction } from './payment-function.ts';

/**
 * Hands the traffic of functions over to their new versions at the stage's pace, and back to the old ones when a new
 * one fails meanwhile. CloudFormation waits for it, and takes the whole deployment back with it.
 */
export class GradualDeployment extends Construct {
  readonly #stage: Stage;
  readonly #application: LambdaApplication;
  readonly #role: Role;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.#stage = stage;
    this.#application = new LambdaApplication(this, 'application');
    this.#role = new Role(this, 'role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    Validations.of(this.#role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason: 'It is what AWS keeps for this very use: reading alarms and moving aliases',
    });
  }

  /** @returns the alarm that takes a deployment of the function back */
  add(name: string, handler: PaymentFunction): Alarm {
    const alarm = this.#alarm(name, handler);
    new LambdaDeploymentGroup(this, `${name}-group`, {
      application: this.#application,
      role: this.#role,
      alias: handler.live,
      deploymentConfig: LambdaDeploymentConfig.fromLambdaDeploymentConfigName(
        this,
        `${name}-config`,
        `CodeDeployDefault.Lambda${this.#stage.rollout}`,
      ),
      alarms: [alarm],
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    });
    return alarm;
  }

  /**
   * One failure is enough: with a tenth of the traffic there may be no second. Only the version that is being deployed
   * is watched, by an alarm of its own: one that an earlier version had set off would take back the very deployment
   * that mends it.
   */
  #alarm(name: string, handler: PaymentFunction): Alarm {
    const { version } = handler.currentVersion;
    return new Alarm(this, `${name}-errors`, {
      alarmName: `settle-${this.#stage.name}-${name}-deployment-${version}`,
      alarmDescription: `The version of ${name} that is being deployed fails: the deployment is taken back. Look at it today: ${runbookLink('deployment-taken-back')}`,
      metric: new MathExpression({
        expression: 'FILL(crashed, 0) + FILL(failed, 0)',
        usingMetrics: { crashed: crashes(handler), failed: this.#failures(name, handler) },
        period,
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Requests that the version answered with 500, as most mistakes of ours end. Its log lines tell. */
  #failures(name: string, { logGroup, currentVersion }: PaymentFunction): Metric {
    const dimensions = { stage: '$.stage', function: '$.function', version: '$.version' };
    const filter = new MetricFilter(this, `${name}-failures`, {
      logGroup,
      // A stranger's empty body at WeChat Pay's address is a 500 too, and no error.
      filterPattern: FilterPattern.all(
        FilterPattern.numberValue('$.status', '=', 500),
        FilterPattern.stringValue('$.level', '=', 'ERROR'),
      ),
      metricNamespace: NAMESPACE,
      metricName: 'VersionFailed',
      dimensions,
    });
    return filter.metric({
      dimensionsMap: { stage: this.#stage.name, function: name, version: currentVersion.version },
      statistic: Stats.SUM,
      period,
    });
  }
}

const period = Duration.minutes(1);

/** Executions of the version, called by its alias, that crashed, did not load or ran into their time limit. */
function crashes({ functionName, live, currentVersion }: PaymentFunction): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Errors',
    dimensionsMap: {
      FunctionName: functionName,
      Resource: `${functionName}:${live.aliasName}`,
      ExecutedVersion: currentVersion.version,
    },
    statistic: Stats.SUM,
    period,
  });
}
