import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type Provider, providers } from '../../lib/orders/kinds.ts';
import type { VerificationReason } from '../../lib/providers/message.ts';
import type { MetricName } from '../../lib/telemetry/metrics.ts';
import type { AlarmDefinition } from './alarm.ts';
import { settleMetric } from './metrics.ts';
import type { MonitoredStage } from './monitored.ts';

const FIVE_MINUTES = Duration.minutes(5);
const HOUR = Duration.hours(1);
const HOUR_S = 3_600;

/** The alarms about payments: what a person in the business would want to know. */
export const businessAlarms = (monitored: MonitoredStage): readonly AlarmDefinition[] => [
  ...messageAlarms(monitored),
  ...requestAlarms(monitored),
  ...providers.map((provider) => paymentsStopped(monitored.stage, provider)),
  ...providers.map((provider) => providerFailing(monitored.stage, provider)),
  ...checkAlarms(monitored),
  ...announcementAlarms(monitored),
  ...dailyAlarms(monitored),
];

const highest = (stage: string, name: MetricName) => settleMetric(stage, name, {}, Stats.MAXIMUM);

/** What providers say, and whether it could be stored. */
function messageAlarms({ stage }: MonitoredStage): readonly AlarmDefinition[] {
  return [
    {
      name: 'amount-mismatch',
      section: 'amount-mismatch',
      urgency: 'now',
      meaning: 'A provider says that another amount was paid than the payment was made for',
      metric: settleMetric(stage, 'AmountMismatch'),
      // Providers do not miscalculate: one is a fault in what they are told, or somebody who tries it on.
      threshold: 1,
    },
    {
      name: 'exception',
      section: 'exception',
      urgency: 'now',
      meaning:
        'Something genuine did not fit its order or its merchant, and a person must decide about its money',
      metric: settleMetric(stage, 'Exception'),
      // Each is somebody's money. No number of them is usual.
      threshold: 1,
    },
    {
      name: 'verification-failed',
      section: 'verification-failed',
      urgency: 'now',
      meaning: 'Messages that could be genuine do not verify, so that payments are not heard of',
      metric: failedVerifications(stage),
      // A refused payment alone comes four times in a minute from WeChat Pay and three times in a quarter of an hour
      // from Alipay, so that one real payer is enough; a lone forger who has tried it once or twice is not.
      threshold: 3,
    },
    {
      name: 'callbacks-failing',
      section: 'callbacks-failing',
      urgency: 'now',
      meaning: 'Callbacks are answered with a failure because they could not be stored',
      metric: settleMetric(stage, 'CallbackFailed'),
      // A hiccup of DynamoDB ends within the 4 s that a callback tries for, and the provider sends it again.
      // Three within five minutes are none.
      threshold: 3,
    },
    {
      name: 'unexpected-refusal',
      section: 'unexpected-refusal',
      urgency: 'now',
      meaning:
        'An order cannot be written: the table and the code disagree about it, or it never stands still',
      metric: settleMetric(stage, 'UnexpectedRefusal'),
      // It is a fault in the code, and the order it happened to is not settled until that is mended.
      threshold: 1,
    },
  ];
}

/** Requests of clients, and the documents without which nothing is answered. */
function requestAlarms({ stage }: MonitoredStage): readonly AlarmDefinition[] {
  return [
    {
      name: 'requests-failing',
      section: 'requests-failing',
      urgency: 'now',
      meaning: 'Requests of clients are answered with 500',
      metric: settleMetric(stage, 'RequestFailed'),
      // As with callbacks: clients try again, and what stays broken is asked for again and again.
      threshold: 3,
    },
    {
      name: 'document-refused',
      section: 'document-refused',
      urgency: 'now',
      meaning:
        'A configuration document is wrong: functions that run use the one before, and those that start refuse all that needs it',
      metric: settleMetric(stage, 'DocumentRefused'),
      // It does not mend itself, and every function that starts from now on fails, or a tenant is not paid at all. One
      // that is not there is neither: its provider is not offered.
      threshold: 1,
    },
    {
      name: 'document-unread',
      section: 'document-refused',
      urgency: 'now',
      meaning:
        'Configuration documents cannot be read: functions that run use the ones before, and those that start refuse all that needs them',
      metric: settleMetric(stage, 'DocumentUnread'),
      // A hiccup of Secrets Manager meets the few functions that are about to read again, and is over when they try
      // again after 15 s. Three in each of two periods are secrets that may not be read.
      threshold: 3,
      periods: 2,
    },
  ];
}

/** What the sweep finds out, and whether it runs. */
function checkAlarms({ stage }: MonitoredStage): readonly AlarmDefinition[] {
  return [
    {
      name: 'checks-late',
      section: 'checks-late',
      urgency: 'now',
      meaning:
        'Payments that should have been asked about are not: those whose callback is lost stay unnoticed',
      metric: highest(stage, 'OldestCheckAge'),
      // A run a minute takes the 1,600 that are longest due, so that what is due waits for a minute. A quarter of
      // an hour means more than 20,000 of them.
      threshold: 15 * 60,
    },
    {
      name: 'item-unreadable',
      section: 'item-unreadable',
      urgency: 'now',
      meaning:
        'Items are stored in a way that the code that runs does not understand: what they owe waits, questions about payments too',
      metric: settleMetric(stage, 'ItemUnreadable'),
      // Newer code that was rolled back, or a fault, makes one, and it does not mend itself. The sweep comes to each of
      // them every quarter of an hour: over a little more than that, the alarm lasts until there is none.
      threshold: 1,
      periods: 4,
      inPeriods: 1,
    },
    {
      name: 'orders-closed-late',
      section: 'orders-closed-late',
      urgency: 'today',
      meaning:
        'Orders are closed more than two minutes after their time: goods are kept for nobody for so long',
      metric: settleMetric(stage, 'OrdersClosedLate'),
      // None is, up to what the sweep closes in a minute. A few, which one slow run leaves to the next, are no more than
      // that: ten in each of three periods are more than it manages, or a provider that does not answer.
      threshold: 10,
      periods: 3,
    },
    {
      name: 'refund-abnormal',
      section: 'refund-abnormal',
      urgency: 'today',
      meaning:
        "A payer's bank has refused a refund: its money waits at WeChat Pay until somebody says where it goes",
      // Only WeChat Pay has such a state.
      metric: settleMetric(stage, 'Settlement', { provider: 'wechat', outcome: 'refund_abnormal' }),
      // One is somebody's money. WeChat Pay tells of it once, and every check that finds it so counts again, six hours
      // apart at most: over a little more than that, the alarm lasts until the refund is settled there.
      threshold: 1,
      periods: 75,
      inPeriods: 1,
    },
    {
      name: 'refund-open',
      section: 'refund-open',
      urgency: 'today',
      meaning: 'A refund has been undecided for three days: its payer waits for the money',
      metric: highest(stage, 'OldestRefundAge').with({ period: Duration.hours(6) }),
      // To a bank card a refund takes up to three working days, and what the bank refuses sooner has an alarm of its
      // own. An open refund is looked at every six hours, and one look that falls just outside its period is in the
      // next.
      threshold: 3 * 24 * HOUR_S,
      periods: 2,
      inPeriods: 1,
    },
    {
      name: 'sweep-stopped',
      section: 'sweep-stopped',
      urgency: 'now',
      meaning:
        'The sweep has not come to its end for ten minutes: nothing finds lost callbacks and open refunds',
      metric: settleMetric(stage, 'SweepCompleted'),
      // It runs every minute. One run that fails is made up for by the next; ten are not chance.
      threshold: 1,
      below: true,
      periods: 2,
      missingIsWrong: true,
    },
  ];
}

/** What the group is told. */
function announcementAlarms({ stage, failedBatches }: MonitoredStage): readonly AlarmDefinition[] {
  return [
    {
      name: 'announcement-late',
      section: 'announcement-late',
      urgency: 'today',
      meaning: 'The group has been waiting for the news of a payment for a quarter of an hour',
      metric: highest(stage, 'OldestAnnouncementAge'),
      // The stream tells within seconds, the sweep after five minutes and again after ten: all three have failed.
      // From then on the sweep tries less and less often, up to an hour apart, and measures only when it does.
      threshold: 15 * 60,
      periods: 12,
      inPeriods: 1,
    },
    {
      name: 'record-parked',
      section: 'record-parked',
      urgency: 'today',
      meaning: 'An item that owes the group a message cannot be read and was set aside',
      metric: settleMetric(stage, 'RecordParked'),
      // Only a fault in the code or a hand in the table makes one.
      threshold: 1,
    },
    {
      name: 'batches-given-up',
      section: 'batches-given-up',
      urgency: 'today',
      meaning:
        'Records of the stream were given up: the function that reads them crashes or does not keep up',
      metric: failedBatches.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // The sweep announces what they were about, so that nothing is lost; but none should ever come here.
      threshold: 1,
    },
  ];
}

/**
 * What the day's digest counts. It runs once a day, and each of these lasts until the next one finds otherwise. Of a
 * provider without a document nothing is counted.
 */
function dailyAlarms({ stage }: MonitoredStage): readonly AlarmDefinition[] {
  const untilTheNext = { periods: 25, inPeriods: 1 };
  const counted = (name: MetricName) => highest(stage, name).with({ period: HOUR });
  return [
    {
      name: 'reconciliation-differs',
      section: 'reconciliation-differs',
      urgency: 'today',
      meaning:
        'A day does not agree with its provider: money has moved that the books do not know, or not so',
      metric: counted('ReconciliationDiffers'),
      // Each is an exception, and somebody's money.
      threshold: 1,
      ...untilTheNext,
    },
    {
      name: 'reconciliation-late',
      section: 'reconciliation-late',
      urgency: 'today',
      meaning: 'A day of a merchant has not been reconciled for three days',
      metric: counted('ReconciliationLate'),
      // A bill is there in the next morning, and is asked for every hour. Three days are no late bill any more.
      threshold: 1,
      ...untilTheNext,
    },
    {
      name: 'exception-overdue',
      section: 'exception-overdue',
      urgency: 'today',
      meaning: 'An exception has been open for longer than its kind allows',
      metric: counted('ExceptionOverdue'),
      // How long each kind may be open, the code knows: a dispute lasts months.
      threshold: 1,
      ...untilTheNext,
    },
  ];
}

/**
 * Those that a genuine message gets when a key, a certificate or a clock is wrong. A message without a signature or
 * with half of one is a stranger's, and WeChat Pay's probe is meant to fail.
 */
const telling: readonly VerificationReason[] = [
  'signature_mismatch',
  'unknown_key',
  'timestamp_out_of_range',
];

function failedVerifications(stage: string): IMetric {
  return new MathExpression({
    label: 'messages that could be genuine',
    expression: `SUM([${telling.join(', ')}])`,
    usingMetrics: Object.fromEntries(
      telling.map((reason) => [reason, settleMetric(stage, 'VerificationFailed', { reason })]),
    ),
    period: Duration.minutes(15),
  });
}

function paymentsStopped(stage: string, provider: Provider): AlarmDefinition {
  return {
    name: `payments-stopped-${provider}`,
    section: 'payments-stopped',
    urgency: 'now',
    meaning: `Payers are sent to ${provider}, and for an hour none of them has paid`,
    metric: new MathExpression({
      label: `${provider}: 1 when payers come and none pays`,
      expression: 'IF(FILL(requested, 0) >= 20 AND FILL(settled, 0) == 0, 1, 0)',
      usingMetrics: {
        requested: settleMetric(stage, 'PaymentRequested', { provider }),
        settled: settleMetric(stage, 'Settlement', { provider, outcome: 'settled' }),
      },
      period: Duration.hours(1),
    }),
    // If only one payer in three goes through with it, twenty who all do not are one case in 3,000.
    threshold: 1,
  };
}

function providerFailing(stage: string, provider: Provider): AlarmDefinition {
  return {
    name: `provider-failing-${provider}`,
    section: 'provider-failing',
    urgency: 'today',
    meaning: `Calls to ${provider} bring no usable answer`,
    metric: settleMetric(stage, 'ProviderFailed', { provider }),
    // The sweep leaves a provider alone after five failures, so that this is a minute of it being down. For a
    // quarter of an hour it is no deployment of theirs any more.
    threshold: 5,
    periods: 3,
  };
}
