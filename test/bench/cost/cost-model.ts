import type { Prices } from './prices.ts';

/** What one payment uses. */
export interface PaymentUsage {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** What stays in the table and its indexes. */
  readonly storedBytes: number;
  readonly httpRequests: number;
  readonly invocations: number;
  /** Billed time of all invocations times their memory. */
  readonly gbSeconds: number;
  readonly loggedBytes: number;
  readonly traces: number;
  readonly transferredBytes: number;
}

/** What a stage uses in a month in which nobody pays. */
export interface StageUsage {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  readonly secrets: number;
  readonly secretReads: number;
  readonly metrics: number;
  readonly alarms: number;
  readonly dashboards: number;
}

const MILLION = 1_000_000;
const GB = 1_024 ** 3;
const SECONDS_OF_MONTH = 730 * 3_600;

/** Dollars for a million payments, by part; of what they leave behind, the first month. */
export const costOfMillion = (usage: PaymentUsage, prices: Prices) => ({
  'DynamoDB writes': usage.writeUnits * prices.perMillionWriteUnits,
  'DynamoDB reads': usage.readUnits * prices.perMillionReadUnits,
  'DynamoDB storage, a month': (usage.storedBytes * MILLION * prices.perStoredGbMonth) / GB,
  'API Gateway': usage.httpRequests * prices.perMillionHttpRequests,
  'Lambda requests': usage.invocations * prices.perMillionInvocations,
  'Lambda duration': usage.gbSeconds * MILLION * prices.perGbSecond,
  'CloudWatch Logs': (usage.loggedBytes * MILLION * prices.perLoggedGb) / GB,
  'X-Ray': usage.traces * prices.perMillionTraces,
  'data transfer': (usage.transferredBytes * MILLION * prices.perTransferredGb) / GB,
});

/** Dollars for a month of a stage in which nobody pays, by part. */
export const costOfIdleMonth = (usage: StageUsage, prices: Prices) => ({
  sweep:
    (usage.writeUnits * prices.perMillionWriteUnits +
      usage.readUnits * prices.perMillionReadUnits +
      usage.invocations * prices.perMillionInvocations) /
      MILLION +
    usage.gbSeconds * prices.perGbSecond,
  'Secrets Manager':
    usage.secrets * prices.perSecretMonth + (usage.secretReads * prices.perMillionSecretReads) / MILLION,
  'metrics, alarms, dashboard':
    usage.metrics * prices.perMetricMonth +
    usage.alarms * prices.perAlarmMonth +
    usage.dashboards * prices.perDashboardMonth,
});

export const totalCost = (costs: Readonly<Record<string, number>>): number =>
  Object.values(costs).reduce((sum, cost) => sum + cost, 0);

/** How often something is done in a month that is done once in so many seconds. */
export const timesAMonth = (interval_s: number): number => SECONDS_OF_MONTH / interval_s;
