import type { Provider } from '../orders/kinds.ts';
import type { MerchantDay } from '../reconciliation/day-result.ts';
import type { Difference } from '../reconciliation/difference.ts';
import type { DayOutcome } from '../reconciliation/reconcile-day.ts';
import type { Telemetry } from './telemetry.ts';

/** A line for the hourly start, and one for each provider whose days could not be asked for. */
export function reportStart({ log }: Telemetry, now: () => number) {
  const started = now();
  return {
    failed(provider: Provider, error: unknown): void {
      log('error', 'reconciliation_start', { provider, outcome: 'failed' }, { error });
    },
    ended(days: number): void {
      const outcome = days > 0 ? 'started' : 'nothing_due';
      log('info', 'reconciliation_start', { outcome, latency_ms: now() - started });
    },
  };
}

/** A line for each difference, and one for what the run of a day came to. */
export function reportDay({ log }: Telemetry, merchantDay: MerchantDay, now: () => number) {
  const started = now();
  const fields = (outcome: string) => ({ ...merchantDay, outcome, latency_ms: now() - started });
  return {
    differs({ kind, order_no, payment_no, movement }: Difference): void {
      log('warn', 'difference', {
        ...merchantDay,
        ...(order_no !== null && { order_no }),
        ...(payment_no !== null && { payment_no }),
        ...(movement !== null && { refund_no: movement }),
        outcome: kind,
      });
    },
    ended({ outcome }: DayOutcome | { readonly outcome: 'merchant_missing' }): void {
      const isFinished = outcome === 'agreed' || outcome === 'differs';
      const level = outcome === 'differs' || outcome === 'merchant_missing' ? 'warn' : 'info';
      log(level, 'reconciliation', fields(outcome), isFinished ? { metrics: { DayReconciled: 1 } } : {});
    },
    failed(error: unknown): void {
      log('error', 'reconciliation', fields('failed'), { error });
    },
  };
}
