import type { MetricValues } from './metrics.ts';
import { isRefusal } from './refusal.ts';
import type { LogFields, Telemetry } from './telemetry.ts';

/**
 * A line for what a provider was asked in vain; `message` is what for. What else kept it from being asked, or its
 * answer from being written, is no failure of the provider's and not counted as one.
 */
export function reportProviderFailure(
  { log }: Telemetry,
  message: string,
  fields: Pick<LogFields, 'order_no' | 'payment_no' | 'refund_no' | 'provider' | 'latency_ms'>,
  error: unknown,
): void {
  log('warn', message, { ...fields, outcome: 'failed' }, { error, metrics: failureMetrics(error) });
}

function failureMetrics(error: unknown): MetricValues | undefined {
  if (isRefusal(error)) return { UnexpectedRefusal: 1 };
  return error instanceof Error && error.name === 'ProviderCallError' ? { ProviderFailed: 1 } : undefined;
}
