import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ANNOUNCE_MS } from '../../lib/orders/schedule.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import { streamConsumer } from '../endpoints.ts';
import type { AlarmDefinition } from './alarm.ts';
import { functionAlarms } from './function-alarms.ts';
import { functionGroups } from './function-groups.ts';
import { failedStarts, joined, settleMetric } from './metrics.ts';
import { functionOf, type MonitoredStage } from './monitored.ts';

const FIVE_MINUTES = Duration.minutes(5);

/** The alarms about what payments run on. */
export function machineryAlarms(monitored: MonitoredStage): readonly AlarmDefinition[] {
  const { sweepSchedule, dailySchedules, reconciliation } = monitored;
  return [
    {
      name: 'api-errors',
      section: 'api-errors',
      urgency: 'now',
      meaning: 'The API answers with 5xx, for its functions or in their place',
      metric: serverErrors(monitored),
      // Ten, and in two periods of three, are payers or providers who do not get through.
      threshold: 10,
      periods: 3,
      inPeriods: 2,
    },
    ...functionGroups.flatMap((group) => functionAlarms(monitored, group)),
    ...tableAlarms(monitored),
    {
      name: 'stream-late',
      section: 'stream-late',
      urgency: 'today',
      meaning: 'The stream is read minutes late, so that the group hears of payments late',
      metric: functionOf(monitored, streamConsumer.name).metric('IteratorAge', {
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // At five minutes records are given up, and the sweep announces them. At three it can be seen coming.
      threshold: 0.6 * ANNOUNCE_MS,
      periods: 2,
    },
    {
      name: 'sweep-not-started',
      section: 'sweep-not-started',
      urgency: 'today',
      meaning: 'EventBridge cannot start the sweep',
      metric: failedStarts(sweepSchedule),
      // A start that fails is made up for by the next minute's. Three of five are no chance: it may not, or there is
      // nothing to start.
      threshold: 3,
    },
    {
      name: 'daily-not-started',
      section: 'daily-not-started',
      urgency: 'today',
      meaning: 'EventBridge cannot start what reconciles the days, or the digest',
      metric: joined('SUM', dailySchedules.map(failedStarts)),
      // The one is started once an hour, the other once a day: there is no second to wait for.
      threshold: 1,
    },
    {
      name: 'days-given-up',
      section: 'days-given-up',
      urgency: 'today',
      meaning: 'A day was given up: the function that reconciles it failed at it time and again',
      metric: reconciliation.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      // It is received three times, an hour and a half apart: no hiccup of a provider lasts that long.
      threshold: 1,
    },
  ];
}

/**
 * Without what strangers can make: an empty body at WeChat Pay's address is a 500, as its document has it, and so is
 * anything there of a stage that has no WeChat Pay.
 */
function serverErrors({ stage, api }: MonitoredStage): IMetric {
  return new MathExpression({
    label: 'answers with 5xx, but to messages that are none',
    expression: 'answered - FILL(malformed, 0)',
    usingMetrics: {
      answered: api.metricServerError({ statistic: Stats.SUM }),
      malformed: settleMetric(stage, 'MalformedAnswered500'),
    },
    period: FIVE_MINUTES,
  });
}

function tableAlarms({ table }: MonitoredStage): AlarmDefinition[] {
  const TableName = table.tableName;
  const of = (metricName: string, dimensions: Readonly<Record<string, string>>) =>
    new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: dimensions, statistic: Stats.SUM });
  const throttled = (metricName: string) =>
    joined('SUM', [
      of(metricName, { TableName }),
      ...Object.values(tableIndexes).map(({ name }) =>
        of(metricName, { TableName, GlobalSecondaryIndexName: name }),
      ),
    ]);
  const failed = joined(
    'SUM',
    usedOperations.map((Operation) => of('SystemErrors', { TableName, Operation })),
  );
  return [
    {
      name: 'table-write-throttles',
      section: 'table-throttles',
      urgency: 'now',
      meaning: 'DynamoDB turns writes away, to the table or to one of its indexes',
      metric: throttled('WriteThrottleEvents'),
      // An on-demand table throttles for seconds while it grows with its traffic, and each write is tried again for
      // up to 4 s. A hundred in five minutes, twice, are a partition or an account at its limit.
      threshold: 100,
      periods: 2,
    },
    {
      name: 'table-read-throttles',
      section: 'table-throttles',
      urgency: 'today',
      meaning: 'DynamoDB turns reads away, from the table or from one of its indexes',
      metric: throttled('ReadThrottleEvents'),
      // As for writes; but payments are settled without reading.
      threshold: 100,
      periods: 2,
    },
    {
      name: 'table-errors',
      section: 'table-errors',
      urgency: 'now',
      meaning: 'DynamoDB fails by itself, with 5xx',
      metric: failed,
      // Single ones happen and are tried again. Ten in five minutes are an outage that begins.
      threshold: 10,
    },
  ];
}

/** What the functions ask of the table. */
const usedOperations = ['GetItem', 'PutItem', 'UpdateItem', 'Query', 'TransactWriteItems'];
