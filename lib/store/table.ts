/** Names that the table's definition and the code that reads and writes it share. */

export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

export const partitionKey = 'pk';
export const sortKey = 'sk';
export const timeToLiveAttribute = 'ttl';

/** Sparse: an item is in an index only while it carries both of its keys. */
export const tableIndexes = {
  /** What an item still owes, by kind and shard; when it is due. */
  work: { name: 'work', partitionKey: 'work', sortKey: 'work_due' },
  debit: { name: 'debit', partitionKey: 'debit_shard', sortKey: 'booked_at' },
  credit: { name: 'credit', partitionKey: 'credit_shard', sortKey: 'booked_at' },
  /** Everybody's in one list: to read past those of others costs little, since there are few where all goes well. */
  exception: { name: 'exception', partitionKey: 'exception_shard', sortKey: 'recorded_at' },
} as const satisfies Record<string, IndexDefinition>;

export type IndexName = keyof typeof tableIndexes;
