import { type OwnRow, returnName } from './bill-row.ts';
import { type Booked, isSameMoney, type Money, type OrderBooks, withdrawn } from './books.ts';

/** What the books have of a row. */
export type Match =
  /** `unnamed`: no message has named its transaction. */
  | { readonly state: 'booked' | 'unnamed'; readonly money: Money }
  /** It is not booked, and rightly so: it moved nothing on balance, or is on its way. */
  | { readonly state: 'nothing' }
  | { readonly state: 'under_way' };

/** Whether what stands under a row's own key is the row's beyond doubt, so that nothing else of its order need be read. */
export function isCertain(row: OwnRow, { transaction_id }: Pick<Booked, 'transaction_id'>): boolean {
  if (row.kind === 'payment') return transaction_id !== null && transaction_id === row.transaction_id;
  return row.kind === 'dispute' || row.failed === false;
}

/** Whether a row takes back what was never paid, and is not in the books either. */
export const isOfNothing = (row: OwnRow, books: OrderBooks | null): boolean =>
  row.kind === 'refund' && row.ofUnpaid === true && !(books && findPayment(row, books));

/** What of an order a row is about; undefined when it is not there. */
export function findMatch(row: OwnRow, books: OrderBooks): Match | undefined {
  switch (row.kind) {
    case 'payment':
      return findPayment(row, books);
    case 'refund':
      return (row.failed ? undefined : findReturned(row, books)) ?? findFailed(row, books);
    case 'dispute': {
      const entry = books.entries.find(
        ({ kind, reference }) => kind === 'dispute' && reference === row.movement_id,
      );
      return entry && { state: 'booked', money: withdrawn(entry) };
    }
  }
}

/** The payment or further transaction of its number; else one where either side names no transaction. */
function findPayment(
  { number: { n }, transaction_id, ...money }: OwnRow,
  { payments, suspense }: OrderBooks,
): Match | undefined {
  const holdings = [
    ...payments.filter((payment) => payment.n === n && payment.booking !== null),
    ...suspense.filter((further) => further.n === n),
  ];
  const exact = holdings.find((one) => transaction_id !== null && one.transaction_id === transaction_id);
  if (exact) return { state: 'booked', money: exact };
  const unnamed = holdings.filter((one) => one.transaction_id === null || transaction_id === null);
  const likeliest = unnamed.find((one) => isSameMoney(one, money)) ?? unnamed[0];
  return likeliest && { state: 'unnamed', money: likeliest };
}

type RefundRow = Extract<OwnRow, { kind: 'refund' }>;

const ofRefund =
  ({ refund_no }: RefundRow) =>
  (refund: OrderBooks['refunds'][number]): boolean =>
    refund.refund_no === refund_no;

const ofReturn =
  (row: RefundRow) =>
  ({ payment, return_id }: OrderBooks['returns'][number]): boolean =>
    payment === row.number.n && return_id === returnName(row);

/** One that failed has moved nothing on balance, whether it was booked and booked back or never. */
function findFailed(row: RefundRow, { refunds, returns }: OrderBooks): Match | undefined {
  if (row.failed === false) return undefined;
  const known = refunds.find(ofRefund(row)) ?? returns.find(ofReturn(row));
  return known?.status === 'failed' ? { state: 'nothing' } : undefined;
}

function findReturned(row: RefundRow, books: OrderBooks): Match | undefined {
  const { payments, refunds, returns, entries } = books;
  const refund = refunds.find(ofRefund(row));
  const entry = refund && entries.find((one) => one.kind === 'refund' && one.refund === refund.n);
  if (refund?.status === 'succeeded' && entry) return { state: 'booked', money: entry };
  const known = returns.find(ofReturn(row));
  if (known?.status === 'succeeded') return { state: 'booked', money: known };
  if (refund?.status === 'open' && isSameMoney(refund, row)) return { state: 'under_way' };
  return row.refund_id === null && row.refund_no === null ? findRevoked(row, payments) : undefined;
}

/** What is revoked went back as a whole, by whatever name we know that. */
function findRevoked(row: RefundRow, payments: OrderBooks['payments']): Match | undefined {
  const payment = payments.find(({ n }) => n === row.number.n);
  return payment && payment.refunded + payment.returned >= row.amount
    ? { state: 'booked', money: row }
    : undefined;
}
