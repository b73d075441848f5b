import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { withRetries } from './retry.ts';
import { readItem } from './schema.ts';
import type { IndexDefinition } from './table.ts';

/** One shard of a list: a stretch of an index's partition, both ends included. */
export interface Shard {
  readonly index: IndexDefinition;
  readonly partition: string;
  readonly first: string;
  readonly last: string;
}

type QueryOptions = Pick<QueryCommandInput, 'Limit' | 'ScanIndexForward'>;

export interface ShardPart {
  readonly items: readonly (StoredItem & ItemKey)[];
  /** Where the next query goes on; absent when the shard is read to its end. */
  readonly lastKey: StoredItem | undefined;
}

/**
 * The items of a shard in the order of the index, query by query.
 * @throws SchemaVersionError, or the store's error after retries
 */
export async function* queryShard(
  { client, tableName, io }: StoreContext,
  { index, partition, first, last }: Shard,
  options: QueryOptions = {},
): AsyncGenerator<ShardPart> {
  let lastKey: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName: tableName,
      IndexName: index.name,
      KeyConditionExpression: '#partition = :partition AND #sort BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#partition': index.partitionKey, '#sort': index.sortKey },
      ExpressionAttributeValues: { ':partition': partition, ':first': first, ':last': last },
      ExclusiveStartKey: lastKey,
      ...options,
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    lastKey = answer.LastEvaluatedKey;
    yield {
      items: ((answer.Items ?? []) as (StoredItem & ItemKey)[]).map((item) => readItem(item)),
      lastKey,
    };
  } while (lastKey);
}
