import type { EntryKind } from '../../../lib/orders/kinds.ts';
import { ownerAccount, providerAccount, suspenseAccount } from '../../../lib/orders/ledger.ts';
import { parsePaymentNumber, paymentNumber } from '../../../lib/orders/order-number.ts';
import type { Payment, Suspense } from '../../../lib/orders/payment.ts';
import type { DisputeRow, PaymentRow, RefundRow } from '../../../lib/orders/provider-gateway.ts';
import { type Refund, refundNumber } from '../../../lib/orders/refund.ts';
import {
  type OrderBooks,
  type Origin,
  type ProviderEntry,
  type ReconciliationStore,
  withdrawn,
} from '../../../lib/reconciliation/books.ts';
import { merchantNames, paymentOf, refundOf, shopOrder } from '../../support/orders.ts';

export const merchant = { provider: 'wechat', merchant: merchantNames.wechat } as const;
export const times = { utcOffset_h: 8, ready_h: 10, accountOf: (merchant: string) => merchant };
export const date = '2026-11-21';
const noon = '2026-11-21T04:00:00.000Z';

const owner = ownerAccount({ kind: 'mall' });

const movement = {
  transaction_id: null,
  at: null,
  currency: 'CNY',
  fee: 0,
  fee_currency: 'CNY',
};

export const paymentRow = (payment_no: string | null, changes: Partial<PaymentRow> = {}): PaymentRow => ({
  ...movement,
  kind: 'payment',
  payment_no,
  transaction_id: `T-${payment_no}`,
  amount: 1999,
  ...changes,
});

export const refundRow = (order_no: string, n: number, changes: Partial<RefundRow> = {}): RefundRow => ({
  ...movement,
  kind: 'refund',
  payment_no: order_no,
  transaction_id: `T-${order_no}`,
  amount: 500,
  refund_no: refundNumber(order_no, n),
  refund_id: `R-${order_no}-${n}`,
  failed: false,
  ...changes,
});

export const disputeRow = (payment_no: string, changes: Partial<DisputeRow> = {}): DisputeRow => ({
  ...movement,
  kind: 'dispute',
  payment_no,
  transaction_id: `T-${payment_no}`,
  amount: 1999,
  movement_id: `txn_${payment_no}`,
  event: null,
  ...changes,
});

/** What differs from an entry of an order's first payment, or of a refund where one is named. */
type Changes = { readonly order_no: string } & Partial<ProviderEntry>;

export function entry({ payment = 1, refund = null, ...changes }: Changes): ProviderEntry {
  const { order_no, transaction_id = `T-${order_no}` } = changes;
  const { kind, ...payee }: { kind: EntryKind; provider: ProviderEntry['provider']; merchant: string } = {
    kind: refund === null ? 'payment' : 'refund',
    ...merchant,
    ...changes,
  };
  const isIn = kind === 'payment' || kind === 'suspense';
  const [ours, theirs] = [providerAccount(payee), kind === 'payment' ? owner : suspenseAccount(payee)];
  return {
    kind,
    payment: refund === null ? payment : null,
    refund,
    reference: null,
    debit: isIn ? ours : theirs,
    credit: isIn ? theirs : ours,
    amount: 1999,
    currency: 'CNY',
    ...payee,
    transaction_id,
    booked_at: noon,
    paid_at: null,
    ...changes,
  };
}

export interface Further {
  readonly refunds?: readonly Refund[];
  readonly returns?: OrderBooks['returns'];
  /** Of each first payment, what has gone back without our asking. */
  readonly returned?: number;
}

/** Books in memory, of one part; everything was begun at noon, and returned of a first payment. */
export function booksOf(
  entries: readonly ProviderEntry[],
  { refunds = [], returns = [], returned = 0 }: Further = {},
): ReconciliationStore {
  const ofOrder = (order_no: string) => entries.filter((one) => one.order_no === order_no);
  const numbers = new Set([
    ...entries.map((one) => one.order_no),
    ...refunds.map((one) => one.order_no),
    ...returns.map((one) => one.order_no),
  ]);
  const readOrder = async (order_no: string): Promise<OrderBooks | null> => {
    if (!numbers.has(order_no)) return null;
    const own = ofOrder(order_no);
    const known = refunds.filter((one) => one.order_no === order_no);
    return {
      payments: [
        { ...holdingOf(order_no, 1), returned },
        ...own.flatMap((one) => paymentOfEntry(one)),
      ].filter(({ n, booking }, _, all) => booking || !all.some((other) => other.n === n && other.booking)),
      suspense: own.filter(({ kind }) => kind === 'suspense').map(suspenseOfEntry),
      refunds: [...known, ...own.flatMap((one) => refundOfEntry(one, known))],
      returns: returns.filter((one) => one.order_no === order_no),
      entries: own,
    };
  };
  return {
    parts: 1,
    find: async (rows) =>
      rows.map((row) => {
        const { order_no, n } = row.number;
        const own = ofOrder(order_no);
        if (row.kind === 'payment')
          return own.find(({ kind, payment }) => kind === 'payment' && payment === n);
        if (row.kind === 'dispute') {
          const moved = own.find(({ reference }) => reference === row.movement_id);
          return moved && { ...moved, ...withdrawn(moved) };
        }
        return own.find(({ refund }) => refund !== null && row.refund_no === refundNumber(order_no, refund));
      }),
    readOrder,
    async *listEntries(account) {
      yield* entries.filter(({ debit, credit }) => debit === account || credit === account);
    },
    findOrigins: async (wanted) =>
      wanted.map(({ order_no, payment, kind }): Origin | undefined =>
        kind === 'dispute'
          ? undefined
          : { payment_no: paymentNumber(order_no, payment ?? 1), begun_at: noon },
      ),
  };
}

export const holdingOf = (order_no: string, n: number): Payment => {
  const id = Number(parsePaymentNumber(order_no)?.order_no.split('-')[1] ?? 1);
  return paymentOf({ ...shopOrder({ id }), order_no }, { n, payment_no: paymentNumber(order_no, n) });
};

function paymentOfEntry(one: ProviderEntry): Payment[] {
  const {
    kind,
    order_no,
    payment,
    amount,
    currency,
    provider,
    merchant: name,
    transaction_id,
    debit,
    credit,
  } = one;
  if (kind !== 'payment' || payment === null) return [];
  const booking = { debit, credit, booked_at: one.booked_at };
  const record = { amount, currency, provider, merchant: name, transaction_id, booking };
  return [{ ...holdingOf(order_no, payment), state: 'paid', ...record }];
}

function suspenseOfEntry(one: ProviderEntry): Suspense {
  const { order_no, payment, amount, currency, provider, merchant: name, transaction_id } = one;
  const { debit, credit, booked_at } = one;
  return {
    ...{
      order_no,
      n: payment ?? 1,
      payment_no: paymentNumber(order_no, payment ?? 1),
      amount,
      currency,
      provider,
    },
    ...{
      merchant: name,
      transaction_id: transaction_id ?? '',
      version: 1,
      paid_at: noon,
      attributed_at: null,
    },
    ...{
      reserved: 0,
      refunded: 0,
      returned: 0,
      reported: 0,
      booking: { debit, credit, booked_at },
    },
  };
}

function refundOfEntry(
  { order_no, refund, amount, ...one }: ProviderEntry,
  known: readonly Refund[],
): Refund[] {
  if (refund === null || known.some(({ n }) => n === refund)) return [];
  const { provider, merchant: name, currency } = one;
  const changes = { n: refund, amount, provider, merchant: name, currency, status: 'succeeded' } as const;
  return [refundOf(holdingOf(order_no, 1), changes)];
}

export const openRefund = (
  order_no: string,
  n: number,
  amount: number,
  changes: Partial<Refund> = {},
): Refund => refundOf(holdingOf(order_no, 1), { n, amount, ...changes });
