import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { queryPartition } from './partition.ts';
import { markedAtAttribute } from './table.ts';
import { scanTable } from './table-scan.ts';

export type Collection = readonly (StoredItem & ItemKey)[];

/**
 * All that is stored of each order and merchant of which there is something to tell since then, found by reading the whole
 * table. One may come twice.
 * @param since ISO 8601
 * @throws the store's error after retries
 */
export async function* changedCollections(
  context: StoreContext,
  since: string,
): AsyncGenerator<{ readonly collections: AsyncIterable<Collection>; readonly read: number }> {
  let before: ReadonlySet<string> = new Set();
  const pages = scanTable(context, {
    FilterExpression: '#marked_at >= :since OR paid_at >= :since',
    ExpressionAttributeNames: { '#marked_at': markedAtAttribute },
    ExpressionAttributeValues: { ':since': since },
    ProjectionExpression: 'pk, sk',
  });
  for await (const { items, read } of pages) {
    const partitions = new Set(items.map(({ pk }) => pk));
    // What goes on from the page before has been given whole.
    yield { collections: collectionsOf(context, partitions.difference(before)), read };
    before = partitions;
  }
}

async function* collectionsOf(context: StoreContext, partitions: ReadonlySet<string>) {
  for (const pk of partitions) yield await queryPartition(context, pk);
}
