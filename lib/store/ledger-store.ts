import type { JournalEntry } from '../orders/journal.ts';
import {
  addToSums,
  type LedgerEntry,
  type LedgerStore,
  type LedgerSum,
  type Period,
  splitIntoDays,
} from '../orders/ledger.ts';
import type { Page, Position } from '../orders/page.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { accountShards, entryKindOf, type ItemKey } from './keys.ts';
import { queryShard, type Shard } from './query-shard.ts';
import { readSharded } from './sharded-read.ts';
import { tableIndexes } from './table.ts';

/** More than this is not added up within one request. */
export const MAX_SUMMED_ENTRIES = 100_000;

const sides = ['debit', 'credit'] as const;
type Side = (typeof sides)[number];

/**
 * The journal on DynamoDB, read by account. An account's day is 16 shards, which are queried side by side, and days
 * follow each other, so that a request has at most 16 queries under way at a time. The indexes lag behind the
 * table by fractions of a second: what was booked just now may be missing.
 */
export const createLedgerStore = (context: StoreContext): LedgerStore => ({
  readPage: (account, period, after, limit) => readPage(context, account, period, after, limit),
  sumPeriod: (account, period) => sumPeriod(context, account, period),
});

async function readPage(
  context: StoreContext,
  account: string,
  { from, to }: Period,
  after: Position | null,
  limit: number,
): Promise<Page<LedgerEntry>> {
  const entries: LedgerEntry[] = [];
  for (const day of splitIntoDays({ from: after?.at ?? from, to })) {
    const shards = shardsOfDay(account, day).map(({ shard }) => shard);
    const rest = limit - entries.length;
    const page = await readSharded(context, { shards, order: 'oldest_first', after, limit: rest });
    entries.push(...page.items.map(toEntry));
    if (page.next) return { items: entries, next: page.next };
  }
  return { items: entries, next: null };
}

async function sumPeriod(
  context: StoreContext,
  account: string,
  period: Period,
): Promise<LedgerSum[] | null> {
  const sums = new Map<string, LedgerSum>();
  let count = 0;
  const addShard = async ({ side, shard }: { side: Side; shard: Shard }) => {
    for await (const { items } of queryShard(context, shard)) {
      count += items.length;
      if (count > MAX_SUMMED_ENTRIES) return;
      addToSums(sums, side, items as unknown as readonly JournalEntry[]);
    }
  };
  for (const day of splitIntoDays(period)) {
    await Promise.all(shardsOfDay(account, day).map(addShard));
    if (count > MAX_SUMMED_ENTRIES) return null;
  }
  return [...sums.values()];
}

function shardsOfDay(account: string, { first, last }: { first: string; last: string }) {
  return sides.flatMap((side) =>
    accountShards(account, first).map((partition) => ({
      side,
      shard: { index: tableIndexes[side], partition, first, last },
    })),
  );
}

function toEntry(item: StoredItem & ItemKey): LedgerEntry {
  const { order_no, debit, credit, amount, currency, provider, transaction_id, booked_at } =
    item as unknown as JournalEntry;
  const kind = entryKindOf(item);
  return { kind, order_no, debit, credit, amount, currency, provider, transaction_id, booked_at };
}
