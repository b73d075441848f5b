import type { LogFields, Telemetry } from './telemetry.ts';

/**
 * A line for what a provider was asked in vain; `message` is what for. What else kept it from being asked is no
 * failure of the provider's and not counted as one.
 */
export function reportProviderFailure(
  { log }: Telemetry,
  message: string,
  fields: Pick<LogFields, 'order_no' | 'provider' | 'latency_ms'>,
  error: unknown,
): void {
  const isProviders = error instanceof Error && error.name === 'ProviderCallError';
  const metrics = isProviders ? { ProviderFailed: 1 } : undefined;
  log('warn', message, { ...fields, outcome: 'failed' }, { error, metrics });
}
