import type { ExceptionRecord } from './exception.ts';
import type { Order } from './order.ts';
import type { Payment, Suspense } from './payment.ts';
import type { Refund } from './refund.ts';

/** What is stored of one order, as one reading. */
export interface Snapshot {
  readonly order: Order;
  readonly payments: readonly Payment[];
  readonly suspense: readonly Suspense[];
  readonly refunds: readonly Refund[];
  readonly exceptions: readonly ExceptionRecord[];
}

export const findPayment = ({ payments }: Snapshot, n: number | null): Payment | undefined =>
  payments.find((payment) => payment.n === n);

export const currentPayment = (snapshot: Snapshot): Payment | undefined =>
  findPayment(snapshot, snapshot.order.payment);

/** The payment that an order was paid by. */
export const payingPayment = (snapshot: Snapshot): Payment | undefined =>
  findPayment(snapshot, snapshot.order.paid_by);
