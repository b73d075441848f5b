import {
  type Dimension,
  type MetricDefinition,
  type MetricName,
  type MetricValues,
  metrics,
  NAMESPACE,
} from './metrics.ts';

/** In place of a dimension that a line does not have: an order that costs nothing has no provider. */
const NONE = 'none';

interface Layout {
  readonly dimensions: readonly Dimension[];
  /** Tells CloudWatch which fields of the line are metrics and which are their dimensions. */
  readonly directives: readonly object[];
}

/**
 * What makes a log line a document of the CloudWatch embedded metric format: the values, the dimensions that the line
 * lacks, and the directives that tell which of its fields are which. The line itself holds `stage`.
 * @param at milliseconds since 1970
 */
export function embedMetrics(
  values: MetricValues,
  fields: Readonly<Partial<Record<Dimension, string | null>>>,
  at: number,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(values) as MetricName[];
  if (names.length === 0) return {};
  const { dimensions, directives } = layoutOf(names);
  const embedded: Record<string, unknown> = {};
  for (const dimension of dimensions) embedded[dimension] = fields[dimension] ?? NONE;
  return { ...embedded, ...values, _aws: { Timestamp: at, CloudWatchMetrics: directives } };
}

/** Lines carry few combinations of metrics, and the same ones again and again. */
const layouts = new Map<string, Layout>();

function layoutOf(names: readonly MetricName[]): Layout {
  const key = names.join();
  const known = layouts.get(key);
  if (known) return known;
  const alike = Map.groupBy(names, (name): MetricDefinition['dimensions'] => metrics[name].dimensions);
  const layout = {
    dimensions: [...new Set([...alike.keys()].flat(2))],
    directives: [...alike].map(([dimensions, group]) => ({
      Namespace: NAMESPACE,
      Dimensions: dimensions.map((set) => ['stage', ...set]),
      Metrics: group.map((name) => ({ Name: name, Unit: metrics[name].unit })),
    })),
  };
  layouts.set(key, layout);
  return layout;
}
