import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import type { ExceptionRecord } from '../../../lib/orders/exception.ts';
import { tenantOrderNumber } from '../../../lib/orders/order-number.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import { type ExceptionQuery, listExceptions } from '../../../lib/store/exception-store.ts';
import { exceptionKey, exceptionShard } from '../../../lib/store/keys.ts';
import { createSettlementStore } from '../../../lib/store/settlement-store.ts';
import { NOW } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
let lastId = 0;

/** Ever newer ones, for orders of the shop unless a tenant is named. */
async function record(
  count: number,
  changes: Partial<ExceptionRecord> = {},
  tenant_id?: number,
): Promise<ExceptionRecord[]> {
  const records = Array.from({ length: count }, (): ExceptionRecord => {
    const id = ++lastId;
    const order_no =
      tenant_id === undefined
        ? `mall-${id}`
        : tenantOrderNumber(tenant_id, NOW, Buffer.from([0, 0, id >> 8, id & 255]));
    return {
      order_no,
      payment_no: order_no,
      kind: 'mismatch',
      provider: 'wechat',
      transaction_id: `T${id}`,
      fields: ['amount'],
      amount: id,
      currency: 'CNY',
      recorded_at: new Date(NOW + id * 1_000).toISOString(),
      reserved: 0,
      refunded: 0,
      ...changes,
    };
  });
  const { recordException } = createSettlementStore(store.context);
  for (const exception of records) await recordException(exception, null);
  return records.toReversed();
}

async function readAll(query: Omit<ExceptionQuery, 'after'>): Promise<ExceptionRecord[]> {
  const records: ExceptionRecord[] = [];
  let after: Position | null = null;
  do {
    const page: Page<ExceptionRecord> = await listExceptions(store.context, { ...query, after });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    records.push(...page.items);
    after = page.next;
  } while (after);
  return records;
}

const numbers = (records: readonly ExceptionRecord[]) => records.map(({ order_no }) => order_no);

describe('the list of exceptions', () => {
  it('has everything for who may see everything, newest first, on pages of any size', async () => {
    const records = [...(await record(30)), ...(await record(20, {}, 7))];
    const newestFirst = numbers(
      records.toSorted((left, right) => (left.recorded_at < right.recorded_at ? 1 : -1)),
    );
    for (const limit of [1, 8, 100]) expect(numbers(await readAll({ limit }))).toEqual(newestFirst);
  });

  it('has only what belongs to a tenant', async () => {
    const mine = await record(5, {}, 8);
    await record(3, {}, 88);
    expect(numbers(await readAll({ tenant_id: 8, limit: 2 }))).toEqual(numbers(mine));
    expect(await readAll({ tenant_id: 9, limit: 2 })).toEqual([]);
  });

  it('has only one kind when it is asked for one', async () => {
    const twice = await record(4, { kind: 'paid_twice' });
    await record(2, { kind: 'paid_twice' }, 8);
    expect(numbers(await readAll({ kind: 'paid_twice', limit: 3 }))).toEqual(
      expect.arrayContaining(numbers(twice)),
    );
    expect(await readAll({ kind: 'paid_twice', tenant_id: 8, limit: 3 })).toHaveLength(2);
    expect(await readAll({ kind: 'paid_after_close', limit: 3 })).toEqual([]);
  });

  it('repeats nothing when newer ones arrive, nor when many are of the same time', async () => {
    const recorded_at = new Date(NOW + 3_600_000).toISOString();
    await record(60, { recorded_at }, 10);
    const first = await listExceptions(store.context, { tenant_id: 10, after: null, limit: 25 });
    await record(5, { recorded_at: new Date(NOW + 7_200_000).toISOString() }, 10);
    const second = await listExceptions(store.context, { tenant_id: 10, after: first.next, limit: 100 });
    expect(first.items).toHaveLength(25);
    expect(second.items).toHaveLength(35);
    expect(new Set(numbers([...first.items, ...second.items])).size).toBe(60);
  });

  it('goes on past any number that belong to others, though not all at once', async () => {
    const [mine] = await record(1, { recorded_at: new Date(NOW - 3_600_000).toISOString() }, 11);
    await recordForOneOrder(1_100);
    const first = await listExceptions(store.context, { tenant_id: 11, after: null, limit: 10 });
    expect(first).toEqual({ items: [], next: { at: expect.any(String), key: '' } });
    expect(await readAll({ tenant_id: 11, limit: 10 })).toMatchObject([{ order_no: mine?.order_no }]);
  });
});

/** All of one order, and so in one shard. */
async function recordForOneOrder(count: number): Promise<void> {
  const { client, tableName } = store.context;
  const order_no = 'mall-1';
  const items = Array.from({ length: count }, (_, n) => ({
    ...exceptionKey(order_no, 'mismatch', 'wechat', `T${n}`),
    order_no,
    kind: 'mismatch',
    recorded_at: new Date(NOW + n).toISOString(),
    exception_shard: exceptionShard(order_no),
  }));
  for (let index = 0; index < count; index += 25) {
    const requests = items.slice(index, index + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}
