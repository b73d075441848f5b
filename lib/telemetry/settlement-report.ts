import type { ProviderEvent } from '../orders/event.ts';
import { exceptionKinds, isOneOf } from '../orders/kinds.ts';
import type { EventResult } from '../orders/settle.ts';
import type { MetricValues } from './metrics.ts';
import type { LogFields, LogLevel } from './telemetry.ts';

export interface SettlementReport {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly metrics: MetricValues;
}

/** Counts an outcome that a person must decide about. */
export const exceptionMetrics = (outcome: string): MetricValues =>
  isOneOf(exceptionKinds, outcome) ? { Exception: 1 } : {};

/** What there is to say of a provider's word, and what became of it. `now` in milliseconds. */
export function describeSettlement(event: ProviderEvent, result: EventResult, now: number): SettlementReport {
  const { payment_no, provider } = event;
  const { outcome } = result;
  const isOdd = isOneOf(exceptionKinds, outcome) || outcome === 'not_found' || outcome === 'not_settled';
  const mismatch = result.outcome === 'mismatch' ? { mismatched_fields: result.fields } : {};
  const latency = latencyOf(event, result, now);
  return {
    level: isOdd ? 'warn' : 'info',
    fields: { ...orderOf(result), payment_no, ...refundOf(event), provider, outcome, ...mismatch },
    metrics: {
      Settlement: 1,
      ...(latency === null ? {} : { SettlementLatency: latency }),
      ...exceptionMetrics(outcome),
      ...(mismatch.mismatched_fields?.includes('amount') ? { AmountMismatch: 1 } : {}),
    },
  };
}

const orderOf = (result: EventResult): Pick<LogFields, 'order_no'> =>
  'order_no' in result ? { order_no: result.order_no } : {};

function refundOf(event: ProviderEvent): Pick<LogFields, 'refund_no'> {
  return 'refund_no' in event && event.refund_no !== null ? { refund_no: event.refund_no } : {};
}

/** Null when nothing was paid just now, or nobody said when. Clocks differ: no payment is booked before it is made. */
function latencyOf(event: ProviderEvent, { outcome }: EventResult, now: number): number | null {
  if (outcome !== 'settled' || !('paid_at' in event) || event.paid_at === undefined) return null;
  return Math.max(0, now - Date.parse(event.paid_at));
}
