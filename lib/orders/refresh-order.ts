import { type CheckPorts, isStarted, queryPayment } from './check-payment.ts';
import type { Order } from './order.ts';

/** A payment younger than this is still on its way. */
const FRESH_MS = 10_000;

export interface RefreshPorts extends CheckPorts {
  readonly store: {
    getOrder(order_no: string): Promise<Order | undefined>;
    /** Marks the order as being asked about. @returns false when somebody asked a moment ago */
    claimQuery(order_no: string, now: number): Promise<boolean>;
  };
  readonly onFailure: (order_no: string, error: unknown) => void;
}

/**
 * The order as it is after its provider was asked, so that a payer who comes back sees the truth. What the provider
 * fails to answer is as it was.
 */
export async function refreshOrder(ports: RefreshPorts, order: Order): Promise<Order> {
  const age_ms = ports.now() - Date.parse(order.created_at);
  if (order.status !== 'pending' || !isStarted(order) || age_ms < FRESH_MS) return order;
  try {
    if (!(await ports.store.claimQuery(order.order_no, ports.now()))) return order;
    const result = await queryPayment(ports, order);
    return result ? ((await ports.store.getOrder(order.order_no)) ?? order) : order;
  } catch (error) {
    ports.onFailure(order.order_no, error);
    return order;
  }
}
