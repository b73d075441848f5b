import type { Refund } from '../../../lib/orders/refund.ts';
import type { Booking, BookingOrigin, ReconciliationStore } from '../../../lib/reconciliation/books.ts';
import { providerDay } from '../../../lib/reconciliation/day.ts';

export const day = providerDay('wechat', '2026-11-21');
export const noon = '2026-11-21T04:00:00.000Z';

export function booking(changes: Partial<Booking> & { order_no: string }): Booking {
  const { order_no, kind = 'payment', refund = null, transaction_id = `T-${order_no}` } = changes;
  const name = kind === 'suspense' ? transaction_id : refund;
  return {
    id: `${order_no} ${kind} ${name}`,
    kind,
    refund,
    debit: kind === 'refund' ? 'shop:mall' : 'provider:wechat',
    credit: kind === 'refund' ? 'provider:wechat' : 'shop:mall',
    amount: 1999,
    currency: 'CNY',
    provider: 'wechat',
    transaction_id,
    booked_at: noon,
    ...changes,
  };
}

export function openRefund(order_no: string, n: number, amount: number): Refund {
  return {
    order_no,
    n,
    refund_no: `${order_no}-r${n}`,
    payment_no: order_no,
    transaction_id: null,
    exception_key: null,
    provider: 'wechat',
    paid_amount: 1999,
    amount,
    currency: 'CNY',
    reason: '',
    status: 'open',
    refund_id: null,
    created_at: noon,
    updated_at: noon,
  };
}

/** Books in memory; every order was handed over at noon unless the origins say otherwise. */
export function booksOf(
  bookings: readonly Booking[],
  openRefunds: readonly Refund[] = [],
  origins: Readonly<Record<string, BookingOrigin>> = {},
): ReconciliationStore {
  return {
    findBookings: async (references) =>
      references.map(({ order_no, refund }) =>
        bookings.find((one) => one.order_no === order_no && one.refund === refund && one.kind !== 'suspense'),
      ),
    readOrder: async (order_no) => ({
      bookings: bookings.filter((one) => one.order_no === order_no),
      openRefunds: openRefunds.filter((one) => one.order_no === order_no),
    }),
    async *listBookings(account) {
      yield* bookings.filter(({ debit, credit }) => debit === account || credit === account);
    },
    findOrigins: async (wanted) =>
      wanted.map(({ order_no }) => origins[order_no] ?? { created_at: noon, paid_at: null }),
  };
}
