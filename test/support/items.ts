import type { BookedEntry, Put } from '../../lib/orders/change.ts';
import type { Payment, Suspense } from '../../lib/orders/payment.ts';
import type { Refund } from '../../lib/orders/refund.ts';
import type { StoredItem } from '../../lib/store/conditional-write.ts';
import { bookingAttributes, toItem } from '../../lib/store/items.ts';
import type { ItemKey } from '../../lib/store/keys.ts';

/** The item of a record as it is stored after the changes that led to it: that of a paid payment has its booking. */
export function itemOf(put: Put): StoredItem & ItemKey {
  const { record } = put;
  const order_no = ('order_no' in record ? record.order_no : null) ?? '';
  const booking = put.put === 'payment' ? put.record.booking : null;
  return { ...toItem(order_no, put), ...(booking && bookingAttributes(order_no, booking)) };
}

/** The booking of a refund, from the account that its money was credited to. */
export function refundEntryOf(
  { booking, transaction_id }: Payment | Suspense,
  { order_no, n, provider, merchant, amount, currency }: Refund,
  changes: Partial<BookedEntry> = {},
): BookedEntry {
  if (!booking) throw new Error('what is returned is booked');
  const { debit, credit, booked_at } = booking;
  return {
    ...{ order_no, provider, merchant, amount, currency, transaction_id, booked_at },
    debit: credit,
    credit: debit,
    kind: 'refund',
    reference: `${n}#1`,
    refund: n,
    ...changes,
  };
}
