import type { Page, Position } from '../orders/page.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { queryShard, type Shard } from './query-shard.ts';

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
        .map((item) => ({ at: String(item[index.sortKey]), key: `${item.pk} ${item.sk}`, item }))
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
  return left < right ? -1 : 1;
}
