import { describe, expect, it } from 'vitest';
import type { BookedEntry } from '../../lib/orders/change.ts';
import type { Dispute } from '../../lib/orders/dispute.ts';
import type { ExceptionRecord } from '../../lib/orders/exception.ts';
import { feesAccount, ownerAccount, providerAccount, suspenseAccount } from '../../lib/orders/ledger.ts';
import type { Payment, Suspense } from '../../lib/orders/payment.ts';
import type { Refund } from '../../lib/orders/refund.ts';
import { checkBooks, type World } from './books.ts';
import { itemOf, refundEntryOf } from './items.ts';
import { disputeOf, paidPayment, paymentOf, refundOf, shopOrder, suspenseOf } from './orders.ts';
import type { TableItem } from './table-scan.ts';

const order = shopOrder({ status: 'paid', paid_by: 2, payment: 2, payments: 2, amount: 1000 });
const { order_no } = order;
const superseded = paymentOf(order, { n: 1, state: 'closed', superseded: true });
const payment = paidPayment(order, { refunded: 300 });
const suspense = suspenseOf(payment);
const refund = refundOf(payment, { amount: 300, status: 'succeeded', version: 2 });
const { refund_no } = refund;
const entry = refundEntryOf(payment, refund);
const exception: ExceptionRecord = {
  ...{ order_no, kind: 'paid_twice', state: 'open', version: 1, owner: payment.payee, refund_no: null },
  ...{ payment_no: payment.payment_no, provider: payment.provider, merchant: payment.merchant },
  ...{ transaction_id: 'T2', fields: [], amount: 1000, currency: 'CNY', recorded_at: order.created_at },
  ...{ reason: null, due_by: null, resolved: null },
};

/** What is stored, with these of its records in place of those that are well. */
interface Records {
  readonly order: typeof order | null;
  readonly payments: readonly Payment[];
  readonly suspense: readonly Suspense[];
  readonly refunds: readonly Refund[];
  readonly entries: readonly BookedEntry[];
  readonly disputes: readonly Dispute[];
  readonly exceptions: readonly ExceptionRecord[];
}

function itemsWith(changes: Partial<Records> = {}): TableItem[] {
  const records: Records = {
    order,
    payments: [superseded, payment],
    suspense: [suspense],
    refunds: [refund],
    entries: [entry],
    disputes: [],
    exceptions: [exception],
    ...changes,
  };
  return [
    ...(records.order ? [itemOf({ put: 'order', record: records.order })] : []),
    ...records.payments.map((record) => itemOf({ put: 'payment', record })),
    ...records.suspense.map((record) => itemOf({ put: 'suspense', record })),
    ...records.refunds.map((record) => itemOf({ put: 'refund', record })),
    ...records.entries.map((record) => itemOf({ put: 'entry', record })),
    ...records.disputes.map((record) => itemOf({ put: 'dispute', record })),
    ...records.exceptions.map((record) => itemOf({ put: 'exception', record })),
    { pk: 'HEARTBEAT#sweep', sk: 'HEARTBEAT' },
  ];
}

const taken = [
  { transaction_id: 'T1', amount: 1000 },
  { transaction_id: 'T2', amount: 1000 },
];
const check = (records: Partial<Records> = {}, changes: Partial<World> = {}) =>
  checkBooks({
    items: itemsWith(records),
    taken,
    perhapsTaken: new Set(),
    returned: [{ refund_no, amount: 300 }],
    announced: `> 商城 \`${order_no}\` CNY 10.00`,
    ...changes,
  });

/** What leaves the provider's account without our asking. */
const movement = (kind: 'return' | 'dispute' | 'fee', reference: string, amount: number): BookedEntry => ({
  ...entry,
  ...{ kind, reference, amount, refund: null },
  debit: kind === 'fee' ? feesAccount(payment) : suspenseAccount(payment),
});
const returned: ExceptionRecord = { ...exception, kind: 'unknown_refund', refund_no: 're_1' };
const disputed: ExceptionRecord = { ...exception, kind: 'disputed', refund_no: 'du_1' };

/** A hundred that the console returned, and a dispute of the rest with its fee. */
const unasked = (): Partial<Records> => ({
  payments: [superseded, { ...payment, returned: 100 }],
  disputes: [disputeOf(payment, { amount: 600, withdrawn: 600 })],
  entries: [
    entry,
    movement('return', '2#re_1', 100),
    movement('dispute', 'txn_1', 600),
    movement('fee', 'txn_1', 15),
  ],
  exceptions: [exception, returned, disputed],
});

/** Money in suspense is its order's owner's after all. */
const attribution = (
  { transaction_id, amount }: Payment | Suspense,
  { kind }: ExceptionRecord,
): BookedEntry => ({
  ...entry,
  ...{ kind: 'attribution', reference: kind, refund: null, transaction_id, amount },
  ...{ debit: suspenseAccount(payment), credit: ownerAccount(order) },
});

const bookedBack: BookedEntry = { ...entry, reference: '1#2', debit: entry.credit, credit: entry.debit };
const withBooking = (changes: Partial<NonNullable<Payment['booking']>>): Partial<Records> => ({
  payments: [{ ...payment, booking: { ...suspense.booking, credit: payment.payee, ...changes } }],
});

describe('the check of the books', () => {
  it('finds nothing wrong where all is well', () => {
    expect(check()).toEqual([]);
  });

  it('finds nothing wrong with a refund that was booked, sent back and booked back', () => {
    const sentBack = {
      payments: [{ ...payment, refunded: 0 }],
      refunds: [{ ...refund, status: 'failed' as const }],
      entries: [bookedBack, entry],
    };
    expect(check(sentBack, { returned: [] })).toEqual([]);
    expect(check({ ...sentBack, entries: [] }, { returned: [] })).toEqual([]);
  });

  it('finds nothing wrong with an order that cost nothing, or whose money is in suspense', () => {
    const nothing = { suspense: [], refunds: [], entries: [] };
    const free = { ...nothing, order: { ...order, amount: 0, paid_by: null }, payments: [] };
    expect(check(free, { taken: [], returned: [] })).toEqual([]);
    const closed = { ...order, status: 'closed' as const, paid_by: null };
    const late = { ...nothing, order: closed, payments: [paidPayment(order, { isSuspense: true })] };
    expect(check(late, { taken: taken.slice(0, 1), returned: [] })).toEqual([]);
  });

  it('finds nothing wrong with what moved without our asking, where it is booked and told', () => {
    expect(check(unasked())).toEqual([]);
  });

  it('finds nothing wrong with a closed order that was paid by money in suspense after all', () => {
    const late = paidPayment(order, { isSuspense: true, attributed_at: '2026-11-21T08:00:00.000Z' });
    const entries = [attribution(late, exception)];
    const records = { payments: [superseded, late], suspense: [], refunds: [], entries };
    expect(check(records, { taken: taken.slice(0, 1), returned: [] })).toEqual([]);
  });

  it('finds nothing wrong with the fees of a merchant', () => {
    const fee = { ...movement('fee', 'day', 5), order_no: null };
    const item = { ...itemOf({ put: 'entry', record: fee }), pk: 'MERCHANT#m' };
    expect(check({}, { items: [...itemsWith(), item] })).toEqual([]);
    const wrong = { ...item, amount: 0 };
    expect(check({}, { items: [...itemsWith(), wrong] })).toEqual(['an entry has the amount 0']);
  });

  it.each<[string, string, Partial<Records>, Partial<World>?]>([
    [
      'a return was not told',
      'which nobody was told of',
      { ...unasked(), exceptions: [exception, disputed] },
    ],
    [
      'a sum of returns is wrong',
      'T1 does not add up with its returns',
      { ...unasked(), payments: [{ ...payment, returned: 99 }] },
    ],
    [
      'a return is booked from its owner',
      'the return 2#re_1 between other accounts',
      { ...unasked(), entries: [entry, { ...movement('return', '2#re_1', 100), debit: payment.payee }] },
    ],
    [
      'a dispute was not told',
      'is a dispute that nobody was told of',
      { ...unasked(), exceptions: [exception, returned] },
    ],
    [
      'a movement of a dispute is not booked',
      'du_1 does not add up with its movements',
      { ...unasked(), entries: [entry, movement('return', '2#re_1', 100), movement('fee', 'txn_1', 15)] },
    ],
    [
      'a fee is booked to suspense',
      'the fee txn_1 between other accounts',
      { entries: [entry, { ...movement('fee', 'txn_1', 15), debit: suspenseAccount(payment) }] },
    ],
    [
      'money is attributed without an entry',
      'T2 is attributed otherwise than booked',
      { suspense: [{ ...suspense, attributed_at: '2026-11-21T08:00:00.000Z' }] },
    ],
    [
      'money is attributed in an entry alone',
      'T2 is attributed otherwise than booked',
      { entries: [entry, attribution(suspense, exception)] },
    ],
    [
      'a paid order is not booked',
      'is paid with 0 payments',
      { payments: [superseded], refunds: [], entries: [] },
      { returned: [] },
    ],
    [
      'an order that is not paid is booked',
      'is pending with 1 payments',
      { order: { ...order, status: 'pending' } },
    ],
    [
      'an order was paid by another payment',
      'and the payment that it was paid by differ',
      { order: { ...order, paid_by: 1 } },
    ],
    [
      'an order was paid by two payments',
      'is paid with 2 payments',
      { payments: [payment, paidPayment(order, { n: 1 })] },
    ],
    ['something belongs to no order', 'stored without an order', { order: null }],
    [
      'a payment has another amount than its order',
      'and the payment that it was paid by differ',
      { order: { ...order, amount: 999 } },
    ],
    [
      'a payment has another currency than its order',
      'and the payment that it was paid by differ',
      { order: { ...order, currency: 'USD' } },
    ],
    [
      'a paid payment is not booked',
      'is paid, which its booking is not',
      { payments: [payment, { ...superseded, state: 'paid' }] },
    ],
    [
      'an unpaid payment is booked',
      'is failed, which its booking is not',
      { payments: [{ ...payment, state: 'failed' }] },
    ],
    [
      'a payment is booked to another owner',
      'T1 is booked to other accounts',
      withBooking({ credit: 'shop:meal' }),
    ],
    [
      'a payment is booked from another merchant',
      'T1 is booked to other accounts',
      withBooking({ debit: 'provider:wechat.2' }),
    ],
    [
      'a further payment is booked to an owner',
      'T2 is booked to other accounts',
      {
        suspense: [{ ...suspense, booking: { ...suspense.booking, credit: payment.payee } }],
      },
    ],
    [
      'a payment is booked twice',
      'T1 is booked 2 times',
      { suspense: [{ ...suspense, transaction_id: 'T1' }] },
    ],
    ['money was taken and is not booked', 'T2 was taken and is not booked', { suspense: [] }],
    [
      'money is booked and was never taken',
      'T2 is booked and was never taken',
      {},
      { taken: taken.slice(0, 1) },
    ],
    [
      'money is booked with another amount',
      'T2 is booked with another amount',
      {},
      { taken: taken.map((money) => ({ ...money, amount: 999 })) },
    ],
    ['a refund is open', 'r1 is still open', { refunds: [{ ...refund, status: 'open' }] }],
    ['a refund is not booked', 'r1 succeeded with 0 entries', { entries: [] }],
    [
      'a refund is booked twice',
      'r1 succeeded with 2 entries',
      { entries: [entry, { ...entry, reference: '1#2' }] },
    ],
    [
      'a refund that failed is booked',
      'r1 failed with 1 entries',
      { refunds: [{ ...refund, status: 'failed' }] },
    ],
    [
      'a refund is booked with another amount',
      'r1 and its entries differ',
      { entries: [{ ...entry, amount: 299 }] },
    ],
    [
      'a refund is booked from another account',
      'r1 and its entries differ',
      { entries: [{ ...entry, debit: suspenseAccount(payment) }] },
    ],
    [
      'a refund returns what is not there',
      'r1 returns what was never booked',
      { refunds: [{ ...refund, suspense: 'T3' }] },
    ],
    ['a refund was not returned', "r1 differs from the provider's", {}, { returned: [] }],
    [
      'a refund was returned with another amount',
      "r1 differs from the provider's",
      {},
      { returned: [{ refund_no, amount: 299 }] },
    ],
    ['a refund is not known', 'r1 was returned and is not known', { refunds: [] }],
    [
      'a sum of refunds is wrong',
      'T1 does not add up with its refunds',
      { payments: [{ ...payment, refunded: 200 }] },
    ],
    [
      'a sum of open refunds is wrong',
      'T1 does not add up with its refunds',
      { payments: [{ ...payment, reserved: 1 }] },
    ],
    [
      'more is returned than was paid',
      'is returned than was paid',
      { payments: [{ ...payment, returned: 800 }] },
    ],
    [
      'a status forgets what was returned',
      'is refunded with another sum returned',
      { order: { ...order, status: 'refunded' } },
    ],
    ['an amount is a fraction', 'an entry has the amount 0.5', { suspense: [{ ...suspense, amount: 0.5 }] }],
    [
      'an account is booked to itself',
      'is booked to itself',
      {
        suspense: [{ ...suspense, booking: { ...suspense.booking, credit: providerAccount(payment) } }],
      },
    ],
    [
      'an entry has no refund',
      'an entry of refund 2, which is not there',
      { entries: [entry, { ...entry, refund: 2 }] },
    ],
    ['an account is overdrawn', 'shop:mall CNY has 300', withBooking({ credit: 'shop:meal' })],
    ['an announcement is missing', 'was not announced', {}, { announced: `\`${order_no}1\`` }],
  ])('sees that %s', (_, found, records, changes) => {
    expect(check(records, changes).join('\n')).toContain(found);
  });
});
