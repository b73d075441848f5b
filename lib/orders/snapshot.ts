import type { Dispute } from './dispute.ts';
import type { ExceptionRecord } from './exception.ts';
import type { Order } from './order.ts';
import type { Holding, Payment, Suspense } from './payment.ts';
import type { Refund, Return } from './refund.ts';
import type { Shipping } from './shipping.ts';

/** What is stored of one order, as one reading. */
export interface Snapshot {
  readonly order: Order;
  readonly payments: readonly Payment[];
  readonly suspense: readonly Suspense[];
  readonly refunds: readonly Refund[];
  readonly returns: readonly Return[];
  readonly disputes: readonly Dispute[];
  /** Null while nobody has said that it was sent. */
  readonly shipping: Shipping | null;
  readonly exceptions: readonly ExceptionRecord[];
}

/** An order of which nothing else is stored, or known, than its payments. */
export const snapshotOf = (order: Order, payments: readonly Payment[] = []): Snapshot => ({
  order,
  payments,
  suspense: [],
  refunds: [],
  returns: [],
  disputes: [],
  shipping: null,
  exceptions: [],
});

export const findPayment = ({ payments }: Snapshot, n: number | null): Payment | undefined =>
  payments.find((payment) => payment.n === n);

export const currentPayment = (snapshot: Snapshot): Payment | undefined =>
  findPayment(snapshot, snapshot.order.payment);

/** The payment that an order was paid by. */
export const payingPayment = (snapshot: Snapshot): Payment | undefined =>
  findPayment(snapshot, snapshot.order.paid_by);

/** The money of a transaction under a payment: a further one's where there is one, else the payment's own. */
export const findHolding = (
  { suspense }: Snapshot,
  payment: Payment,
  transaction_id: string | null,
): Holding =>
  suspense.find((known) => known.n === payment.n && known.transaction_id === transaction_id) ?? payment;

/**
 * Whether it is of no money under a payment that is known here: told of later, of when the number was used before, or
 * of another payment. While the payment's own is not named, one that is in none of the order's books may be that.
 */
export function isOfAnother(snapshot: Snapshot, payment: Payment, transaction_id: string): boolean {
  const known = findHolding(snapshot, payment, transaction_id).transaction_id;
  return known === null ? isBooked(snapshot, transaction_id) : known !== transaction_id;
}

/** Whether what a transaction took is in the order's books. */
export const isBooked = ({ payments, suspense }: Snapshot, transaction_id: string): boolean =>
  [...payments, ...suspense].some((money) => money.transaction_id === transaction_id);

/** What is said to have left is of a payment, or of a transaction under it, that nobody has told of yet. */
export interface NotSettled {
  readonly outcome: 'not_settled';
  readonly order_no: string;
}

/** Whether a refund or return is of this money. */
export const isOfHolding =
  (holding: Holding) =>
  ({ payment, suspense }: Pick<Return, 'payment' | 'suspense'>): boolean =>
    payment === holding.n && suspense === ('state' in holding ? null : holding.transaction_id);

/** Whether an exception is about this money; one that names no transaction is about the payment's own. */
export const isAboutHolding =
  (holding: Holding) =>
  ({ payment_no, transaction_id }: Pick<ExceptionRecord, 'payment_no' | 'transaction_id'>): boolean =>
    payment_no === holding.payment_no &&
    (transaction_id === holding.transaction_id || (transaction_id === null && 'state' in holding));

/** The disputes that are about this money; one that names no transaction, or one that is not known, is about the payment's own. */
export const disputesOf = ({ disputes, suspense }: Snapshot, holding: Holding): readonly Dispute[] =>
  disputes.filter(({ payment: n, transaction_id }) => {
    // Stryker disable next-line ConditionalExpression: no two payments have a transaction of one name
    const further = suspense.find((one) => one.n === n && one.transaction_id === transaction_id);
    return 'state' in holding ? further === undefined && n === holding.n : further === holding;
  });

/** Whether the money is the bank's, or its provider lets nobody else return it: then it is not returned to the payer by us. */
export const isDisputed = (snapshot: Snapshot, holding: Holding): boolean =>
  disputesOf(snapshot, holding).some(({ state, refundable }) => state !== 'won' && !refundable);
