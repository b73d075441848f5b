import { describe, expect, it } from 'vitest';
import type { BillRow, OtherRow } from '../../../lib/orders/provider-gateway.ts';
import { ownRow } from '../../../lib/reconciliation/bill-row.ts';
import type { OrderBooks } from '../../../lib/reconciliation/books.ts';
import { findMatch, isCertain, isOfNothing } from '../../../lib/reconciliation/match.ts';
import { returnOf } from '../../support/orders.ts';
import { booksOf, disputeRow, entry, holdingOf, openRefund, paymentRow, refundRow } from './books.ts';

const order_no = 'mall-1';

const own = (row: Exclude<BillRow, OtherRow>) => {
  const found = ownRow(row, '');
  if (!found) throw new Error('none of ours');
  return found;
};

async function booksWith(
  entries: Parameters<typeof booksOf>[0],
  changes: (books: OrderBooks) => Partial<OrderBooks> = () => ({}),
): Promise<OrderBooks> {
  const books = await booksOf(entries).readOrder(order_no);
  if (!books) throw new Error('no books');
  return { ...books, ...changes(books) };
}

const paid = entry({ order_no });
const refundEntry = (n: number, amount: number) =>
  entry({ order_no, kind: 'refund', payment: null, refund: n, amount });
const refund = (n: number, changes: Parameters<typeof refundRow>[2] = {}) =>
  own(refundRow(order_no, n, changes));
const booked = (amount: number) => ({ state: 'booked', money: expect.objectContaining({ amount }) });

describe('what is certain by its own key', () => {
  it.each([
    ['a payment by its transaction', own(paymentRow(order_no)), `T-${order_no}`, true],
    ['no payment of another transaction', own(paymentRow(order_no)), 'T-other', false],
    ['no payment that neither side names', own(paymentRow(order_no, { transaction_id: null })), null, false],
    ['a movement of a dispute', own(disputeRow(order_no)), null, true],
    ['a refund that was made', refund(1), null, true],
    ['no refund that failed', refund(1, { failed: true }), null, false],
    ['no refund that is not decided', refund(1, { failed: null }), null, false],
  ])('is %s', (_name, row, transaction_id, expected) => {
    expect(isCertain(row, { transaction_id })).toBe(expected);
  });
});

describe('a payment', () => {
  it('is the one of its transaction, and of its number', async () => {
    const second = entry({ order_no, payment: 2, amount: 700, transaction_id: 'T2' });
    const further = entry({ order_no, kind: 'suspense', amount: 800, transaction_id: 'T3' });
    const books = await booksWith([paid, second, further]);
    const find = (number: string, transaction_id: string) =>
      findMatch(own(paymentRow(number, { transaction_id })), books);
    expect(find('mall-1', `T-${order_no}`)).toEqual(booked(1999));
    expect(find('mall-1-2', 'T2')).toEqual(booked(700));
    expect(find('mall-1', 'T3')).toEqual(booked(800));
    expect(find('mall-1-2', 'T3')).toBeUndefined();
    expect(find('mall-1', 'T2')).toBeUndefined();
  });

  it('that neither side names is unnamed', async () => {
    const books = await booksWith([entry({ order_no, transaction_id: null })]);
    const row = own(paymentRow(order_no, { transaction_id: null }));
    expect(findMatch(row, books)).toEqual({
      state: 'unnamed',
      money: expect.objectContaining({ amount: 1999 }),
    });
  });
});

describe('a refund', () => {
  it('is the one of its number, at what is booked of it', async () => {
    const books = await booksWith([paid, refundEntry(1, 500), refundEntry(2, 300)]);
    expect(findMatch(refund(1), books)).toEqual(booked(500));
    expect(findMatch(refund(2), books)).toEqual(booked(300));
    expect(findMatch(refund(3), books)).toBeUndefined();
  });

  it('is not booked where its entry is missing, or it has not succeeded', async () => {
    const succeeded = openRefund(order_no, 1, 400, { status: 'succeeded' });
    const without = await booksWith([paid], () => ({ refunds: [succeeded] }));
    expect(findMatch(refund(1), without)).toBeUndefined();
    const open = await booksWith([paid, refundEntry(1, 500)], () => ({
      refunds: [openRefund(order_no, 1, 400)],
    }));
    expect(findMatch(refund(1), open)).toBeUndefined();
    expect(findMatch(refund(1, { amount: 400 }), open)).toEqual({ state: 'under_way' });
  });

  it('that we did not ask for is a return of its payment, under its name', async () => {
    const returned = returnOf(holdingOf(order_no, 1), { return_id: 'R9', amount: 250, status: 'succeeded' });
    const books = await booksWith([paid], () => ({ returns: [returned] }));
    const row = (payment_no: string, refund_id: string) =>
      own(refundRow(order_no, 1, { payment_no, refund_no: null, refund_id }));
    expect(findMatch(row('mall-1', 'R9'), books)).toEqual(booked(250));
    expect(findMatch(row('mall-1-2', 'R9'), books)).toBeUndefined();
    expect(findMatch(row('mall-1', 'R8'), books)).toBeUndefined();
  });

  it('that failed is nothing where it is known to have failed, and that was made is something', async () => {
    const failed = openRefund(order_no, 1, 500, { status: 'failed' });
    const books = await booksWith([paid], () => ({ refunds: [failed] }));
    expect(findMatch(refund(1, { failed: true }), books)).toEqual({ state: 'nothing' });
    expect(findMatch(refund(1, { failed: null }), books)).toEqual({ state: 'nothing' });
    expect(findMatch(refund(1), books)).toBeUndefined();
  });

  it('without any name is its whole payment, where all of that went back', async () => {
    const revoked = (changes: Parameters<typeof refundRow>[2] = {}) =>
      refund(1, { amount: 1999, refund_no: null, refund_id: null, ...changes });
    const given = async (refunded: number, returned: number) =>
      booksWith([paid], ({ payments }) => ({
        payments: payments.map((payment) => ({ ...payment, refunded, returned })),
      }));
    expect(findMatch(revoked(), await given(999, 1000))).toEqual(booked(1999));
    expect(findMatch(revoked(), await given(999, 999))).toBeUndefined();
    expect(findMatch(revoked({ payment_no: 'mall-1-2' }), await given(999, 1000))).toBeUndefined();
    expect(findMatch(revoked({ refund_id: 'R1' }), await given(999, 1000))).toBeUndefined();
    expect(findMatch(revoked({ refund_no: 'console-1' }), await given(999, 1000))).toBeUndefined();
  });
});

describe("a dispute's movement", () => {
  it('is the one of its name among the movements of disputes', async () => {
    const moved = entry({ order_no, kind: 'dispute', payment: null, reference: 'txn_1', amount: 900 });
    const other = entry({ order_no, kind: 'return', reference: 'txn_2' });
    const books = await booksWith([paid, other, moved]);
    expect(findMatch(own(disputeRow(order_no, { movement_id: 'txn_1' })), books)).toEqual(booked(900));
    expect(findMatch(own(disputeRow(order_no, { movement_id: 'txn_2' })), books)).toBeUndefined();
  });
});

describe('what takes back what was never paid', () => {
  it('is nothing, unless its payment is in the books', async () => {
    const back = refund(1, { ofUnpaid: true });
    expect(isOfNothing(back, null)).toBe(true);
    expect(isOfNothing(back, await booksWith([paid]))).toBe(false);
    expect(isOfNothing(refund(1), null)).toBe(false);
    expect(isOfNothing(own(paymentRow(order_no)), null)).toBe(false);
  });
});
