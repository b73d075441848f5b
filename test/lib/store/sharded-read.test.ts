import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import type { StoredItem } from '../../../lib/store/conditional-write.ts';
import type { ItemKey } from '../../../lib/store/keys.ts';
import { readSharded, type ShardedRead } from '../../../lib/store/sharded-read.ts';
import { tableIndexes } from '../../../lib/store/table.ts';
import { countedStore } from '../../support/intercepted-store.ts';
import { NOW } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
/** What one page reads of a shard at most, in eight queries. */
const READ_AT_ONCE = 8 * 128;
const isWanted = ({ sk }: StoredItem) => sk === 'ORDER';

let lastPartition = 0;
let lastItem = 0;
const newPartition = () => `test#${++lastPartition}`;
const at = (seconds: number) => isoTime(NOW + seconds * 1_000);

/** One that is wanted, or one that is passed over. */
const item = (partition: string, seconds: number, sk: 'ORDER' | 'PAYMENT#1' = 'ORDER') => ({
  pk: `ORDER#${String(++lastItem).padStart(6, '0')}`,
  sk,
  listing: partition,
  listed_at: at(seconds),
});
type Listed = ReturnType<typeof item>;

const passedOver = (partition: string, count: number, secondsOf: (n: number) => number): Listed[] =>
  Array.from({ length: count }, (_, n) => item(partition, secondsOf(n), 'PAYMENT#1'));

async function put(...items: readonly Listed[]): Promise<void> {
  const { client, tableName } = store.context;
  for (let index = 0; index < items.length; index += 25) {
    const requests = items.slice(index, index + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}

type Wanted = Pick<ShardedRead, 'order' | 'limit'> & Partial<ShardedRead>;

const read = (
  partitions: readonly string[],
  { after = null, ...wanted }: Wanted,
  context = store.context,
) => {
  const bounds =
    wanted.order === 'oldest_first'
      ? { first: after?.at ?? at(0), last: at(9_999) }
      : { first: at(0), last: after?.at ?? at(9_999) };
  const shards = partitions.map((partition) => ({ index: tableIndexes.listing, partition, ...bounds }));
  return readSharded(context, { shards, after, accept: isWanted, ...wanted });
};

async function readAll(partitions: readonly string[], wanted: Wanted) {
  const pages: string[][] = [];
  let after: Position | null = null;
  do {
    const page: Page<StoredItem & ItemKey> = await read(partitions, { ...wanted, after });
    pages.push(page.items.map(({ pk }) => pk));
    after = page.next;
  } while (after && pages.length < 20);
  return pages;
}

const names = (items: readonly Listed[]) => items.map(({ pk }) => pk);

describe.each(['oldest_first', 'newest_first'] as const)('a list that is read with the %s', (order) => {
  /** The time of the nth of the list, in seconds. */
  const nth = (n: number) => (order === 'oldest_first' ? n : 5_000 - n);

  it('has what one shard holds in its order, in however many queries', async () => {
    const partition = newPartition();
    const items = Array.from({ length: 300 }, (_, n) => item(partition, nth(n)));
    await put(...items);
    const pages = await readAll([partition], { order, limit: 100 });
    expect(pages.flat()).toEqual(names(items));
    expect(pages).toHaveLength(3);
  });

  it('has every item where none is to be passed over', async () => {
    const partition = newPartition();
    const items = [item(partition, nth(1)), item(partition, nth(2), 'PAYMENT#1')];
    await put(...items);
    const shard = { index: tableIndexes.listing, partition, first: at(0), last: at(9_999) };
    const page = await readSharded(store.context, { shards: [shard], order, after: null, limit: 10 });
    expect(page.items.map(({ pk }) => pk)).toEqual(names(items));
  });

  it('reads no further than a page needs', async () => {
    const partition = newPartition();
    const items = Array.from({ length: READ_AT_ONCE + 2 }, (_, n) => item(partition, nth(n)));
    await put(...items);
    const { asked, context } = countedStore(store.context);
    const page = await read([partition], { order, limit: 100 }, context);
    expect(page.items.map(({ pk }) => pk)).toEqual(names(items.slice(0, 100)));
    expect(asked).toEqual(['Query']);
  });

  it('fills a page with what is of one time, though one query has not all of it', async () => {
    const partition = newPartition();
    await put(...Array.from({ length: 150 }, (_, n) => item(partition, nth(Math.min(n, 90)))));
    const pages = await readAll([partition], { order, limit: 100 });
    expect(pages.map((page) => page.length)).toEqual([100, 50]);
    expect(new Set(pages.flat()).size).toBe(150);
  });

  it('shows nothing beyond the first time that a shard was not read to', async () => {
    const [long, longer, short] = [newPartition(), newPartition(), newPartition()];
    const horizon = READ_AT_ONCE - 1;
    const wanted = [
      item(short, nth(horizon - 1)),
      item(short, nth(horizon)),
      item(long, nth(horizon + 1)),
      item(short, nth(horizon + 2)),
      item(longer, nth(READ_AT_ONCE * 2 - 1)),
      item(short, nth(READ_AT_ONCE * 4)),
    ];
    await put(
      ...wanted,
      ...passedOver(long, READ_AT_ONCE, nth),
      ...passedOver(longer, READ_AT_ONCE, (n) => nth(n * 2)),
    );
    for (const partitions of [
      [longer, long, short],
      [short, long, longer],
    ]) {
      const pages = await readAll(partitions, { order, limit: 10 });
      expect(pages[0]).toEqual(names(wanted.slice(0, 1)));
      expect(pages.flat()).toEqual(names(wanted));
    }
  });

  it('fails rather than show the same page for ever where too much is of one time', async () => {
    const partition = newPartition();
    await put(...passedOver(partition, READ_AT_ONCE + 1, () => nth(7)));
    await expect(readAll([partition], { order, limit: 10 })).rejects.toThrow('more items of one time');
  });

  it('without a limit tells whether there is anything, and where all of it begins', async () => {
    const [empty, first, second] = [newPartition(), newPartition(), newPartition()];
    await put(...passedOver(empty, 200, nth));
    expect(await read([empty], { order, limit: 0 })).toEqual({ items: [], next: null });
    const items = [item(second, nth(1)), item(first, nth(1)), item(first, nth(3))];
    await put(...items);
    const { items: none, next } = await read([empty, first, second], { order, limit: 0 });
    expect([none, next]).toEqual([[], { at: at(nth(1)), key: '' }]);
    const page = await read([empty, first, second], { order, limit: 10, after: next });
    expect(page.items.map(({ pk }) => pk)).toEqual(names(items));
  });
});
