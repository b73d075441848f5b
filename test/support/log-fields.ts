import { metrics } from '../../lib/telemetry/metrics.ts';

/** All that a function's log line can hold. */
export const logFields: ReadonlySet<string> = new Set([
  ...['timestamp', 'level', 'message', 'stage', 'function', 'version', 'request_id'],
  ...['order_no', 'order_nos', 'payment_no', 'refund_no', 'provider', 'merchant', 'day', 'document'],
  ...['events', 'receiver', 'outcome', 'reason'],
  ...['mismatched_fields', 'status', 'latency_ms', 'error', 'error_message', 'stack'],
  ...['_aws', ...Object.keys(metrics)],
]);
