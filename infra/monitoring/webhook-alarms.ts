import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { eventPublisher } from '../endpoints.ts';
import type { AlarmDefinition } from './alarm.ts';
import { functionAlarms } from './function-alarms.ts';
import { webhookGroups } from './function-groups.ts';
import { failedStarts, settleMetric } from './metrics.ts';
import { functionOf, type MonitoredWebhooks } from './monitored.ts';

const FIVE_MINUTES = Duration.minutes(5);

/** The alarms about what the shop is told. None of it is money: all can wait for the morning. */
export const webhookAlarms = (monitored: MonitoredWebhooks): readonly AlarmDefinition[] => [
  ...eventAlarms(monitored),
  ...deliveryAlarms(monitored),
  ...releaseAlarms(monitored),
  ...webhookGroups.flatMap((group) => functionAlarms(monitored, group)),
];

/** From the table's stream to the bus. */
function eventAlarms(monitored: MonitoredWebhooks): readonly AlarmDefinition[] {
  const { stage } = monitored;
  return [
    {
      name: 'events-given-up',
      section: 'events-given-up',
      urgency: 'today',
      meaning: 'Domain events were given up: nobody is told of them until their period is published again',
      metric: monitored.failedBatches.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // The mark is gone with the item's next write, so that nothing but a person makes up for one.
      threshold: 1,
    },
    {
      name: 'events-unreadable',
      section: 'events-given-up',
      urgency: 'today',
      meaning: 'Items that are to be published cannot be read: nobody is told of what was done to them',
      metric: settleMetric(stage, 'EventUnreadable'),
      // They are passed over, so that the others need not wait for a person.
      threshold: 1,
    },
    {
      name: 'events-late',
      section: 'events-late',
      urgency: 'today',
      meaning: 'The stream is read a quarter of an hour late, so that the shop hears of its payments late',
      metric: functionOf(monitored, eventPublisher.name).metric('IteratorAge', {
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // It is read within a second or two. The stream keeps a day: what is older is lost to it.
      threshold: 15 * 60_000,
      periods: 2,
    },
  ];
}

/** From the bus to the receivers. */
function deliveryAlarms({ stage, deliveries }: MonitoredWebhooks): readonly AlarmDefinition[] {
  return [
    {
      name: 'deliveries-set-aside',
      section: 'deliveries-set-aside',
      urgency: 'today',
      meaning:
        'Messages of the queue of deliveries were set aside: the function that takes them failed at them time and again',
      metric: deliveries.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // A receiver's failure is none: this is ours.
      threshold: 1,
    },
    {
      name: 'deliveries-late',
      section: 'deliveries-late',
      urgency: 'today',
      meaning: 'What is to be delivered has been waiting in its queue for half an hour',
      metric: deliveries.queue.metricApproximateAgeOfOldestMessage({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // One that fails is received five times in a quarter of an hour and then set aside, with an alarm of its own.
      threshold: 30 * 60,
      periods: 2,
    },
    {
      name: 'deliveries-given-up',
      section: 'deliveries-given-up',
      urgency: 'today',
      meaning: 'A receiver has not taken an event for three days, or wants no more: it is not sent again',
      metric: settleMetric(stage, 'WebhookGivenUp'),
      // Each is something that a shop does not know of.
      threshold: 1,
    },
    {
      name: 'endpoint-failing',
      section: 'endpoint-failing',
      urgency: 'today',
      meaning: 'An endpoint has taken nothing for a day, of all that was sent to it',
      metric: settleMetric(stage, 'EndpointsFailing', {}, Stats.MAXIMUM),
      // In two days more, the first of its deliveries are given up.
      threshold: 1,
    },
  ];
}

/** What is due again. */
function releaseAlarms({ stage, releaseSchedule }: MonitoredWebhooks): readonly AlarmDefinition[] {
  return [
    {
      name: 'release-stopped',
      section: 'release-stopped',
      urgency: 'today',
      meaning:
        'What puts due deliveries into their queue has not come to its end for ten minutes: nothing is attempted a second time',
      metric: settleMetric(stage, 'ReleaseCompleted'),
      // As with the sweep: it runs every minute, and ten are not chance.
      threshold: 1,
      below: true,
      periods: 2,
      missingIsWrong: true,
    },
    {
      name: 'release-not-started',
      section: 'release-not-started',
      urgency: 'today',
      meaning: 'EventBridge cannot start what puts due deliveries into their queue',
      metric: failedStarts(releaseSchedule),
      // As with the sweep: one that fails is made up for by the next minute's.
      threshold: 3,
    },
    {
      name: 'release-late',
      section: 'release-late',
      urgency: 'today',
      meaning: 'Deliveries have been due for half an hour and are not attempted again',
      metric: settleMetric(stage, 'OldestDeliveryAge', {}, Stats.MAXIMUM),
      // A run a minute takes what is due: this is more than it manages.
      threshold: 30 * 60,
      periods: 2,
    },
  ];
}
