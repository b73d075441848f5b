/**
 * List prices of us-east-1 in US dollars, as read in November 2026 from AWS's pricing pages and without free tiers:
 * DynamoDB on demand, standard class (since November 2024); Lambda on arm64; API Gateway's HTTP API, first 300 million;
 * CloudWatch Logs, standard class; X-Ray; Secrets Manager; data transfer out. AWS in China publishes its own, in yuan.
 */
export interface Prices {
  readonly perMillionWriteUnits: number;
  readonly perMillionReadUnits: number;
  /** Of DynamoDB, its point-in-time recovery included. */
  readonly perStoredGbMonth: number;
  readonly perMillionHttpRequests: number;
  readonly perMillionInvocations: number;
  readonly perGbSecond: number;
  readonly perLoggedGb: number;
  readonly perMillionTraces: number;
  readonly perTransferredGb: number;
  readonly perSecretMonth: number;
  readonly perMillionSecretReads: number;
  readonly perMetricMonth: number;
  readonly perAlarmMonth: number;
  readonly perDashboardMonth: number;
}

export const listPrices: Prices = {
  perMillionWriteUnits: 0.625,
  perMillionReadUnits: 0.125,
  perStoredGbMonth: 0.25 + 0.2,
  perMillionHttpRequests: 1,
  perMillionInvocations: 0.2,
  perGbSecond: 0.000_013_333_4,
  perLoggedGb: 0.5,
  perMillionTraces: 5,
  perTransferredGb: 0.09,
  perSecretMonth: 0.4,
  perMillionSecretReads: 5,
  perMetricMonth: 0.3,
  perAlarmMonth: 0.1,
  perDashboardMonth: 3,
};
