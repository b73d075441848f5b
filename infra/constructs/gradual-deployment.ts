import { Duration, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
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
   * One error is enough: a function answers whatever goes wrong itself, and fails only when it crashes, does not load
   * or runs into its time limit. Only the version that is being deployed is watched. If it were the alias, a function
   * that fails already could not be mended, as each deployment would be taken back for the errors of the one before.
   */
  #alarm(name: string, { functionName, live, currentVersion }: PaymentFunction): Alarm {
    return new Alarm(this, `${name}-errors`, {
      alarmName: `settle-${this.#stage.name}-${name}-deployment`,
      alarmDescription: `The version of ${name} that is being deployed fails: the deployment is taken back. Look at it today: ${runbookLink('deployment-taken-back')}`,
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensionsMap: {
          FunctionName: functionName,
          Resource: `${functionName}:${live.aliasName}`,
          ExecutedVersion: currentVersion.version,
        },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
