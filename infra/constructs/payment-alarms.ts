import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AlarmDefinition } from '../monitoring/alarm.ts';
import { businessAlarms } from '../monitoring/business-alarms.ts';
import { machineryAlarms } from '../monitoring/machinery-alarms.ts';
import type { MonitoredStage } from '../monitoring/monitored.ts';
import { runbookLink } from '../monitoring/runbook-link.ts';
import type { AlarmTargets } from '../stages.ts';

export interface PaymentAlarmsProps {
  readonly monitored: MonitoredStage;
  readonly targets: AlarmTargets;
}

/** A stage's alarms, and whom they tell: that something is wrong, and that it is well again. */
export class PaymentAlarms extends Construct {
  /** Those of the table of alarms, in its order, then those that take a deployment back. */
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { monitored, targets }: PaymentAlarmsProps) {
    super(scope, id);
    const made = [...businessAlarms(monitored), ...machineryAlarms(monitored)].map((definition) =>
      this.#alarm(monitored.stage, definition),
    );
    this.alarms = [...made, ...monitored.canaryAlarms];
    for (const topic of this.#topics(monitored.stage, targets)) {
      for (const alarm of this.alarms) {
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
      }
    }
  }

  #alarm(stage: string, definition: AlarmDefinition): Alarm {
    const { name, section, urgency, meaning, metric, threshold, below, missingIsWrong } = definition;
    const { periods = 1, inPeriods = periods } = definition;
    return new Alarm(this, name, {
      alarmName: `settle-${stage}-${name}`,
      alarmDescription: `${meaning}. Look at it ${urgency}: ${runbookLink(section)}`,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: inPeriods,
      treatMissingData: missingIsWrong ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }

  #topics(stage: string, { topicArn, email }: AlarmTargets): ITopic[] {
    return [
      ...(topicArn ? [Topic.fromTopicArn(this, 'given-topic', topicArn)] : []),
      ...(email ? [this.#mailTopic(stage, email)] : []),
    ];
  }

  /** Its policy takes the place of the one that every topic has, and so must let CloudWatch in itself. */
  #mailTopic(stage: string, email: string): Topic {
    const topic = new Topic(this, 'topic', { enforceSSL: true, displayName: `Settle ${stage}` });
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `settle-${stage}-*`,
    });
    const cloudwatch = new ServicePrincipal('cloudwatch.amazonaws.com');
    topic.grantPublish(cloudwatch.withConditions({ ArnLike: { 'aws:SourceArn': alarms } }));
    topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}
