import { exceptionKinds, isOneOf } from '../orders/kinds.ts';
import type { Checked, CheckResult, SweepCounts } from '../orders/sweep.ts';
import { reportProviderFailure } from './failures.ts';
import type { MetricValues } from './metrics.ts';
import { exceptionMetrics } from './settlement-report.ts';
import type { Telemetry } from './telemetry.ts';

interface AnnouncementCounts {
  readonly overdue: number;
  readonly oldest_ms: number;
}

export interface SweepRun {
  readonly checks: PromiseSettledResult<SweepCounts>;
  readonly announcements: PromiseSettledResult<AnnouncementCounts>;
  readonly latency_ms: number;
}

/** What a check comes to by itself. Of what it settled, the settlement's own line tells. */
const ownOutcomes = [
  'open',
  'cleared',
  'closed',
  'merchant_missing',
  'told',
  'not_shipped',
] as const satisfies readonly CheckResult['outcome'][];

/** A line for each check but those that only settled something. */
export function reportChecks(telemetry: Telemetry) {
  return {
    report(check: Checked, { outcome }: CheckResult): void {
      if (!isOneOf(ownOutcomes, outcome)) return;
      const level = isOneOf(exceptionKinds, outcome) ? 'warn' : 'info';
      telemetry.log(level, 'check', { ...check, outcome }, { metrics: exceptionMetrics(outcome) });
    },
    onFailure(check: Checked, error: unknown): void {
      reportProviderFailure(telemetry, 'check', check, error);
    },
  };
}

/** The line of a whole run, with what it found to do. */
export function reportSweep({ log }: Telemetry, { checks, announcements, latency_ms }: SweepRun): void {
  const failed = [checks, announcements].find((part) => part.status === 'rejected');
  const metrics: MetricValues = {
    ...(checks.status === 'fulfilled' && checkMetrics(checks.value)),
    ...(announcements.status === 'fulfilled' && announcementMetrics(announcements.value)),
    ...(!failed && { SweepCompleted: 1 }),
  };
  if (failed) log('error', 'sweep', { outcome: 'failed', latency_ms }, { error: failed.reason, metrics });
  else log('info', 'sweep', { outcome: 'completed', latency_ms }, { metrics });
}

const checkMetrics = (counts: SweepCounts): MetricValues => ({
  ChecksMade: counts.checked,
  ChecksFailed: counts.failed,
  ChecksLeft: counts.left,
  ChecksOverdue: counts.overdue,
  OrdersClosedLate: counts.closed_late,
  OldestCheckAge: seconds(counts.oldest_check_ms),
  OldestRefundAge: seconds(counts.oldest_refund_ms),
  ...(counts.unreadable > 0 && { ItemUnreadable: counts.unreadable }),
});

const announcementMetrics = ({ overdue, oldest_ms }: AnnouncementCounts): MetricValues => ({
  AnnouncementsOverdue: overdue,
  OldestAnnouncementAge: seconds(oldest_ms),
});

const seconds = (duration_ms: number) => Math.round(duration_ms / 1_000);
