import { BatchWriteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type ExceptionEnd, type ExceptionRecord, exceptionId } from '../../../lib/orders/exception.ts';
import { type MerchantName, ownerAccount, providerAccount } from '../../../lib/orders/ledger.ts';
import type { Page, Position } from '../../../lib/orders/page.ts';
import type { MerchantExceptionStore } from '../../../lib/orders/resolve-exception.ts';
import {
  createMerchantExceptionStore,
  type ExceptionQuery,
  listExceptions,
  readMerchantException,
} from '../../../lib/store/exception-store.ts';
import { exceptionShard, merchantExceptionKey, merchantShardName } from '../../../lib/store/keys.ts';
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
    reason: null,
    due_by: null,
    resolved: null,
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

/** Those that are open, unless it is said otherwise. */
type Wanted = Omit<ExceptionQuery, 'after' | 'state'> & Partial<Pick<ExceptionQuery, 'state'>>;

async function readAll(wanted: Wanted): Promise<ExceptionRecord[]> {
  const query = { state: 'open', ...wanted } as const;
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
    expect(numbers(await readAll({ owners: ['tenant:8'], limit: 2 }))).toEqual(numbers(mine));
    expect(await readAll({ owners: ['tenant:9'], limit: 2 })).toEqual([]);
  });

  it('leaves out what was resolved, unless that is asked for', async () => {
    const [open] = await record(1, {}, 12);
    const resolved = await record(3, { state: 'resolved' }, 12);
    expect(await readAll({ owners: ['tenant:12'], limit: 2 })).toEqual([open]);
    expect(await readAll({ owners: ['tenant:12'], state: 'resolved', limit: 2 })).toEqual(resolved);
    expect(await readAll({ owners: ['tenant:12'], state: 'all', limit: 2 })).toEqual([...resolved, open]);
  });

  it('has what was resolved, or both together, when it is asked for it', async () => {
    const [first] = await record(1, { state: 'resolved' }, 13);
    const [second] = await record(1, {}, 13);
    const [third] = await record(1, { state: 'resolved' }, 13);
    const of = (state: ExceptionQuery['state']) => readAll({ state, owners: ['tenant:13'], limit: 2 });
    expect(await of('resolved')).toEqual([third, first]);
    expect(await of('all')).toEqual([third, second, first]);
  });

  it('has only one kind when it is asked for one', async () => {
    const twice = await record(4, { kind: 'paid_twice' });
    await record(2, { kind: 'paid_twice' }, 8);
    expect(numbers(await readAll({ kind: 'paid_twice', limit: 3 }))).toEqual(
      expect.arrayContaining(numbers(twice)),
    );
    expect(await readAll({ kind: 'paid_twice', owners: ['tenant:8'], limit: 3 })).toHaveLength(2);
    expect(await readAll({ kind: 'paid_after_close', limit: 3 })).toEqual([]);
  });

  it('repeats nothing when newer ones arrive, nor when many are of the same time', async () => {
    const recorded_at = new Date(NOW + 3_600_000).toISOString();
    await record(60, { recorded_at }, 10);
    const first = await listExceptions(store.context, {
      state: 'open',
      owners: ['tenant:10'],
      after: null,
      limit: 25,
    });
    await record(5, { recorded_at: new Date(NOW + 7_200_000).toISOString() }, 10);
    const second = await listExceptions(store.context, {
      state: 'open',
      owners: ['tenant:10'],
      after: first.next,
      limit: 100,
    });
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
    const first = await listExceptions(store.context, {
      state: 'open',
      owners: ['tenant:11'],
      after: null,
      limit: 10,
    });
    expect(first).toEqual({ items: [], next: { at: expect.any(String), key: '' } });
    expect(await readAll({ owners: ['tenant:11'], limit: 10 })).toMatchObject([{ order_no: mine?.order_no }]);
  });
});

describe('an exception that belongs to no order', () => {
  const merchant = { provider: 'wechat', merchant: merchantNames.wechat } as const;
  const endMerchantException: MerchantExceptionStore['endMerchantException'] = (...parameters) =>
    createMerchantExceptionStore(store.context).endMerchantException(...parameters);
  const end: ExceptionEnd = {
    ...{ resolution: 'dismissed', reason: '核对过', by: 'admin-1', at: new Date(NOW).toISOString() },
    ...{ entries: [], refund_no: null },
  };

  /** As whoever reconciles a day stores it. */
  async function storeOwn(changes: object = {}): Promise<ExceptionRecord> {
    const record = newException({ kind: 'unknown_row', order_no: null, payment_no: null });
    const {
      pk: _pk,
      sk: _sk,
      ...content
    } = itemOf({ put: 'exception', record: { ...record, order_no: 'x' } });
    await store.context.client.send(
      new PutCommand({
        TableName: store.context.tableName,
        Item: {
          ...content,
          ...merchantExceptionKey(merchant, exceptionId(record)),
          order_no: null,
          exception_shard: exceptionShard('open', merchantShardName(merchant)),
          ...{ work: 'alert#0', work_due: record.recorded_at },
          ...changes,
        },
      }),
    );
    return record;
  }

  it('ends once, moves in the lists, and owes nothing more', async () => {
    const record = await storeOwn();
    const ended = { ...record, state: 'resolved', resolved: end, version: 2 };
    const id = exceptionId(record);
    expect(await endMerchantException(merchant, id, end)).toEqual({ ended: true, record: ended });
    const other = { ...end, resolution: 'written_off' } as const;
    expect(await endMerchantException(merchant, id, other)).toEqual({ ended: false, record: ended });
    expect(await readAll({ state: 'resolved', kind: 'unknown_row', limit: 10 })).toEqual([ended]);
    expect(await readAll({ kind: 'unknown_row', limit: 10 })).toEqual([]);
    const { Item = {} } = await store.context.client.send(
      new GetCommand({ TableName: store.context.tableName, Key: merchantExceptionKey(merchant, id) }),
    );
    expect(Object.keys(Item).filter((name) => name.startsWith('work'))).toEqual([]);
    // As text, as the stream's filter and whoever publishes it read it.
    expect(JSON.parse(String(Item['events']))).toEqual([
      { type: 'exception.resolved', owner: providerAccount(merchant) },
    ]);
    expect(Item).toMatchObject({ marked_at: end.at, marked_version: 2 });
  });

  it('is found by its merchant and what names it', async () => {
    const record = await storeOwn();
    const other = { ...merchant, merchant: '1900000009' };
    const read = (name: MerchantName, id: string) => readMerchantException(store.context, name, id);
    expect(await read(merchant, exceptionId(record))).toEqual(record);
    expect(await read(merchant, 'unknown_row#-')).toBeNull();
    expect(await read(other, exceptionId(record))).toBeNull();
  });

  it('is one that there is, and that this code understands', async () => {
    expect(await endMerchantException(merchant, 'unknown_row#-', end)).toBe(null);
    const id = exceptionId(await storeOwn({ schema: 2 }));
    const stored = async () => (await store.items()).find(({ sk }) => sk === `EXCEPTION#${id}`);
    const before = await stored();
    await expect(endMerchantException(merchant, id, end)).rejects.toThrow('schema version');
    expect(before).toMatchObject({ state: 'open', schema: 2 });
    expect(await stored()).toEqual(before);
  });
});
