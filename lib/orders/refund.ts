import type { OrderStatus, Provider, RefundStatus } from './kinds.ts';
import { isOrderNumber } from './order-number.ts';

/** Money that goes back to its payer. Amounts in smallest units. */
export interface Refund {
  readonly order_no: string;
  /** Counts the order's refunds. */
  readonly n: number;
  readonly refund_no: string;
  /** Which of the order's payments it returns. */
  readonly payment: number;
  readonly payment_no: string;
  /** The further transaction under that payment that it returns; null for the payment's own. */
  readonly suspense: string | null;
  readonly provider: Provider;
  readonly merchant: string;
  /** Of the payment. */
  readonly paid_amount: number;
  readonly amount: number;
  readonly currency: string;
  readonly reason: string;
  /** The `sub` of who asked for it; null once that user was erased. */
  readonly requested_by: string | null;
  readonly status: RefundStatus;
  readonly version: number;
  /** The provider's own number for the refund. */
  readonly refund_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What can be returned, and what of it is on its way back, went back, or went back without our asking. */
export interface Refundable {
  readonly amount: number;
  readonly reserved: number;
  readonly refunded: number;
  readonly returned: number;
}

/** A refund that was not asked for here. Written once for each that its provider names. */
export interface Return {
  readonly order_no: string;
  /** Which of the order's payments it returns. */
  readonly payment: number;
  readonly payment_no: string;
  /** The further transaction under that payment that it returns; null for the payment's own. */
  readonly suspense: string | null;
  readonly provider: Provider;
  readonly merchant: string;
  /** The provider's own number for it. */
  readonly return_id: string;
  readonly amount: number;
  /** What of that was booked by its name; the rest was booked before, in a sum that had gone back in all. */
  readonly booked: number;
  readonly currency: string;
  readonly status: Exclude<RefundStatus, 'open'>;
  readonly version: number;
  readonly recorded_at: string;
}

/** The provider's number for a refund is derived, so that a repeat is the same refund. */
export const refundNumber = (order_no: string, n: number): string => `${order_no}-r${n}`;

/** Which order's refund a number may be; null when it is of no form that ours have. */
export function orderOfRefund(refund_no: string): string | null {
  const order_no = refund_no.slice(0, refund_no.lastIndexOf('-r'));
  return isOrderNumber(order_no) && parseRefundNumber(refund_no, order_no) !== null ? order_no : null;
}

/** Which of an order's refunds a number names; null when it is none of ours. */
export function parseRefundNumber(refund_no: string, order_no: string): number | null {
  if (!refund_no.startsWith(order_no)) return null;
  const match = /^-r([1-9][0-9]{0,8})$/.exec(refund_no.slice(order_no.length));
  return match && Number(match[1]);
}

const SUM = 'total-';

/** By what goes back and is known only as a sum in all: by that sum, and of a further transaction by that, too. */
export const returnedSumName = (total: number, transaction_id: string | null): string =>
  transaction_id === null ? `${SUM}${total}` : `${SUM}${total}-${transaction_id}`;

/** Whether this names something that went back, of which only the sum in all is known. */
export const isReturnedSum = (id: string | null): boolean => id?.startsWith(SUM) === true;

/** More cannot have gone back than was paid: somebody is wrong, or has not told yet what came again. */
export const isTooMuch = ({ amount, refunded, returned }: Omit<Refundable, 'reserved'>): boolean =>
  refunded + returned > amount;

/** What is neither returned nor on its way back. */
export const refundableRest = ({ amount, reserved, refunded, returned }: Refundable): number =>
  amount - reserved - refunded - returned;

/** What a change of a refund's status means for what is reserved and refunded of its money; from null for a new one. */
export function moveRefund(
  { reserved, refunded }: Refundable,
  amount: number,
  from: RefundStatus | null,
  to: RefundStatus,
): Pick<Refundable, 'reserved' | 'refunded'> {
  return {
    reserved: reserved + (to === 'open' ? amount : 0) - (from === 'open' ? amount : 0),
    refunded: refunded + (to === 'succeeded' ? amount : 0) - (from === 'succeeded' ? amount : 0),
  };
}

/** A paid order's status by what of its money goes back. */
export function refundedStatus({ amount, reserved, refunded, returned }: Refundable): OrderStatus {
  if (reserved > 0) return 'refunding';
  return refunded + returned >= amount ? 'refunded' : 'paid';
}
