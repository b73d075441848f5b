import type { DeliveryOutcome } from '../webhooks/deliver.ts';
import type { Attempt, Delivery, DeliveryKey } from '../webhooks/delivery.ts';
import type { Released } from '../webhooks/release.ts';
import type { MetricValues } from './metrics.ts';
import type { LogLevel, Telemetry } from './telemetry.ts';

const levels: Readonly<Partial<Record<DeliveryOutcome, LogLevel>>> = { failed: 'warn', given_up: 'error' };

/** A line for what became of a delivery with a message of the queue. */
export const reportDelivery =
  ({ log }: Telemetry, now: () => number) =>
  (delivery: Delivery, outcome: DeliveryOutcome, attempt: Attempt | null): void => {
    const { receiver, type, event_id, order_no } = delivery;
    const reason = attempt?.error ?? delivery.reason;
    const fields = {
      ...(order_no !== null && { order_no }),
      ...{ events: [`${type} ${event_id}`], receiver, outcome },
      ...(reason !== null && { reason }),
      ...(attempt !== null && { latency_ms: attempt.duration_ms }),
      ...(attempt !== null && attempt.status !== null && { status: attempt.status }),
    };
    const metrics = deliveryMetrics(delivery, outcome, attempt, now());
    log(levels[outcome] ?? 'info', 'webhook', fields, { metrics });
  };

function deliveryMetrics(
  { timestamp, redelivered }: Delivery,
  outcome: DeliveryOutcome,
  attempt: Attempt | null,
  now: number,
): MetricValues {
  if (outcome === 'delivered') {
    // Of what is sent again, somebody has known it before.
    const latency = redelivered ? {} : { WebhookLatency: Math.max(0, now - Date.parse(timestamp)) };
    return { WebhookDelivered: 1, ...latency };
  }
  // What was not sent, since its document could not be read, is no failure of the endpoint's.
  const isFailure = attempt !== null && attempt.error !== 'document_unread';
  return { ...(isFailure && { WebhookFailed: 1 }), ...(outcome === 'given_up' && { WebhookGivenUp: 1 }) };
}

/** A line for what a run of the release could not do with a delivery, or gave up. */
export function reportRelease({ log }: Telemetry, now: () => number) {
  const started = now();
  const fields = ({ receiver, event_id }: DeliveryKey) => ({ events: [event_id], receiver });
  return {
    onGivenUp(delivery: DeliveryKey): void {
      const metrics = { WebhookGivenUp: 1 };
      log('error', 'webhook', { ...fields(delivery), outcome: 'given_up', reason: 'time_over' }, { metrics });
    },
    onFailure(delivery: DeliveryKey, error: unknown): void {
      log('error', 'release', { ...fields(delivery), outcome: 'left' }, { error });
    },
    ended({ overdue, oldest_ms, failing }: Released): void {
      const metrics = {
        ReleaseCompleted: 1,
        DeliveriesOverdue: overdue,
        OldestDeliveryAge: Math.round(oldest_ms / 1_000),
        EndpointsFailing: failing,
      };
      log('info', 'release', { outcome: 'completed', latency_ms: now() - started }, { metrics });
    },
    failed(error: unknown): void {
      log('error', 'release', { outcome: 'failed', latency_ms: now() - started }, { error });
    },
  };
}
