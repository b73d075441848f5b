import { GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';

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
