import type { Order, OrderStatus, Provider } from './order.ts';

export type RefundStatus = 'open' | 'succeeded' | 'failed';

/** Money that goes back to its payer. Amounts in smallest units. */
export interface Refund {
  readonly order_no: string;
  /** Counts the order's refunds. */
  readonly n: number;
  readonly refund_no: string;
  /** The number that the returned payment was made under, and the provider's own for it. */
  readonly payment_no: string;
  readonly transaction_id: string | null;
  /** The exception whose money in suspense it returns; null when it returns what the order was paid with. */
  readonly exception_key: string | null;
  readonly provider: Provider;
  readonly paid_amount: number;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  readonly status: RefundStatus;
  /** The provider's own number for the refund. */
  readonly refund_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What can be returned: an order's payment, or money in suspense. */
export interface Refundable {
  readonly amount: number;
  readonly reserved: number;
  readonly refunded: number;
}

/** The provider's number for a refund is derived, so that a repeat is the same refund. */
export const refundNumber = (order_no: string, n: number): string => `${order_no}-r${n}`;

/** Which of an order's refunds a number names; null when it is none of ours. */
export function parseRefundNumber(refund_no: string, order_no: string): number | null {
  if (!refund_no.startsWith(order_no)) return null;
  const match = /^-r([1-9][0-9]{0,8})$/.exec(refund_no.slice(order_no.length));
  return match && Number(match[1]);
}

/** What is neither returned nor on its way back. */
export const refundableRest = ({ amount, reserved, refunded }: Refundable): number =>
  amount - reserved - refunded;

/** What a change of a refund's status means for what is reserved and refunded. */
export function moveRefund<T extends Refundable>(
  holder: T,
  amount: number,
  from: RefundStatus | 'none',
  to: RefundStatus,
): T {
  const reserved = holder.reserved + (to === 'open' ? amount : 0) - (from === 'open' ? amount : 0);
  const refunded = holder.refunded + (to === 'succeeded' ? amount : 0) - (from === 'succeeded' ? amount : 0);
  return { ...holder, reserved, refunded };
}

/** A paid order's state by what of it goes back. */
export function refundedStatus({
  amount,
  reserved,
  refunded,
}: Pick<Order, 'amount' | 'reserved' | 'refunded'>): OrderStatus {
  if (reserved > 0) return 'refunding';
  return refunded >= amount ? 'refunded' : 'paid';
}
