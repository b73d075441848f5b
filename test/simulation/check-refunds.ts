import { ownerAccount, providerAccount, suspenseAccount } from '../../lib/orders/journal.ts';
import { parseOrderNumber } from '../../lib/orders/order-number.ts';
import { type Refund, refundedStatus } from '../../lib/orders/refund.ts';
import type { ProviderBooks } from './provider-books.ts';
import type { Report, StoredOrder } from './stored-order.ts';

/** Never more goes back than came, and what is stored of it is what the provider has. */
export function checkRefunds(stored: StoredOrder, books: ProviderBooks, report: Report): void {
  const { order, refunds, exceptions } = stored;
  checkSums(order.amount, order, null, refunds, report);
  for (const record of exceptions) checkSums(record.amount ?? 0, record, record.sk, refunds, report);
  if (order.settlement && order.amount > 0 && order.status !== refundedStatus(order)) {
    report('refunds_bounded', `${order.status} with ${order.refunded} of ${order.amount} refunded`);
  }
  for (const refund of refunds) {
    const held = books.refunds.get(refund.refund_no)?.state ?? 'failed';
    if (held !== refund.status) {
      report('refund_agrees', `${refund.refund_no} is ${refund.status}, at its provider ${held}`);
    }
    checkBooking(stored, refund, report);
  }
}

interface Sums {
  readonly reserved: number;
  readonly refunded: number;
}

function checkSums(
  paid: number,
  { reserved, refunded }: Sums,
  key: string | null,
  refunds: readonly Refund[],
  report: Report,
): void {
  const own = refunds.filter(({ exception_key }) => exception_key === key);
  const sum = (status: Refund['status']) =>
    own.filter((refund) => refund.status === status).reduce((total, { amount }) => total + amount, 0);
  if (reserved === sum('open') && refunded === sum('succeeded') && reserved + refunded <= paid) return;
  report('refunds_bounded', `${key ?? 'ORDER'}: ${reserved} reserved and ${refunded} refunded of ${paid}`);
}

/** What went back was taken from where it was, and is booked as long as it is gone. */
function checkBooking({ order, entries }: StoredOrder, refund: Refund, report: Report): void {
  const owner = parseOrderNumber(order.order_no);
  const { n, refund_no, provider, status, amount, exception_key } = refund;
  const held = exception_key === null ? owner && ownerAccount(owner) : suspenseAccount(provider);
  let booked = 0;
  for (const entry of entries) {
    if (!`${entry.sk}#`.startsWith(`ENTRY#REFUND#${n}#`)) continue;
    const goesBack = entry.credit === providerAccount(provider);
    booked += goesBack ? entry.amount : -entry.amount;
    const other = goesBack ? entry.debit : entry.credit;
    if (other !== held) report('refunds_bounded', `${refund_no} is booked from ${other} instead of ${held}`);
  }
  const expected = status === 'succeeded' ? amount : 0;
  if (booked !== expected) report('refunds_bounded', `${refund_no} is ${status} and ${booked} is booked`);
}
