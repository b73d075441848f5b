import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { withRetries } from './retry.ts';
import { readItem } from './schema.ts';

/** The item under this key as it is now, of whichever version; null of none. @throws the store's error after retries */
export async function getItem(
  { client, tableName, io }: StoreContext,
  Key: ItemKey,
): Promise<StoredItem | null> {
  const command = new GetCommand({ TableName: tableName, Key, ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item ?? null;
}

/** So often are keys asked for again that a throttled table left out. */
const MAX_ROUNDS = 10;
const ROUND_DELAY_MS = 100;

/**
 * The items under these keys, at most 100, in their order; as they are now where that is asked for.
 * @throws Error when the table leaves keys out for too long, SchemaVersionError, or the store's error after retries
 */
export async function getItems(
  { client, tableName, io }: StoreContext,
  keys: readonly ItemKey[],
  { ConsistentRead = false } = {},
): Promise<((StoredItem & ItemKey) | undefined)[]> {
  const name = ({ pk, sk }: ItemKey) => `${pk} ${sk}`;
  const found = new Map<string, StoredItem & ItemKey>();
  // A key that is named twice is refused.
  let wanted = [...new Map(keys.map(({ pk, sk }) => [name({ pk, sk }), { pk, sk }])).values()];
  for (let round = 0; wanted.length > 0; round++) {
    if (round === MAX_ROUNDS) throw new Error('the table does not keep up with what is asked of it');
    if (round > 0) await io.sleep(ROUND_DELAY_MS * 2 ** round);
    const command = new BatchGetCommand({
      RequestItems: { [tableName]: { Keys: wanted, ...(ConsistentRead && { ConsistentRead }) } },
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    const items = (answer.Responses?.[tableName] ?? []) as (StoredItem & ItemKey)[];
    for (const item of items) found.set(name(item), readItem(item));
    wanted = (answer.UnprocessedKeys?.[tableName]?.Keys ?? []) as ItemKey[];
  }
  return keys.map((key) => found.get(name(key)));
}
