import type { MetricValues } from './metrics.ts';
import type { Telemetry } from './telemetry.ts';

interface Counts {
  readonly overdue: number;
  readonly differing: number;
  readonly late: number;
}

export type DigestOutcome = 'delivered' | 'nothing_to_say' | 'nobody_to_tell';

/** The line of a daily digest, with what alarms look at; that it could not be sent changes none of it. */
export function reportDigest({ log }: Telemetry, now: () => number) {
  const started = now();
  const metricsOf = ({ overdue, differing, late }: Counts): MetricValues => ({
    ExceptionOverdue: overdue,
    ReconciliationDiffers: differing,
    ReconciliationLate: late,
  });
  return {
    sent(counts: Counts, outcome: DigestOutcome): void {
      log('info', 'digest', { outcome, latency_ms: now() - started }, { metrics: metricsOf(counts) });
    },
    failed(counts: Counts, error: unknown): void {
      const metrics = { ...metricsOf(counts), NotificationFailed: 1 };
      log('error', 'digest', { outcome: 'not_delivered', latency_ms: now() - started }, { error, metrics });
    },
  };
}
