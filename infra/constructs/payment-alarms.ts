import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AlarmDefinition } from '../monitoring/alarm.ts';
import { runbookLink } from '../monitoring/runbook-link.ts';
import type { AlarmTargets } from '../stages.ts';

export interface PaymentAlarmsProps {
  readonly stage: string;
  readonly definitions: readonly AlarmDefinition[];
  readonly canaryAlarms: readonly Alarm[];
  readonly targets: AlarmTargets;
  /** In place of one of its own, where another stack of the stage has one for the address. */
  readonly mailTopicArn?: string | undefined;
}

/** Alarms of a stage, and whom they tell: that something is wrong, and that it is well again. */
export class PaymentAlarms extends Construct {
  /** Those that are defined, in their order, then those that take a deployment back. */
  readonly alarms: readonly Alarm[];
  readonly mailTopic: ITopic | undefined;

  constructor(scope: Construct, id: string, props: PaymentAlarmsProps) {
    super(scope, id);
    const { stage, definitions, canaryAlarms, targets, mailTopicArn } = props;
    const { topicArn, email } = targets;
    this.alarms = [...definitions.map((definition) => this.#alarm(stage, definition)), ...canaryAlarms];
    const givenTopic = topicArn && Topic.fromTopicArn(this, 'given-topic', topicArn);
    if (mailTopicArn) this.mailTopic = Topic.fromTopicArn(this, 'topic', mailTopicArn);
    else if (email) this.mailTopic = this.#mailTopic(stage, email);
    for (const topic of [givenTopic, this.mailTopic]) {
      if (!topic) continue;
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
