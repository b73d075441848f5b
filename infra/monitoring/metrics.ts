import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type Dimension, type MetricName, metrics, NAMESPACE } from '../../lib/telemetry/metrics.ts';

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
