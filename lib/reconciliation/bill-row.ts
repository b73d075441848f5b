import { parsePaymentNumber } from '../orders/order-number.ts';
import { parseRefundNumber } from '../orders/refund.ts';

/** A payment or a refund as its provider's bill of a day has it. */
export interface BillRow {
  readonly kind: 'payment' | 'refund';
  /** Of the payment; in a row of a refund, of the payment that is returned. */
  readonly payment_no: string;
  readonly transaction_id: string | null;
  /** Our number of the refund; null in a row of a payment, and for a refund that was not made here. */
  readonly refund_no: string | null;
  /** In smallest units, never below zero. */
  readonly amount: number;
  readonly currency: string;
}

/** The entry that a row should have: that of a payment of an order, or of the refund of this number. */
export interface EntryReference {
  readonly order_no: string;
  /** Of a refund, the payment that is returned. */
  readonly payment: number;
  readonly refund: number | null;
}

/** `foreign`: the account sells elsewhere too, or for a stage with another prefix; `unnumbered`: a refund of an order of ours that was not made here. */
export function referenceOf(row: BillRow, orderPrefix: string): EntryReference | 'foreign' | 'unnumbered' {
  const number = parsePaymentNumber(row.payment_no);
  if (number?.prefix !== orderPrefix) return 'foreign';
  const { order_no, n: payment } = number;
  if (row.kind === 'payment') return { order_no, payment, refund: null };
  const refund = row.refund_no === null ? null : parseRefundNumber(row.refund_no, order_no);
  return refund === null ? 'unnumbered' : { order_no, payment, refund };
}
