import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { changedCollections } from '../../../lib/store/changed-collections.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const since = '2026-11-22T08:00:00.000Z';
const before = '2026-11-22T07:59:59.999Z';

const put = (Item: Readonly<Record<string, unknown>>) => {
  const { client, tableName: TableName } = store.context;
  return client.send(new PutCommand({ TableName, Item }));
};

async function changed() {
  const pauses: number[] = [];
  const io = { ...store.context.io, sleep: async (duration_ms: number) => pauses.push(duration_ms) };
  const found: string[][] = [];
  let [read, pages] = [0, 0];
  for await (const page of changedCollections({ ...store.context, io }, since)) {
    read += page.read;
    pages += 1;
    for await (const items of page.collections) found.push(items.map(({ pk, sk }) => `${pk} ${sk}`));
  }
  return { found: found.toSorted(), pauses, read, pages };
}

describe('what there is to tell of', () => {
  beforeAll(async () => {
    await put({ pk: 'ORDER#1', sk: 'ORDER', marked_at: before });
    await put({ pk: 'ORDER#1', sk: 'REFUND#1', marked_at: since });
    await put({ pk: 'ORDER#2', sk: 'ORDER', marked_at: before, updated_at: since });
    await put({ pk: 'ORDER#3', sk: 'ORDER', marked_at: before, paid_at: since });
    await put({ pk: 'MERCHANT#a', sk: 'EXCEPTION#1', marked_at: since });
    await put({ pk: 'MERCHANT#b', sk: 'EXCEPTION#1', marked_at: before });
  });

  it('is found by whatever says when, and given with all that belongs to it', async () => {
    expect((await changed()).found).toEqual([
      ['MERCHANT#a EXCEPTION#1'],
      ['ORDER#1 ORDER', 'ORDER#1 REFUND#1'],
      ['ORDER#3 ORDER'],
    ]);
  });

  it('is looked for in the whole table, with a pause for what each page took', async () => {
    for (const sk of ['A', 'B', 'C', 'D', 'E']) await put({ pk: 'OTHER', sk, text: 'x'.repeat(390_000) });
    const { found, pauses, read, pages } = await changed();
    expect(found).toHaveLength(3);
    // The engine counts what no longer fits into a page with both.
    expect(read).toBeGreaterThanOrEqual(11);
    expect(pages).toBeGreaterThan(1);
    expect(pauses).toHaveLength(pages - 1);
    // A page of 1 MB takes some 128 units, and 500 in a second are for this.
    for (const pause of pauses) expect(pause).toBeGreaterThan(100);
  });
});
