import { type PaymentNumber, parsePaymentNumber } from '../orders/order-number.ts';
import type { BillRow, OtherRow, RefundRow } from '../orders/provider-gateway.ts';

/** A row about a payment that could be ours, with the number that says so. */
export type OwnRow = Exclude<BillRow, OtherRow> & {
  readonly payment_no: string;
  readonly number: PaymentNumber;
};

/** Null for a row of others: the account sells elsewhere too, or for a stage with another prefix. */
export function ownRow(row: Exclude<BillRow, OtherRow>, orderPrefix: string): OwnRow | null {
  const { payment_no } = row;
  const number = payment_no === null ? null : parsePaymentNumber(payment_no);
  if (payment_no === null || number?.prefix !== orderPrefix) return null;
  return { ...row, payment_no, number };
}

/**
 * By what a refund that is none of ours is named: as a message about it would be. What is revoked has no number, and is
 * the payment as a whole: it is named by that sum, as it would be if only the sum in all were known.
 */
export const returnName = ({ refund_id, refund_no, amount }: RefundRow): string =>
  refund_id ?? refund_no ?? `total-${Math.abs(amount)}`;

const nameOfPayment = (payment_no: string, transaction_id: string | null): string =>
  `payment ${payment_no} ${transaction_id ?? '-'}`;
const nameOfRefund = (refund_no: string): string => `refund ${refund_no}`;
const nameOfReturn = (payment_no: string, id: string): string => `return ${payment_no} ${id}`;
const nameOfDispute = (movement_id: string): string => `dispute ${movement_id}`;

/** Names of what a bill has, by which the books can ask: said by its rows alone, so that a second reading says the same. */
export const billNames = {
  payment: nameOfPayment,
  refund: nameOfRefund,
  return: nameOfReturn,
  dispute: nameOfDispute,
};

/** What tells a row from every other of its bill. */
export function rowName(row: OwnRow): string {
  switch (row.kind) {
    case 'payment': {
      const name = nameOfPayment(row.payment_no, row.transaction_id);
      // Of one payment there may be both: a charge that failed, and one that succeeded.
      return row.unpaid ? `unpaid ${name}` : name;
    }
    case 'refund': {
      const name = nameOfReturn(row.payment_no, returnName(row));
      // In the bill of a day there may be both: that it went, and that it came back.
      return row.amount < 0 ? `back ${name}` : name;
    }
    case 'dispute':
      return nameOfDispute(row.movement_id);
  }
}

/** Under which the books will look for what a row is about, once it is booked. */
export const bookedName = (row: OwnRow): string =>
  row.kind === 'payment'
    ? nameOfPayment(row.payment_no, row.transaction_id)
    : (furtherNames(row)[0] ?? rowName(row));

/** The names under which the books look for what a row is about, besides the row's own. */
export const furtherNames = (row: OwnRow): readonly string[] =>
  row.kind === 'refund' && row.refund_no !== null && row.amount > 0 ? [nameOfRefund(row.refund_no)] : [];
