import type { EventResult } from '../orders/apply-event.ts';
import type { ExceptionKind } from '../orders/exception.ts';
import type { PaymentEvent } from '../orders/payment-event.ts';
import type { RefundEvent } from '../orders/refund-event.ts';
import type { MetricValues } from './metrics.ts';
import type { LogFields, LogLevel, Telemetry } from './telemetry.ts';

type SettlementEvent = PaymentEvent | RefundEvent;

export interface SettlementReport {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly metrics: MetricValues;
}

const exceptionKinds: Readonly<Record<ExceptionKind, true>> = {
  mismatch: true,
  paid_after_close: true,
  paid_twice: true,
  paid_superseded: true,
  unknown_refund: true,
};

/** What there is to say of a provider's word, and what became of it. `now` in milliseconds. */
export function describeSettlement(
  event: SettlementEvent,
  result: EventResult,
  now: number,
): SettlementReport {
  const { order_no, provider } = event;
  const isException = Object.hasOwn(exceptionKinds, result.outcome);
  const isOdd = isException || result.outcome === 'not_found' || result.outcome === 'refund_abnormal';
  const mismatch = result.outcome === 'mismatch' ? { mismatched_fields: result.fields } : {};
  const latency = latencyOf(event, result, now);
  return {
    level: isOdd ? 'warn' : 'info',
    fields: { order_no, ...refundOf(event), provider, outcome: result.outcome, ...mismatch },
    metrics: {
      Settlement: 1,
      ...(latency === null ? {} : { SettlementLatency: latency }),
      ...(isException ? { Exception: 1 } : {}),
      ...(mismatch.mismatched_fields?.includes('amount') ? { AmountMismatch: 1 } : {}),
    },
  };
}

/** Settles as `settle` does, and writes a line of it: for what no callback brought, whose own line says it. */
export function reported<E extends SettlementEvent, R extends EventResult>(
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

function refundOf(event: SettlementEvent): Pick<LogFields, 'refund_no'> {
  return 'refund_no' in event && event.refund_no !== null ? { refund_no: event.refund_no } : {};
}

/** Null when nothing was paid just now, or nobody said when. Clocks differ: no payment is booked before it is made. */
function latencyOf(event: SettlementEvent, { outcome }: EventResult, now: number): number | null {
  if (outcome !== 'settled' || !('paid_at' in event) || event.paid_at === undefined) return null;
  return Math.max(0, now - Date.parse(event.paid_at));
}
