import { type MetricDefinition, type MetricName, type MetricValues, metrics, NAMESPACE } from './metrics.ts';

/** In place of a dimension that a line does not have: an order that costs nothing has no provider. */
const NONE = 'none';

/**
 * What makes a log line a document of the CloudWatch embedded metric format: the values, the dimensions that the line
 * lacks, and the directive that tells which of its fields are which. The line itself holds `stage`.
 * @param at milliseconds since 1970
 */
export function embedMetrics(
  values: MetricValues,
  fields: Readonly<Record<string, unknown>>,
  at: number,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(values) as MetricName[];
  if (names.length === 0) return {};
  const used = names.flatMap((name) => metrics[name].dimensions.flat());
  const missing = used.filter((dimension) => typeof fields[dimension] !== 'string');
  const alike = Map.groupBy(names, (name): MetricDefinition['dimensions'] => metrics[name].dimensions);
  return {
    ...Object.fromEntries(missing.map((dimension) => [dimension, NONE])),
    ...values,
    _aws: { Timestamp: at, CloudWatchMetrics: [...alike].map(directive) },
  };
}

function directive([dimensions, names]: readonly [MetricDefinition['dimensions'], readonly MetricName[]]) {
  return {
    Namespace: NAMESPACE,
    Dimensions: dimensions.map((set) => ['stage', ...set]),
    Metrics: names.map((name) => ({ Name: name, Unit: metrics[name].unit })),
  };
}
