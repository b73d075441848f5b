import {
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { MonitoredStage } from './monitored.ts';

/** A dashboard is so many columns wide. */
export const WIDTH = 24;

export interface GraphOptions {
  readonly stacked?: boolean;
  /** By an axis of their own. */
  readonly right?: IMetric[];
}

/** A graph that is as wide as it is told to be. */
export const graph =
  (title: string, left: IMetric[], options: GraphOptions = {}) =>
  (width: number): IWidget =>
    new GraphWidget({ title, left, ...options, width, height: 6 });

/** Graphs side by side, sharing the whole width. */
export const row = (...graphs: ((width: number) => IWidget)[]): IWidget[] =>
  graphs.map((each) => each(WIDTH / graphs.length));

export const heading = (title: string): IWidget =>
  new TextWidget({ markdown: `## ${title}`, width: WIDTH, height: 1 });

/** One of Lambda's metrics of each function. */
export const ofFunctions = (
  functions: MonitoredStage['functions'],
  metricName: string,
  statistic: string,
): IMetric[] => [...functions].map(([label, each]) => each.metric(metricName, { statistic, label }));

/** The latest lines that are more than news, with these of their fields. */
export const whatWentWrong = (functions: MonitoredStage['functions'], fields: readonly string[]): IWidget =>
  new LogQueryWidget({
    title: 'What went wrong lately',
    logGroupNames: [...functions.values()].map(({ logGroup }) => logGroup.logGroupName),
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      `fields @timestamp, function, message, ${fields.join(', ')}, error, request_id`,
      'filter level in ["WARN", "ERROR"]',
      'sort @timestamp desc',
      'limit 50',
    ],
    width: WIDTH,
    height: 8,
  });
