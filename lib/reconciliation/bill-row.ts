import { ownOrderNumber, parseOrderNumber } from '../orders/order-number.ts';
import { parseRefundNumber } from '../orders/refund.ts';

/** A payment or a refund as its provider's bill of a day has it. */
export interface BillRow {
  readonly kind: 'payment' | 'refund';
  /** The number that the payment was made under; in a row of a refund, of the payment that is returned. */
  readonly order_no: string;
  readonly transaction_id: string | null;
  /** Our number of the refund; null in a row of a payment, and for a refund that was not made here. */
  readonly refund_no: string | null;
  /** In smallest units, never below zero. */
  readonly amount: number;
  readonly currency: string;
}

/** The booking that a row should have: an order's payment, or the refund of this number. */
export interface BookingReference {
  readonly order_no: string;
  readonly refund: number | null;
}

/** `foreign`: the account sells elsewhere too, or for a stage with another prefix; `unnumbered`: a refund of an order of ours that was not made here. */
export function referenceOf(row: BillRow, orderPrefix: string): BookingReference | 'foreign' | 'unnumbered' {
  const owner = parseOrderNumber(row.order_no);
  if (owner?.prefix !== orderPrefix) return 'foreign';
  const order_no = ownOrderNumber(row.order_no, owner);
  if (row.kind === 'payment') return { order_no, refund: null };
  const refund = row.refund_no === null ? null : parseRefundNumber(row.refund_no, order_no);
  return refund === null ? 'unnumbered' : { order_no, refund };
}
