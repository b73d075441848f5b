import { isoTime } from '../iso-time.ts';
import { ownerAccount } from './accounts.ts';
import { announcement, type Put } from './change.ts';
import type { ExceptionRecord } from './exception.ts';
import type { Payment } from './payment.ts';
import type { Snapshot } from './snapshot.ts';

/** What an exception is about, besides its order. */
export type ExceptionSubject = Pick<ExceptionRecord, 'kind'> &
  Partial<Omit<ExceptionRecord, 'order_no' | 'owner' | 'state' | 'version' | 'recorded_at'>>;

/** An exception to be recorded, with its announcement; nothing when it is there already. */
export function exceptionOnce(
  { order, exceptions }: Snapshot,
  subject: ExceptionSubject,
  now: number,
): readonly Put[] {
  const record: ExceptionRecord = {
    payment_no: null,
    provider: null,
    merchant: null,
    transaction_id: null,
    refund_no: null,
    fields: [],
    amount: null,
    currency: null,
    ...subject,
    order_no: order.order_no,
    owner: ownerAccount(order),
    state: 'open',
    version: 1,
    recorded_at: isoTime(now),
  };
  const isThere = exceptions.some((known) => exceptionId(known) === exceptionId(record));
  return isThere ? [] : [{ put: 'exception', record, owes: announcement(now) }];
}

/** What tells the exceptions of an order apart. */
export const exceptionId = ({
  kind,
  provider,
  payment_no,
  refund_no,
  transaction_id,
}: Pick<ExceptionRecord, 'kind' | 'provider' | 'payment_no' | 'refund_no' | 'transaction_id'>): string =>
  [kind, provider ?? '-', payment_no ?? '-', refund_no ?? transaction_id ?? '-'].join('#');

/** The merchant of a payment or refund cannot be asked any more: a person has to see to it. */
export const missingMerchant = (
  snapshot: Snapshot,
  payment: Pick<Payment, 'provider' | 'merchant' | 'payment_no' | 'amount' | 'currency'>,
  now: number,
): readonly Put[] => {
  const { provider, merchant, payment_no, amount, currency } = payment;
  const kind = 'merchant_missing';
  return exceptionOnce(snapshot, { kind, provider, merchant, payment_no, amount, currency }, now);
};
