import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Page, Position } from '../orders/page.ts';
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

export interface ShardedRead {
  readonly shards: readonly Shard[];
  readonly order: 'oldest_first' | 'newest_first';
  readonly after: Position | null;
  /** With 0 it only tells whether there is anything. */
  readonly limit: number;
  /** Which of the items the list is of. */
  readonly accept?: (item: StoredItem) => boolean;
}

/** Enough for the largest page when a shard holds all of it, with the last item's time still to be finished. */
const ITEMS_PER_QUERY = 128;
const MAX_QUERIES_PER_SHARD = 8;

/**
 * A page of the list that is spread over these shards. It makes at most 8 queries to each, side by side, so that a
 * page can be short, even empty, when much is passed over; `next` then still says where to go on.
 * @throws Error when more items of one time are in a shard than these queries read
 */
export async function readSharded(
  context: StoreContext,
  read: ShardedRead,
): Promise<Page<StoredItem & ItemKey>> {
  const starts = await Promise.all(read.shards.map((shard) => readStart(context, read, shard)));
  const horizon = starts
    .map((start) => start.horizon)
    .filter((at) => at !== null)
    .sort((left, right) => compareTimes(read, left, right))[0];
  const places = starts
    .flatMap((start) => start.places)
    .filter(({ at }) => horizon === undefined || compareTimes(read, at, horizon) < 0)
    .sort((left, right) => comparePositions(read, left, right));
  const shown = places.slice(0, read.limit);
  const items = shown.map(({ item }) => item);
  const [left] = places.slice(read.limit);
  if (left) {
    const { at, key } = shown.at(-1) ?? { at: left.at, key: '' };
    return { items, next: { at, key } };
  }
  return { items, next: horizon === undefined ? null : { at: horizon, key: '' } };
}

/** Where an item of an index is in a list. */
export const positionOf = ({ sortKey }: IndexDefinition, item: StoredItem & ItemKey): Position => ({
  at: String(item[sortKey]),
  key: `${item.pk} ${item.sk}`,
});

interface Place extends Position {
  readonly item: StoredItem & ItemKey;
}

/**
 * The shard's items up to its horizon, the first time that was not read to its end: the index keeps items of the same
 * time in no order that could be resumed. No horizon when it was read to the end of the shard.
 */
async function readStart(
  context: StoreContext,
  read: ShardedRead,
  shard: Shard,
): Promise<{ places: Place[]; horizon: string | null }> {
  const { index } = shard;
  const options = { Limit: ITEMS_PER_QUERY, ScanIndexForward: read.order === 'oldest_first' };
  const places: Place[] = [];
  let queries = 0;
  for await (const { items, lastKey } of queryShard(context, shard, options)) {
    places.push(
      ...items
        .filter((item) => read.accept?.(item) ?? true)
        .map((item) => ({ ...positionOf(index, item), item }))
        .filter((place) => !read.after || comparePositions(read, place, read.after) > 0),
    );
    if (!lastKey) break;
    queries += 1;
    const horizon = String(lastKey[index.sortKey]);
    const complete = places.filter(({ at }) => at !== horizon);
    if (complete.length > read.limit) return { places: complete, horizon };
    if (queries === MAX_QUERIES_PER_SHARD) {
      const start = read.order === 'oldest_first' ? shard.first : shard.last;
      if (horizon === start) throw new Error('more items of one time than can be read');
      return { places: complete, horizon };
    }
  }
  return { places, horizon: null };
}

function compareTimes({ order }: ShardedRead, left: string, right: string): number {
  return order === 'oldest_first' ? compareTexts(left, right) : compareTexts(right, left);
}

const comparePositions = (read: ShardedRead, left: Position, right: Position): number =>
  compareTimes(read, left.at, right.at) || compareTexts(left.key, right.key);

/** By code unit, as DynamoDB orders what is ASCII. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  // Stryker disable next-line EqualityOperator: they are not the same
  return left < right ? -1 : 1;
}
