import type { JournalEntry } from '../orders/journal.ts';
import { accountShard, type ItemKey } from './keys.ts';
import { schemaAttribute } from './schema.ts';

/** A journal entry with its places in the `debit` and `credit` indexes. */
export const entryItem = (key: ItemKey, entry: JournalEntry) => ({
  ...key,
  ...schemaAttribute('entry'),
  ...entry,
  debit_shard: accountShard(entry.debit, entry.booked_at, entry.order_no),
  credit_shard: accountShard(entry.credit, entry.booked_at, entry.order_no),
});
