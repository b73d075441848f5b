import type { RecordKind } from '../orders/change.ts';
import { providerAccount } from '../orders/ledger.ts';
import type { Period } from '../orders/read-ledger.ts';
import { parseRefundNumber } from '../orders/refund.ts';
import { type OwnRow, returnName } from '../reconciliation/bill-row.ts';
import {
  type Booked,
  type OrderBooks,
  type Origin,
  type ProviderEntry,
  type ReconciliationStore,
  withdrawn,
} from '../reconciliation/books.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { getItems } from './get-item.ts';
import { toRecord } from './items.ts';
import {
  accountShards,
  entryKey,
  type ItemKey,
  itemKindOf,
  paymentKey,
  refundKey,
  returnKey,
} from './keys.ts';
import { entryShards, toEntry } from './ledger-store.ts';
import { queryOrder } from './order-store.ts';
import { queryShard } from './sharded-read.ts';

/** Few enough that a page of a million-row day is small in memory. */
const ENTRIES_PER_QUERY = 500;

/** The books on DynamoDB, read by key, by order and by account. */
export const createReconciliationStore = (context: StoreContext): ReconciliationStore => ({
  // Each account is in both indexes.
  // Stryker disable next-line StringLiteral: any account has as many
  parts: 2 * accountShards('').length,
  async find(rows) {
    const items = await getItems(context, rows.map(keyOfRow));
    return items.map((item) => (item && toBooked(item)) ?? undefined);
  },
  readOrder: (order_no) => readOrder(context, order_no),
  listEntries: (account, period, part) => listEntries(context, account, period, part),
  async findOrigins(entries) {
    const items = await getItems(
      context,
      entries.map(originKey).filter((key) => key !== null),
    );
    const found = items.values();
    return entries.map((entry) => {
      const item = originKey(entry) && found.next().value;
      return item ? toOrigin(item) : undefined;
    });
  },
});

/** A refund is mostly booked by the first change after it was asked for, and then its first version names the entry. */
function keyOfRow(row: OwnRow): ItemKey {
  const { order_no, n } = row.number;
  if (row.kind === 'payment') return paymentKey(order_no, n);
  if (row.kind === 'dispute') return entryKey(order_no, { kind: 'dispute', reference: row.movement_id });
  const refund = row.refund_no === null ? null : parseRefundNumber(row.refund_no, order_no);
  return refund === null
    ? returnKey(order_no, { payment: n, return_id: returnName(row) })
    : entryKey(order_no, { kind: 'refund', reference: `${refund}#1` });
}

/** Null for what is not booked, or was booked and booked back. */
function toBooked(item: StoredItem & ItemKey): Booked | null {
  switch (itemKindOf(item)) {
    case 'payment': {
      const payment = toRecord('payment', item);
      return payment.booking && payment;
    }
    case 'return': {
      const known = toRecord('return', item);
      return known.status === 'succeeded' ? { ...known, transaction_id: null } : null;
    }
    default: {
      const entry = toRecord('entry', item);
      if (entry.kind === 'dispute') return { ...entry, ...withdrawn(entry) };
      return entry.credit === providerAccount(entry) ? entry : null;
    }
  }
}

/** Of a dispute's movement, no one item says when it may have been at the earliest. */
function originKey({ kind, order_no, payment, refund }: ProviderEntry): ItemKey | null {
  if (kind === 'dispute') return null;
  return refund === null ? paymentKey(order_no, payment ?? 1) : refundKey(order_no, refund);
}

function toOrigin(item: StoredItem & ItemKey): Origin {
  if (itemKindOf(item) === 'refund') {
    const { payment_no, created_at } = toRecord('refund', item);
    return { payment_no, begun_at: created_at };
  }
  const { payment_no, begun_at } = toRecord('payment', item);
  return { payment_no, begun_at };
}

/**
 * Null for what books nothing, or nothing that a bill has a row of: what the provider kept, who has money that was in
 * suspense, and what came back of what went, which some bills show and others do not.
 */
function toProviderEntry(item: StoredItem & ItemKey): ProviderEntry | null {
  const entry = toEntry(item);
  if (!entry) return null;
  const { kind, order_no } = entry;
  // Stryker disable next-line ConditionalExpression: what is of no order is a fee, and of a fee there is null below
  if (order_no === null) return null;
  const isBack = entry.debit === providerAccount(entry);
  const of = { ...entry, order_no, payment: null, refund: null, reference: null, paid_at: null };
  switch (kind) {
    case 'payment':
    case 'suspense': {
      // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: both are read alike in these
      const { n, paid_at } = toRecord(itemKindOf(item) === 'suspense' ? 'suspense' : 'payment', item);
      return { ...of, payment: n, paid_at };
    }
    case 'refund':
      return isBack ? null : { ...of, refund: toRecord('entry', item).refund };
    case 'return': {
      const [n, ...name] = referenceOf(item).split('#');
      return isBack ? null : { ...of, payment: Number(n), reference: name.join('#') };
    }
    case 'dispute':
      return { ...of, reference: referenceOf(item) };
    case 'fee':
    case 'attribution':
      return null;
  }
}

/** The key alone says it where an index does not hold it. */
const referenceOf = ({ sk }: ItemKey): string => sk.split('#').slice(2).join('#');

async function readOrder(context: StoreContext, order_no: string): Promise<OrderBooks | null> {
  const items = await queryOrder(context, order_no);
  const ofKind = <K extends RecordKind>(kind: K) =>
    items.filter((item) => itemKindOf(item) === kind).map((item) => toRecord(kind, item));
  if (ofKind('order').length === 0) return null;
  return {
    payments: ofKind('payment'),
    suspense: ofKind('suspense'),
    refunds: ofKind('refund'),
    returns: ofKind('return'),
    entries: items.map(toProviderEntry).filter((entry) => entry !== null),
  };
}

async function* listEntries(
  context: StoreContext,
  account: string,
  period: Period,
  part: number,
): AsyncGenerator<ProviderEntry> {
  for (const { shard } of entryShards(account, period).slice(part, part + 1)) {
    for await (const { items } of queryShard(context, shard, { Limit: ENTRIES_PER_QUERY })) {
      for (const item of items) {
        const entry = toProviderEntry(item);
        if (entry) yield entry;
      }
    }
  }
}
