import { ownerAccount, providerAccount, suspenseAccount } from '../../../lib/orders/accounts.ts';
import type { EntryKind } from '../../../lib/orders/kinds.ts';
import { paymentNumber } from '../../../lib/orders/order-number.ts';
import { type Refund, refundNumber } from '../../../lib/orders/refund.ts';
import type { Origin, ProviderEntry, ReconciliationStore } from '../../../lib/reconciliation/books.ts';
import { providerDay } from '../../../lib/reconciliation/day.ts';
import { merchantNames } from '../../support/orders.ts';

export const merchant = { provider: 'wechat', merchant: merchantNames.wechat } as const;
export const day = providerDay('wechat', '2026-11-21');
const noon = '2026-11-21T04:00:00.000Z';

const owner = ownerAccount({ kind: 'mall' });

/** What differs from an entry of an order's first payment, or of a refund where one is named. */
type Changes = {
  readonly order_no: string;
  readonly payment?: number;
  readonly refund?: number | null;
} & Partial<Omit<ProviderEntry, 'payment' | 'refund'>>;

export function entry({ payment = 1, refund = null, ...changes }: Changes): ProviderEntry {
  const { order_no, transaction_id = `T-${order_no}` } = changes;
  const { kind, ...payee }: { kind: EntryKind; provider: ProviderEntry['provider']; merchant: string } = {
    kind: refund === null ? 'payment' : 'refund',
    ...merchant,
    ...changes,
  };
  const [ours, theirs] = [providerAccount(payee), kind === 'suspense' ? suspenseAccount(payee) : owner];
  return {
    id: `${order_no} ${kind} ${refund ?? payment} ${transaction_id}`,
    kind,
    ...(refund === null ? { payment, refund } : { payment: null, refund }),
    debit: refund === null ? ours : theirs,
    credit: refund === null ? theirs : ours,
    amount: 1999,
    currency: 'CNY',
    ...payee,
    transaction_id,
    booked_at: noon,
    paid_at: null,
    ...changes,
  };
}

export function openRefund(
  order_no: string,
  n: number,
  amount: number,
  changes: Partial<Refund> = {},
): Refund {
  return {
    order_no,
    n,
    refund_no: refundNumber(order_no, n),
    payment: 1,
    payment_no: order_no,
    suspense: null,
    ...merchant,
    paid_amount: 1999,
    amount,
    currency: 'CNY',
    reason: '',
    status: 'open',
    version: 1,
    refund_id: null,
    created_at: noon,
    updated_at: noon,
    ...changes,
  };
}

/** Books in memory; everything was begun at noon, and returned of a first payment. */
export function booksOf(
  entries: readonly ProviderEntry[],
  openRefunds: readonly Refund[] = [],
): ReconciliationStore {
  return {
    findEntries: async (references) =>
      references.map(({ order_no, payment, refund }) =>
        entries.find(
          (one) =>
            one.order_no === order_no &&
            one.refund === refund &&
            (refund !== null || one.payment === payment) &&
            one.kind !== 'suspense',
        ),
      ),
    readOrder: async (order_no) => ({
      entries: entries.filter((one) => one.order_no === order_no),
      openRefunds: openRefunds.filter((one) => one.order_no === order_no),
    }),
    async *listEntries(account) {
      yield* entries.filter(({ debit, credit }) => debit === account || credit === account);
    },
    findOrigins: async (wanted) =>
      wanted.map(
        ({ order_no, payment }): Origin => ({
          payment_no: paymentNumber(order_no, payment ?? 1),
          begun_at: noon,
        }),
      ),
  };
}
