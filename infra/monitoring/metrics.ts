import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRule } from 'aws-cdk-lib/aws-events';
import { type Dimension, type MetricName, metrics, NAMESPACE } from '../../lib/telemetry/metrics.ts';

const FIVE_MINUTES = Duration.minutes(5);

/**
 * A metric that the functions' log lines carry, of one stage: its sum unless told otherwise.
 * @throws Error when no line carries it under these dimensions
 */
export function settleMetric(
  stage: string,
  metricName: MetricName,
  dimensions: Readonly<Partial<Record<Dimension, string>>> = {},
  statistic: string = Stats.SUM,
): Metric {
  const used = Object.keys(dimensions);
  const isCounted = metrics[metricName].dimensions.some(
    (set) => set.length === used.length && set.every((dimension) => used.includes(dimension)),
  );
  if (!isCounted) throw new Error(`${metricName} is not counted by ${used.join(' and ') || 'stage alone'}`);
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { stage, ...dimensions },
    statistic,
  });
}

/** Starts of what a rule runs that EventBridge could not make, in five minutes. */
export const failedStarts = ({ ruleName }: IRule): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: ruleName },
    period: FIVE_MINUTES,
    statistic: Stats.SUM,
  });

/** CloudWatch takes no more metrics in one alarm. */
const MOST_METRICS = 10;

/** Of each five minutes. @throws Error when there are more metrics than an alarm may have */
export function joined(join: 'SUM' | 'MAX', parts: readonly IMetric[]): IMetric {
  if (parts.length > MOST_METRICS) throw new Error(`an alarm takes ${MOST_METRICS} metrics`);
  const usingMetrics = Object.fromEntries(parts.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({
    expression: `${join}([${Object.keys(usingMetrics).join(', ')}])`,
    usingMetrics,
    period: FIVE_MINUTES,
  });
}
