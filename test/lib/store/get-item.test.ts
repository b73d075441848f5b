import type { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { systemIo } from '../../../lib/io.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { getItem, getItems } from '../../../lib/store/get-item.ts';
import { orderKey } from '../../../lib/store/keys.ts';

const tableName = 'settle-test';

/** A table that answers so, and for how long was waited before each question. */
function answering(send: (input: never) => object) {
  const waits: number[] = [];
  const context = {
    client: { send: async ({ input }: { input: never }) => send(input) },
    tableName,
    io: { ...systemIo, sleep: async (duration_ms: number) => waits.push(duration_ms) },
  } as unknown as StoreContext;
  return { context, waits };
}

it('one item is read as it is now, with what was written just before', async () => {
  const item = { ...orderKey('mall-1'), version: 2 };
  const { context } = answering(({ ConsistentRead }: GetCommand['input']) =>
    ConsistentRead ? { Item: item } : {},
  );
  expect(await getItem(context, orderKey('mall-1'))).toEqual(item);
});

it('a throttled table is asked for what it left out alone, each time after twice as long', async () => {
  const keys = Array.from({ length: 5 }, (_, n) => orderKey(`mall-${n + 1}`));
  const asked: number[] = [];
  const { context, waits } = answering(({ RequestItems }: BatchGetCommand['input']) => {
    const [first, ...others] = RequestItems?.[tableName]?.Keys ?? [];
    asked.push(1 + others.length);
    return {
      Responses: { [tableName]: [first] },
      UnprocessedKeys: others.length > 0 ? { [tableName]: { Keys: others } } : {},
    };
  });
  expect(await getItems(context, keys)).toMatchObject(keys);
  expect(asked).toEqual([5, 4, 3, 2, 1]);
  expect(waits).toEqual([200, 400, 800, 1_600]);
});
