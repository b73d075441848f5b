import type { Template } from '../../../infra/stacks/template.ts';
import type { DataPoint } from '../../support/embedded-metrics.ts';
import { resourcesIn } from '../stack/template-reader.ts';

/** An alarm as CloudFormation has it. */
export interface TemplateAlarm {
  readonly AlarmName: unknown;
  readonly AlarmDescription: string;
  readonly AlarmActions?: readonly unknown[];
  readonly OKActions?: readonly unknown[];
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Metrics?: readonly MetricQuery[];
}

interface MetricQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: TemplateMetric; readonly Period: number; readonly Stat: string };
}

export interface TemplateMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

export const alarmsIn = (template: Template): TemplateAlarm[] =>
  resourcesIn(template, 'AWS::CloudWatch::Alarm').map(
    ({ Properties }) => Properties as unknown as TemplateAlarm,
  );

export const metricsOf = (alarm: TemplateAlarm): TemplateMetric[] =>
  alarm.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []) ?? [
    alarm as unknown as TemplateMetric,
  ];

/** Whether an alarm would be set off by points that all fall into each of its periods. */
export function isSetOff(alarm: TemplateAlarm, points: readonly DataPoint[]): boolean {
  const value = measure(alarm, points);
  if (value === undefined) return alarm.TreatMissingData === 'breaching';
  switch (alarm.ComparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= alarm.Threshold;
    case 'LessThanThreshold':
      return value < alarm.Threshold;
    default:
      throw new Error(`nothing is known of ${alarm.ComparisonOperator}`);
  }
}

function measure(alarm: TemplateAlarm, points: readonly DataPoint[]): number | undefined {
  if (!alarm.Metrics) return statistic(alarm as unknown as TemplateMetric, alarm.Statistic ?? '', points);
  const values = new Map<string, number | undefined>();
  let expression: string | undefined;
  for (const { Id, Expression, MetricStat } of alarm.Metrics) {
    if (MetricStat) values.set(Id, statistic(MetricStat.Metric, MetricStat.Stat, points));
    expression ??= Expression;
  }
  return expression === undefined ? [...values.values()][0] : evaluate(expression, values);
}

function statistic(metric: TemplateMetric, name: string, points: readonly DataPoint[]): number | undefined {
  const found = points.filter((point) => matches(metric, point)).map(({ value }) => value);
  if (found.length === 0) return undefined;
  if (name === 'Maximum') return Math.max(...found);
  if (name === 'Sum') return found.reduce((sum, value) => sum + value);
  throw new Error(`nothing is known of ${name}`);
}

function matches({ Namespace, MetricName, Dimensions = [] }: TemplateMetric, point: DataPoint): boolean {
  const wanted = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  const names = new Set([...Object.keys(wanted), ...Object.keys(point.dimensions)]);
  return (
    Namespace === point.namespace &&
    MetricName === point.name &&
    [...names].every((name) => wanted[name] === point.dimensions[name])
  );
}

/** The few expressions that the alarms have; of a list, what is missing is left out. */
function evaluate(expression: string, values: ReadonlyMap<string, number | undefined>): number | undefined {
  const [, join, list = ''] = /^(SUM|MAX)\(\[([\w, ]+)\]\)$/.exec(expression) ?? [];
  if (join) {
    const known = list.split(', ').flatMap((id) => values.get(id) ?? []);
    if (known.length === 0) return undefined;
    return join === 'MAX' ? Math.max(...known) : known.reduce((sum, value) => sum + value);
  }
  const stopped = /^IF\(FILL\((\w+), 0\) >= (\d+) AND FILL\((\w+), 0\) == 0, 1, 0\)$/.exec(expression);
  if (stopped) {
    const [, many = '', least, none = ''] = stopped;
    return (values.get(many) ?? 0) >= Number(least) && (values.get(none) ?? 0) === 0 ? 1 : 0;
  }
  if (/^FILL\(\w+, 0\) \+ FILL\(\w+, 0\)$/.test(expression)) {
    return [...values.values()].reduce<number>((sum, value = 0) => sum + value, 0);
  }
  const difference = /^(\w+) - FILL\((\w+), 0\)$/.exec(expression);
  if (difference) {
    const [, all = '', less = ''] = difference;
    const value = values.get(all);
    return value === undefined ? undefined : value - (values.get(less) ?? 0);
  }
  throw new Error(`nothing is known of ${expression}`);
}
