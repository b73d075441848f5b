import { type AskingPorts, queryPayment } from './check-payment.ts';
import type { OrderStore } from './commit.ts';
import type { Payment } from './payment.ts';
import { FRESH_MS } from './schedule.ts';
import { currentPayment, type Snapshot } from './snapshot.ts';

export interface LookPorts extends AskingPorts {
  readonly store: OrderStore & {
    /** Marks a payment as being asked about. @returns false when somebody asked a moment ago */
    claimLook(payment: Payment, now: number): Promise<boolean>;
  };
  readonly onFailure: (payment: Payment, error: unknown) => void;
}

/**
 * The order as it is after its provider was asked, so that a payer who comes back sees the truth. What the provider
 * fails to answer is as it was.
 */
export async function lookAtOrder(ports: LookPorts, snapshot: Snapshot): Promise<Snapshot> {
  const payment = currentPayment(snapshot);
  const now = ports.io.now();
  const isAsked =
    snapshot.order.status === 'pending' &&
    payment?.state === 'open' &&
    now - Date.parse(payment.begun_at) >= FRESH_MS;
  if (!isAsked) return snapshot;
  try {
    if (!(await ports.store.claimLook(payment, now))) return snapshot;
    const answer = await queryPayment(ports, payment);
    if (typeof answer !== 'object') return snapshot;
    return (await ports.store.read(snapshot.order.order_no)) ?? snapshot;
  } catch (error) {
    ports.onFailure(payment, error);
    return snapshot;
  }
}
