import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ANNOUNCE_MS } from '../../lib/orders/schedule.ts';
import { tableIndexes } from '../../lib/store/table.ts';
import { streamConsumer } from '../endpoints.ts';
import type { AlarmDefinition } from './alarm.ts';
import { type FunctionGroup, functionGroups } from './function-groups.ts';
import { settleMetric } from './metrics.ts';
import { functionOf, type MonitoredStage } from './monitored.ts';

const FIVE_MINUTES = Duration.minutes(5);

/** A provider waits no longer for its answer; what is stored later is sent again. */
const PROVIDER_PATIENCE_MS = 5_000;

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

const failedStarts = ({ ruleName }: IRule): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: ruleName },
    period: FIVE_MINUTES,
    statistic: Stats.SUM,
  });

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

function functionAlarms(monitored: MonitoredStage, { name, functions }: FunctionGroup): AlarmDefinition[] {
  const isWaitedFor = name === 'callbacks' || name === 'commands' || name === 'lookups';
  const isMadeAgainSoon = name === 'announcements' || name === 'sweep';
  const urgency = isWaitedFor ? 'now' : 'today';
  const watched = functions.map((each) => functionOf(monitored, each));
  const ofAll = (metricName: 'Errors' | 'Throttles' | 'Duration', join: 'SUM' | 'MAX') =>
    joined(
      join,
      watched.map((each) =>
        each.metric(metricName, { statistic: join === 'SUM' ? Stats.SUM : Stats.MAXIMUM }),
      ),
    );
  return [
    {
      name: `function-errors-${name}`,
      section: 'function-errors',
      urgency,
      meaning: `A function crashed, did not load or ran into its time limit (${name})`,
      metric: ofAll('Errors', 'SUM'),
      // Whatever goes wrong on the way, a function answers itself: one error is a fault. A batch of the stream or a run
      // of the sweep that fails is made again at once, so that only one that keeps failing matters.
      threshold: isMadeAgainSoon ? 3 : 1,
    },
    {
      name: `function-throttles-${name}`,
      section: 'function-throttles',
      urgency,
      meaning: `Lambda turns calls away: too many are under way at once (${name})`,
      metric: ofAll('Throttles', 'SUM'),
      // Providers send a callback that was turned away again, payers tap again, and a burst is over in seconds.
      // Ten in five minutes are more than that.
      threshold: 10,
    },
    {
      name: `function-slow-${name}`,
      section: 'function-slow',
      urgency: 'today',
      meaning: `A function takes nearly as long as it is given (${name})`,
      metric: ofAll('Duration', 'MAX'),
      threshold: longestRun(name, shortestTimeout(watched)),
      // A provider or the table that was slow once shows in one period; what runs by the hour has no second.
      ...(isWaitedFor || isMadeAgainSoon ? { periods: 3, inPeriods: 2 } : {}),
    },
  ];
}

/** In milliseconds, as the time limit is. */
function longestRun(name: FunctionGroup['name'], limit_ms: number): number {
  if (name === 'callbacks') return PROVIDER_PATIENCE_MS;
  // A large day takes all of its time but a minute, and goes on in the next run.
  return name === 'reconcile' ? limit_ms - 30_000 : 0.9 * limit_ms;
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

/** CloudWatch takes no more metrics in one alarm. */
const MOST_METRICS = 10;

/** @throws Error when there are more metrics than an alarm may have */
function joined(join: 'SUM' | 'MAX', metrics: readonly IMetric[]): IMetric {
  if (metrics.length > MOST_METRICS) throw new Error(`an alarm takes ${MOST_METRICS} metrics`);
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: `${join}([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    period: FIVE_MINUTES,
  });
}

function shortestTimeout(functions: readonly LambdaFunction[]): number {
  return Math.min(...functions.map(({ timeout }) => timeout?.toMilliseconds() ?? Number.POSITIVE_INFINITY));
}
