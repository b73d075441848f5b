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

it('one item that is not there is null', async () => {
  const { context } = answering(() => ({}));
  expect(await getItem(context, orderKey('mall-1'))).toBeNull();
});

it('items are asked for by their keys alone, each once, and given in the order of the keys', async () => {
  const [first, second, absent] = ['mall-1', 'mall-2', 'mall-3'].map((order_no) => orderKey(order_no));
  if (!first || !second || !absent) throw new Error('no keys');
  const asked: unknown[] = [];
  const { context, waits } = answering(({ RequestItems }: BatchGetCommand['input']) => {
    asked.push(RequestItems);
    return { Responses: { [tableName]: [first, second] } };
  });
  const keys = [second, { ...first, amount: 5 }, absent, first];
  expect(await getItems(context, keys)).toEqual([
    ...[
      { ...second, schema: 1 },
      { ...first, schema: 1 },
    ],
    ...[undefined, { ...first, schema: 1 }],
  ]);
  expect(asked).toEqual([{ [tableName]: { Keys: [second, first, absent] } }]);
  expect(waits).toEqual([]);
});

it('items are read as they are now where that is asked for', async () => {
  const item = { ...orderKey('mall-1'), version: 2 };
  const { context } = answering(({ RequestItems }: BatchGetCommand['input']) => ({
    Responses: { [tableName]: RequestItems?.[tableName]?.ConsistentRead ? [item] : [] },
  }));
  const keys = [orderKey('mall-1')];
  expect(await getItems(context, keys)).toEqual([undefined]);
  expect(await getItems(context, keys, { ConsistentRead: true })).toEqual([{ ...item, schema: 1 }]);
});

it('nothing is asked for no keys, and an answer without items has none', async () => {
  const { context } = answering(() => {
    throw new Error('asked');
  });
  expect(await getItems(context, [])).toEqual([]);
  expect(await getItems(answering(() => ({})).context, [orderKey('mall-1')])).toEqual([undefined]);
});

it('a table that never keeps up is given up after ten rounds', async () => {
  const { context, waits } = answering(({ RequestItems }: BatchGetCommand['input']) => ({
    UnprocessedKeys: RequestItems,
  }));
  await expect(getItems(context, [orderKey('mall-1')])).rejects.toThrow('does not keep up');
  expect(waits).toHaveLength(9);
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
