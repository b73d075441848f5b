import type { MetricValues } from './metrics.ts';
import type { LogFields, Telemetry } from './telemetry.ts';

/** A line for a document that is of no use while the one before stays in use: it names fields, and never a value. */
export const reportDocumentFailure =
  ({ log }: Telemetry) =>
  (document: string, error: unknown): void => {
    if (error instanceof Error && error.name === 'DocumentError') {
      const metrics = { DocumentRefused: 1 };
      log('error', 'document', { document, outcome: 'refused' }, { error, metrics });
    } else {
      log('warn', 'document', { document, outcome: 'unread' }, { error, metrics: { DocumentUnread: 1 } });
    }
  };

/** Whether the store refused what the code took for allowed. By name: the store's errors are not known here. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'UnexpectedRefusalError';

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
