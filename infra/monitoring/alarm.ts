import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** `now`: money or the taking of it is at stake, at any hour. `today`: nothing is lost when it waits for the morning. */
export type Urgency = 'now' | 'today';

export interface AlarmDefinition {
  /** After `settle-<stage>-`. */
  readonly name: string;
  /** The heading in the runbook that says what to do. */
  readonly section: string;
  readonly urgency: Urgency;
  /** What has happened, in a sentence. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** At or above the threshold, unless below is what is wrong. */
  readonly below?: true;
  /** The last so many periods are looked at, and in how many of them it must be so; 1 of 1 unless told otherwise. */
  readonly periods?: number;
  readonly inPeriods?: number;
  /** No data is what is wrong. */
  readonly missingIsWrong?: true;
}
