import type { EventResult } from '../orders/apply-event.ts';
import type { AskingPorts } from '../orders/check-payment.ts';
import type { CommitPorts } from '../orders/commit.ts';
import type { ProviderEvent, RefundEvent } from '../orders/event.ts';
import { exceptionKinds, isOneOf } from '../orders/kinds.ts';
import { settle } from '../orders/settle.ts';
import { type RefundResult, settleRefund } from '../orders/settle-refund.ts';
import type { MetricValues } from './metrics.ts';
import type { LogFields, LogLevel, Telemetry } from './telemetry.ts';

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
  const isOdd = isOneOf(exceptionKinds, outcome) || outcome === 'not_found' || outcome === 'refund_abnormal';
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

/** Settles as `settle` does, and writes a line of it: for what no callback brought, whose own line says it. */
export function reported<E extends ProviderEvent, R extends EventResult>(
  settle: (event: E) => Promise<R>,
  telemetry: Telemetry,
  now: () => number,
): (event: E) => Promise<R> {
  return async (event) => {
    const started = now();
    const result = await settle(event);
    const { level, fields, metrics } = describeSettlement(event, result, now());
    telemetry.log(level, 'settlement', { ...fields, latency_ms: now() - started }, { metrics });
    return result;
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

/**
 * What it takes to ask providers and to settle what they answer, as a callback of theirs would; each settlement has a
 * line of its own in the log.
 */
export const reportedPorts = <P extends CommitPorts & Pick<AskingPorts, 'merchants'>>(
  parts: P,
  telemetry: Telemetry,
): P & AskingPorts & { readonly settleRefund: (event: RefundEvent) => Promise<RefundResult> } => ({
  ...parts,
  settle: reported((event) => settle(parts, event), telemetry, parts.io.now),
  settleRefund: reported((event) => settleRefund(parts, event), telemetry, parts.io.now),
});
