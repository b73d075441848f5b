/** Names that the table's definition and the code that reads and writes it share. */

export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** What of its items an index holds besides their keys; all of it unless named. */
  readonly attributes?: readonly string[];
}

/** What an entry says. What else changes of its item, such as what it owes, is not written to the index. */
const entryAttributes = [
  ...['schema', 'order_no', 'n', 'kind', 'refund', 'provider', 'merchant', 'payee'],
  ...['amount', 'currency', 'transaction_id', 'paid_at'],
];

export const partitionKey = 'pk';
export const sortKey = 'sk';
export const timeToLiveAttribute = 'ttl';
/** What the write that made an item's version is to be published as. Each write sets it anew or takes it away. */
export const eventsAttribute = 'events';
/** When the write was decided that last marked an item, and the version that it made. Later writes leave them. */
export const markedAtAttribute = 'marked_at';
export const markedVersionAttribute = 'marked_version';

/** Sparse: an item is in an index only while it carries both of its keys. */
export const tableIndexes = {
  /** What an item still owes, one debt at a time, by kind and shard; when it is due. */
  work: { name: 'work', partitionKey: 'work', sortKey: 'work_due' },
  /** What an account was debited and credited, by account and shard; when it was booked. */
  debit: {
    name: 'debit',
    partitionKey: 'debit',
    sortKey: 'booked_at',
    attributes: [...entryAttributes, 'credit'],
  },
  credit: {
    name: 'credit',
    partitionKey: 'credit',
    sortKey: 'booked_at',
    attributes: [...entryAttributes, 'debit'],
  },
  /**
   * By state and shard. Everybody's in one list: to read past those of others costs little, since there are few where
   * all goes well.
   */
  exception: { name: 'exception', partitionKey: 'exception_shard', sortKey: 'recorded_at' },
  /** What is listed by time, by whose it is and shard. Only their keys, which never change. */
  listing: { name: 'listing', partitionKey: 'listing', sortKey: 'listed_at', attributes: [] },
} as const satisfies Record<string, IndexDefinition>;

export type IndexName = keyof typeof tableIndexes;

/** The definition of each index, as all of them are. */
export const indexDefinitions: readonly IndexDefinition[] = Object.values(tableIndexes);
