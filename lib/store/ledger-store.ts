import { isoTime } from '../io.ts';
import { isSuspenseAccount } from '../orders/ledger.ts';
import type { Page, Position } from '../orders/page.ts';
import {
  createDaySums,
  type LedgerDay,
  type LedgerEntry,
  type LedgerStore,
  type Period,
} from '../orders/read-ledger.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { toRecord } from './items.ts';
import { accountShards, type ItemKey, itemKindOf } from './keys.ts';
import { queryShard, readSharded, type Shard } from './sharded-read.ts';
import { tableIndexes } from './table.ts';

/** More than this is not added up within one request. */
export const MAX_SUMMED_ENTRIES = 100_000;

const sides = ['debit', 'credit'] as const;

/**
 * The ledger on DynamoDB, read by account. An account is 16 shards, which are queried side by side, so that a request
 * has at most 16 queries under way at a time. The indexes lag behind the table by fractions of a second: what was
 * booked just now may be missing.
 */
export const createLedgerStore = (context: StoreContext): LedgerStore => ({
  readPage: (account, period, after, limit) => readPage(context, account, period, after, limit),
  sumDays: (account, period) => sumDays(context, account, period),
});

async function readPage(
  context: StoreContext,
  account: string,
  { from, to }: Period,
  after: Position | null,
  limit: number,
): Promise<Page<LedgerEntry>> {
  const shards = entryShards(account, { from: after?.at ?? from, to }).map(({ shard }) => shard);
  const { items, next } = await readSharded(context, { shards, order: 'oldest_first', after, limit });
  return { items: toEntries(items), next };
}

async function sumDays(context: StoreContext, account: string, period: Period): Promise<LedgerDay[] | null> {
  const sums = createDaySums(period);
  let count = 0;
  const addShard = async ({ side, shard }: EntryShard) => {
    for await (const { items } of queryShard(context, shard)) {
      count += items.length;
      if (count > MAX_SUMMED_ENTRIES) return;
      sums.add(side, toEntries(items));
    }
  };
  await Promise.all(entryShards(account, period).map(addShard));
  return count > MAX_SUMMED_ENTRIES ? null : sums.days();
}

export interface EntryShard {
  /** Of each entry in it, the account is on this side. */
  readonly side: (typeof sides)[number];
  readonly shard: Shard;
}

/** Where an account's entries of a period are; nowhere for a period without an instant. */
export function entryShards(account: string, { from, to }: Period): EntryShard[] {
  const last = isoTime(Date.parse(to) - 1);
  if (last < from) return [];
  return sides.flatMap((side) =>
    accountShards(account).map((partition) => ({
      side,
      shard: { index: tableIndexes[side], partition, first: from, last },
    })),
  );
}

/** @throws SchemaVersionError */
export const toEntries = (items: readonly (StoredItem & ItemKey)[]): LedgerEntry[] =>
  items.map(toEntry).filter((entry) => entry !== null);

/** What an item books; null for one that books nothing. @throws SchemaVersionError */
export function toEntry(item: StoredItem & ItemKey): LedgerEntry | null {
  const itemKind = itemKindOf(item);
  if (itemKind !== 'payment' && itemKind !== 'suspense' && itemKind !== 'entry') return null;
  const record = toRecord(itemKind, item);
  const booking = 'booking' in record ? record.booking : record;
  if (!booking) return null;
  const { debit, credit, booked_at } = booking;
  // A payment that its order did not take is in suspense.
  const kind = 'kind' in record ? record.kind : isSuspenseAccount(credit) ? 'suspense' : 'payment';
  const { order_no, provider, merchant, amount, currency, transaction_id } = record;
  return { kind, order_no, debit, credit, booked_at, provider, merchant, amount, currency, transaction_id };
}
