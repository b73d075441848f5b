import { parseNumber } from '../numbers.ts';
import { type Refund, refundedOf, type Transaction } from '../providers/books.ts';
import type { Town } from '../town.ts';
import { accountOf, confirmedAs, type Fields, hasOpen, type Stored, type StoredOrder } from './stored.ts';

/** Money that goes back: what we hold against what the providers do, and the sums. */
export function checkRefunds(town: Town, stored: Stored): string[] {
  return [
    ...town.books.transactions.flatMap((transaction) => checkProviderRefunds(town, stored, transaction)),
    ...[...stored.orders.values()].flatMap((order) => checkOrderRefunds(town, order)),
  ];
}

const statusesOf: Readonly<Record<Refund['state'], readonly string[]>> = {
  pending: ['open'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  sent_back: ['failed'],
  // WeChat keeps what it could not deliver, until somebody repairs it there.
  abnormal: ['open'],
};

function checkProviderRefunds({ setup }: Town, { orders }: Stored, transaction: Transaction): string[] {
  const { provider, merchant, number, id, refunds, amount } = transaction;
  const order = orders.get(parseNumber(number)?.order_no ?? '');
  // People have given it back under the number that a message named.
  const told = confirmedAs(order?.exceptions ?? [], transaction)?.['payment_no'] ?? number;
  const gone = refundedOf(transaction);
  const wrong = gone > amount ? [`${number} over ${amount} has given back ${gone}`] : [];
  const asked = refunds.filter(({ origin }) => origin === 'asked');
  const names = asked.map(({ request_no }) => request_no);
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index) wrong.push(`${name} went back twice`);
  for (const refund of asked) {
    const stored = order?.refunds.find(({ refund_no }) => refund_no === refund.request_no);
    if (!stored) {
      wrong.push(`${refund.request_no} of ${number} was asked of ${provider} and is not stored`);
      continue;
    }
    if (stored['amount'] !== refund.amount || stored['payment_no'] !== told)
      wrong.push(`${refund.request_no} is stored as ${stored['amount']} of ${stored['payment_no']}`);
    if (stored['suspense'] !== null && stored['suspense'] !== id)
      wrong.push(`${refund.request_no} is of ${stored['suspense']}, and went back from ${id}`);
    if (!setup.isKnown(provider, merchant)) continue;
    if (!statusesOf[refund.state].includes(String(stored['status'])))
      wrong.push(`${refund.request_no} is ${refund.state} at ${provider}, and ${stored['status']} here`);
    const isTold = order?.exceptions.some(
      ({ kind, refund_no }) => kind === 'refund_abnormal' && refund_no === refund.request_no,
    );
    if (refund.state === 'abnormal' && !isTold)
      wrong.push(`${refund.request_no} is abnormal at ${provider}, and nobody is told`);
  }
  return wrong;
}

function checkOrderRefunds({ books, setup }: Town, stored: StoredOrder): string[] {
  const { order_no, order, payments, suspense, refunds, entries } = stored;
  const wrong: string[] = [];
  for (const refund of refunds) {
    const { refund_no, status, amount, n } = refund;
    const own = entries.filter((entry) => entry['refund'] === n);
    const net = own.reduce(
      (sum, entry) =>
        sum + (accountOf(entry['credit']).startsWith('provider:') ? 1 : -1) * Number(entry['amount']),
      0,
    );
    const expected = status === 'succeeded' ? amount : 0;
    if (net !== expected) wrong.push(`${refund_no} over ${amount} is ${status} and booked as ${net}`);
    const isKnown = books.transactions.some((transaction) =>
      transaction.refunds.some(({ request_no }) => request_no === refund_no),
    );
    const provider = refund['provider'] as Transaction['provider'];
    if (status === 'succeeded' && !isKnown)
      wrong.push(`${refund_no} is booked, and ${provider} gave nothing back`);
    if (
      status === 'open' &&
      !isKnown &&
      !(!setup.isKnown(provider, String(refund['merchant'])) && hasOpen(stored))
    )
      wrong.push(`${refund_no} is open, and ${provider} was not asked for it`);
    const told = stored.exceptions.filter(
      (exception) => exception['kind'] === 'refund_failed' && exception['refund_no'] === refund_no,
    );
    if (told.length !== (status === 'failed' ? 1 : 0))
      wrong.push(`${refund_no} is ${status}, and ${told.length} exceptions say that it failed`);
    if (status === 'open' && refund['work'] === undefined)
      wrong.push(`${refund_no} is open, and nobody looks after it`);
  }
  for (const entry of entries) {
    if (String(entry['sk']).startsWith('ENTRY#ATTRIBUTION#')) continue;
    const sides = [accountOf(entry['debit']), accountOf(entry['credit'])];
    if (sides.filter((side) => side.startsWith('provider:')).length !== 1)
      wrong.push(`${order_no} books ${sides.join(' to ')}`);
  }
  const sums = (own: readonly Fields[], status: string) =>
    own.filter((refund) => refund['status'] === status).reduce((sum, { amount }) => sum + Number(amount), 0);
  const hold = (holding: Fields, own: readonly Fields[], name: string) => {
    const { reserved, refunded, amount } = holding;
    if (reserved !== sums(own, 'open') || refunded !== sums(own, 'succeeded'))
      wrong.push(
        `${name} has ${reserved} reserved and ${refunded} refunded, its refunds ${sums(own, 'open')} and ${sums(own, 'succeeded')}`,
      );
    if (Number(reserved) + Number(refunded) > Number(amount))
      wrong.push(`${name} has more given back than it has`);
  };
  for (const [n, payment] of payments)
    hold(
      payment,
      refunds.filter((refund) => refund['payment'] === n && refund['suspense'] === null),
      String(payment['payment_no']),
    );
  for (const each of suspense)
    hold(
      each,
      refunds.filter((refund) => refund['suspense'] === each['transaction_id']),
      String(each['transaction_id']),
    );
  const paying = payments.get(Number(order['paid_by']));
  if (paying && order['paid_by'] !== null) {
    const expected =
      Number(paying['reserved']) > 0
        ? 'refunding'
        : Number(paying['refunded']) + Number(paying['returned']) >= Number(paying['amount'])
          ? 'refunded'
          : 'paid';
    if (order['status'] !== expected)
      wrong.push(`${order_no} is ${order['status']} and should be ${expected}`);
  }
  return wrong;
}
