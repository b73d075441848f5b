import { isTaken, type Transaction } from '../providers/books.ts';
import type { Town } from '../town.ts';
import {
  accountOf,
  confirmedAs,
  type Fields,
  findPayment,
  hasOpen,
  isBooked,
  type Stored,
  type StoredOrder,
} from './stored.ts';

/** Design.md, "What always holds", point 1, from the providers' own books. */
export function checkTransactions(town: Town, stored: Stored): string[] {
  return town.books.transactions.flatMap((transaction) =>
    transaction.origin === 'ours'
      ? checkOurs(town, stored, transaction)
      : checkStrange(town, stored, transaction),
  );
}

function checkOurs({ setup, books }: Town, stored: Stored, transaction: Transaction): string[] {
  const { provider, merchant, number, id } = transaction;
  const name = `${provider} ${number} by ${id} over ${transaction.amount}`;
  const found = findPayment(stored, number);
  if (!found) return [`${name} is of no stored payment`];
  const { stored: order, payment, n } = found;
  const bookings = bookingsOf(order, transaction, books.transactions);
  if (bookings.length === 0) {
    const waits = hasOpen(
      order,
      (exception) => exception['payment_no'] === number && exception['kind'] === 'merchant_missing',
    );
    // Of a further one nobody is asked, nor of any once another has paid; and what was not taken while its merchant was
    // known is never told again.
    const { whole, less } = transaction;
    const isAsked = isFirst(transaction, books.transactions) && payment['state'] !== 'paid';
    const isUnheard = !isAsked && !isTaken(whole) && !isTaken(less);
    return (waits || isUnheard) && !setup.isKnown(provider, merchant) ? [] : [`${name} is not booked`];
  }
  if (bookings.length > 1) return [`${name} is booked ${bookings.length} times`];
  const [booking = {}] = bookings;
  const wrong: string[] = [];
  const confirmed = confirmedAs(order.exceptions, transaction);
  const { amount, currency } = confirmed ?? transaction;
  if (confirmed && !order.suspense.includes(booking))
    wrong.push(`${name} was given back by people, and is booked as ${booking['payment_no']}`);
  if (booking['amount'] !== amount || booking['currency'] !== currency)
    wrong.push(`${name} is booked as ${booking['amount']} ${booking['currency']}`);
  if (booking['merchant'] !== merchant || accountOf(booking['debit']) !== `provider:${provider}.${merchant}`)
    wrong.push(`${name} is booked on ${booking['debit']}`);
  const isPaying = booking === payment && order.order['paid_by'] === n;
  const owner =
    order.order['kind'] === 'tenant' ? `tenant:${order.order['tenant_id']}` : `shop:${order.order['kind']}`;
  const expected = isPaying ? owner : `suspense:${provider}.${merchant}`;
  if (accountOf(booking['credit']) !== expected)
    wrong.push(`${name} is credited to ${booking['credit']} and not to ${expected}`);
  const kinds = ['paid_superseded', 'paid_after_close', 'paid_twice'];
  const isTold = order.exceptions.some(
    (exception) =>
      exception === confirmed ||
      (kinds.includes(String(exception['kind'])) &&
        exception['payment_no'] === number &&
        exception['amount'] === amount),
  );
  if (!isPaying && !isTold) wrong.push(`${name} is in suspense without an exception`);
  return wrong;
}

/** Whether it is the first of ours under its number. */
const isFirst = ({ number, id }: Transaction, all: readonly Transaction[]): boolean =>
  all.find((each) => each.number === number && each.origin === 'ours')?.id === id;

/** Where a transaction is booked. A payment whose transaction nobody has named counts for the first of its number. */
function bookingsOf(
  { payments, suspense }: StoredOrder,
  transaction: Transaction,
  all: readonly Transaction[],
): Fields[] {
  const { id, number } = transaction;
  const own = [...payments.values()].filter(
    (payment) =>
      isBooked(payment) &&
      (payment['transaction_id'] === id ||
        (payment['payment_no'] === number &&
          payment['transaction_id'] === null &&
          isFirst(transaction, all))),
  );
  return [...own, ...suspense.filter((each) => isBooked(each) && each['transaction_id'] === id)];
}

/**
 * A transaction that is none of ours is in no booking, but where people have given it back by mistake, and where it
 * stood in the way, somebody is told.
 */
function checkStrange({ setup, books }: Town, stored: Stored, transaction: Transaction): string[] {
  const { provider, merchant, number, id, origin, amount } = transaction;
  const name = `${number} by ${id} from ${origin}`;
  const found = findPayment(stored, number);
  if (!found) return [];
  const { stored: order, payment } = found;
  const suspense = confirmedAs(order.exceptions, transaction) ? [] : order.suspense;
  const items = [...order.payments.values(), ...suspense];
  if (items.some((item) => isBooked(item) && item['transaction_id'] === id)) return [`${name} is booked`];
  if (payment['merchant'] !== merchant || !setup.isKnown(provider, merchant)) return [];
  const wasMet = books.asked.some((each) => each.number === number && each.verb !== 'query_refund');
  const kinds = origin === 'years_ago' ? ['number_spent'] : ['number_spent', 'mismatch'];
  const isTold = order.exceptions.some(
    (exception) =>
      kinds.includes(String(exception['kind'])) &&
      exception['payment_no'] === number &&
      (exception['kind'] !== 'mismatch' || exception['amount'] === amount),
  );
  return wasMet && !isTold ? [`${name} was met, and nobody is told`] : [];
}

/** Nothing is booked that no provider took, and an order is paid at most once. */
export function checkBookings({ books }: Town, { orders, strays }: Stored): string[] {
  const wrong = strays.map(({ pk, sk }) => `${pk}/${sk} is of no order`);
  for (const { order_no, order, payments, suspense } of orders.values()) {
    for (const payment of payments.values()) {
      if (isBooked(payment) !== (payment['state'] === 'paid'))
        wrong.push(
          `${payment['payment_no']} is ${payment['state']} and ${isBooked(payment) ? '' : 'not '}booked`,
        );
      if (!isBooked(payment)) continue;
      const transaction = books.transactions.find(
        ({ number, id, origin }) =>
          number === payment['payment_no'] &&
          origin === 'ours' &&
          (payment['transaction_id'] === null || payment['transaction_id'] === id),
      );
      if (!transaction)
        wrong.push(
          `${payment['payment_no']} is booked by ${payment['transaction_id']}, which no provider took`,
        );
    }
    for (const each of suspense) {
      if (!books.transactions.some(({ id }) => id === each['transaction_id']))
        wrong.push(`${order_no} has ${each['transaction_id']} in suspense, which no provider took`);
    }
    wrong.push(...checkOrderPaid(order_no, order, payments));
  }
  return wrong;
}

function checkOrderPaid(order_no: string, order: Fields, payments: ReadonlyMap<number, Fields>): string[] {
  const { status, paid_by, amount } = order;
  const crediting = [...payments.values()].filter(
    (payment) => isBooked(payment) && /^(?:shop|tenant):/.test(String(payment['credit'])),
  );
  const isPaid = ['paid', 'refunding', 'refunded'].includes(String(status));
  if (crediting.length > 1) return [`${order_no} is paid ${crediting.length} times`];
  if (!isPaid) return crediting.length > 0 || paid_by !== null ? [`${order_no} is ${status}, and paid`] : [];
  if (amount === 0) return crediting.length > 0 ? [`${order_no} costs nothing, and was paid for`] : [];
  const [payment] = crediting;
  if (!payment || payment['n'] !== paid_by)
    return [`${order_no} is ${status}, and paid by ${paid_by}, which is not booked to it`];
  return payment['amount'] === amount ? [] : [`${order_no} over ${amount} is paid with ${payment['amount']}`];
}

/** What a payer did not pay is kept as the provider said it, and is nothing that was not said. */
export function checkDiscounts({ books, marks }: Town, stored: Stored): string[] {
  return books.transactions.flatMap(({ number, id, discount, provider }) => {
    const kept = findPayment(stored, number)?.payment;
    if (kept?.['transaction_id'] !== id) return [];
    const { merchant, provider: borne } = (kept['discount'] ?? {}) as Partial<typeof discount>;
    // A flat body, and Stripe, say nothing of it.
    if (kept['discount'] === null) return [];
    if (merchant !== discount.merchant || borne !== discount.provider)
      return [
        `${provider} took ${discount.merchant} and ${discount.provider} off ${number}, and ${merchant} and ${borne} are kept`,
      ];
    if (merchant + borne > 0) marks.take('discount_kept');
    return [];
  });
}
