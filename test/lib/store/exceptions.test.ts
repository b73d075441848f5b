import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { ownerAccount } from '../../../lib/orders/accounts.ts';
import type { ExceptionRecord } from '../../../lib/orders/exception.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import { type ExceptionQuery, listExceptions } from '../../../lib/store/exception-store.ts';
import { itemOf } from '../../support/items.ts';
import { merchantNames, NOW, shopOrder, tenantOrder } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
let lastId = 0;

/** Newer than those before it, of an order of its own: of the shop unless a tenant is named. */
function newException(changes: Partial<ExceptionRecord> = {}, tenant_id?: number): ExceptionRecord {
  const id = ++lastId;
  const order = tenant_id === undefined ? shopOrder() : tenantOrder({ tenant_id });
  return {
    order_no: order.order_no,
    owner: ownerAccount(order),
    payment_no: order.order_no,
    kind: 'mismatch',
    state: 'open',
    version: 1,
    provider: 'wechat',
    merchant: merchantNames.wechat,
    transaction_id: `T${id}`,
    refund_no: null,
    fields: ['amount'],
    amount: id,
    currency: 'CNY',
    recorded_at: new Date(NOW + id * 1_000).toISOString(),
    ...changes,
  };
}

/** @returns the newest first */
async function record(
  count: number,
  changes: Partial<ExceptionRecord> = {},
  tenant_id?: number,
): Promise<ExceptionRecord[]> {
  const records = Array.from({ length: count }, () => newException(changes, tenant_id));
  await storeAll(records);
  return records.toReversed();
}

async function storeAll(records: readonly ExceptionRecord[]): Promise<void> {
  const { client, tableName } = store.context;
  for (let index = 0; index < records.length; index += 25) {
    const part = records.slice(index, index + 25);
    const requests = part.map((one) => ({ PutRequest: { Item: itemOf({ put: 'exception', record: one }) } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
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
    const newestFirst = records.toSorted((left, right) => (left.recorded_at < right.recorded_at ? 1 : -1));
    for (const limit of [1, 8, 100]) expect(await readAll({ limit })).toEqual(newestFirst);
  });

  it('has only what belongs to a tenant', async () => {
    const mine = await record(5, {}, 8);
    await record(3, {}, 88);
    expect(numbers(await readAll({ tenant_id: 8, limit: 2 }))).toEqual(numbers(mine));
    expect(await readAll({ tenant_id: 9, limit: 2 })).toEqual([]);
  });

  it('leaves out what was resolved', async () => {
    const [open] = await record(1, {}, 12);
    await record(3, { state: 'resolved' }, 12);
    expect(await readAll({ tenant_id: 12, limit: 2 })).toEqual([open]);
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
    // All of one order, and so in one shard.
    const { order_no } = shopOrder();
    await storeAll(
      Array.from({ length: 1_100 }, (_, n) =>
        newException({ order_no, recorded_at: new Date(NOW + n).toISOString() }),
      ),
    );
    const first = await listExceptions(store.context, { tenant_id: 11, after: null, limit: 10 });
    expect(first).toEqual({ items: [], next: { at: expect.any(String), key: '' } });
    expect(await readAll({ tenant_id: 11, limit: 10 })).toMatchObject([{ order_no: mine?.order_no }]);
  });
});
