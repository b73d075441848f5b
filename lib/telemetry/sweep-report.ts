import type { Telemetry } from './telemetry.ts';

interface SweepCounts {
  readonly checked: number;
  readonly failed: number;
  readonly left: number;
}

/** One line for what each check brought, and one for each part of the run. */
export function reportSweep({ log, count }: Telemetry) {
  return {
    report(order_no: string, provider: string | null, result: { readonly outcome: string } | null): void {
      if (!result) return;
      log('info', 'checked with the provider', { order_no, provider, outcome: result.outcome });
      count('Settlement', { provider: provider ?? '-', outcome: result.outcome });
    },
    onFailure(order_no: string, provider: string | null, error: unknown): void {
      log('warn', 'the check failed and is made again', { order_no, provider }, error);
      count('CheckFailed', { provider: provider ?? '-' });
    },
    onAnnounced(announced: number): void {
      if (announced > 0) log('info', 'announced what was overdue', { announced });
    },
    onChecked(counts: SweepCounts): void {
      log('info', 'checked what was due', counts);
      count('SweepChecked', {}, counts.checked);
      count('SweepLeft', {}, counts.left);
    },
  };
}
