import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { AlarmDefinition } from './alarm.ts';
import type { FunctionGroup, GroupName } from './function-groups.ts';
import { joined } from './metrics.ts';
import { functionOf, type MonitoredStage } from './monitored.ts';

/** A provider waits no longer for its answer; what is stored later is sent again. */
const PROVIDER_PATIENCE_MS = 5_000;

const waitedFor: readonly GroupName[] = ['callbacks', 'commands', 'lookups', 'webhook-requests'];
const madeAgainSoon: readonly GroupName[] = ['announcements', 'sweep', 'events', 'deliveries', 'release'];

/** The alarms about the functions of a group. */
export function functionAlarms(
  monitored: Pick<MonitoredStage, 'functions'>,
  { name, functions }: FunctionGroup,
): AlarmDefinition[] {
  const isWaitedFor = waitedFor.includes(name);
  const isMadeAgainSoon = madeAgainSoon.includes(name);
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
      // Whatever goes wrong on the way, a function answers itself: one error is a fault. A batch of a stream or a queue
      // or a run of the minute that fails is made again at once, so that only one that keeps failing matters.
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
function longestRun(name: GroupName, limit_ms: number): number {
  if (name === 'callbacks') return PROVIDER_PATIENCE_MS;
  // A large day takes all of its time but a minute, and goes on in the next run.
  return name === 'reconcile' ? limit_ms - 30_000 : 0.9 * limit_ms;
}

function shortestTimeout(functions: readonly LambdaFunction[]): number {
  return Math.min(...functions.map(({ timeout }) => timeout?.toMilliseconds() ?? Number.POSITIVE_INFINITY));
}
