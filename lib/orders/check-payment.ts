import { isoTime } from '../iso-time.ts';
import type { Order, Provider } from './order.ts';
import { paymentNumber } from './order-number.ts';
import type { PaymentEvent } from './payment-event.ts';
import type { PaymentReference, ProviderGateway } from './provider-gateway.ts';
import type { SettlementResult } from './settle.ts';

export interface CheckPorts {
  readonly gateway: (provider: Provider) => Promise<Pick<ProviderGateway, 'query' | 'close'>>;
  /** The very same settlement as that of a callback. */
  readonly settle: (event: PaymentEvent) => Promise<SettlementResult>;
  readonly now: () => number;
}

/** An order whose payment its provider was asked for. */
export type StartedOrder = Order & { readonly provider: Provider; readonly expires_at: string };

export const isStarted = (order: Order): order is StartedOrder =>
  order.provider !== null && order.expires_at !== null;

const paymentReference = (order: StartedOrder): PaymentReference => ({
  order_no: paymentNumber(order),
  amount: order.amount,
  currency: order.currency,
  created_at: order.created_at,
  expires_at: order.expires_at,
});

/** Settles what the provider says of an order's payment. @returns null while it has nothing to say */
export async function queryPayment(ports: CheckPorts, order: StartedOrder): Promise<SettlementResult | null> {
  const gateway = await ports.gateway(order.provider);
  const answer = await gateway.query(paymentReference(order));
  return answer.state === 'decided' ? ports.settle(answer.event) : null;
}

/**
 * Closes an order's payment at its provider. When that comes too late, settles what happened instead.
 * @returns whether the payment is closed
 */
export async function closePayment(ports: CheckPorts, order: StartedOrder): Promise<boolean> {
  const gateway = await ports.gateway(order.provider);
  if ((await gateway.close(paymentReference(order))) === 'closed') return true;
  const result = await queryPayment(ports, order);
  return result?.outcome === 'closed';
}

/** Queries a payment, and closes it at the provider first and then here once it is past its time. */
export async function checkPayment(ports: CheckPorts, order: StartedOrder): Promise<SettlementResult | null> {
  const result = await queryPayment(ports, order);
  const isOver = order.expires_at <= isoTime(ports.now());
  if (result || !isOver || !(await closePayment(ports, order))) return result;
  const { provider } = order;
  return ports.settle({ type: 'closed', order_no: paymentNumber(order), provider, transaction_id: null });
}
