import { BatchGetCommand, BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../../lib/io.ts';
import type { BookedEntry } from '../../../lib/orders/change.ts';
import { type ExceptionRecord, merchantException } from '../../../lib/orders/exception.ts';
import { type MerchantName, providerAccount } from '../../../lib/orders/ledger.ts';
import type { DayResult } from '../../../lib/reconciliation/day-result.ts';
import { emptyTally } from '../../../lib/reconciliation/tally.ts';
import { merchantShardName, shardOf } from '../../../lib/store/keys.ts';
import {
  createMerchantStore,
  type DaysQuery,
  listDays,
  readDays,
  readRecentDays,
} from '../../../lib/store/merchant-store.ts';
import { interceptedStore } from '../../support/intercepted-store.ts';
import { itemsOf } from '../../support/merchant-items.ts';
import { NOW } from '../../support/orders.ts';
import { useStore } from '../../support/store.ts';

const store = useStore();
const now = isoTime(NOW);
const DAY_MS = 86_400_000;
const merchantStore = () =>
  createMerchantStore({ ...store.context, io: { ...store.context.io, now: () => NOW } });

let merchants = 0;
const newMerchant = (provider: MerchantName['provider'] = 'wechat'): MerchantName => ({
  provider,
  merchant: `19000${++merchants}`,
});
/** Another whose items are in the same shards. */
const neighbourOf = (name: MerchantName): MerchantName => {
  const other = newMerchant(name.provider);
  const isNear = shardOf(merchantShardName(other)) === shardOf(merchantShardName(name));
  return isNear ? other : neighbourOf(name);
};

describe('what belongs to a merchant and to no order', () => {
  const exceptionOf = (name: MerchantName): ExceptionRecord =>
    merchantException(name, { kind: 'unknown_row', transaction_id: 'T1' }, NOW);
  const shardAfter = (prefix: string, name: MerchantName) => `${prefix}#${shardOf(merchantShardName(name))}`;

  it('is an exception with its alert, in the list of those that are open, and said to shops', async () => {
    const name = newMerchant();
    const record = exceptionOf(name);
    await merchantStore().putMerchantException(name, record);
    expect(await itemsOf(store.context, name)).toEqual([
      {
        ...record,
        pk: `MERCHANT#wechat.${name.merchant}`,
        sk: 'EXCEPTION#unknown_row#wechat#-#T1',
        schema: 1,
        work: shardAfter('alert', name),
        work_due: expect.any(String),
        exception_shard: shardAfter('open', name),
        events: JSON.stringify([{ type: 'exception.raised', owner: providerAccount(name) }]),
        marked_at: record.recorded_at,
        marked_version: 1,
      },
    ]);
  });

  it('is an entry, in the books of both accounts', async () => {
    const name = newMerchant('stripe');
    const entry: BookedEntry = {
      ...{ order_no: null, ...name, amount: 15, currency: 'EUR', transaction_id: null, booked_at: now },
      ...{ debit: `fees:stripe.${name.merchant}`, credit: providerAccount(name) },
      ...{ kind: 'fee', reference: 'txn_1', refund: null },
    };
    await merchantStore().putMerchantEntry(entry);
    expect(await itemsOf(store.context, name)).toEqual([
      {
        ...entry,
        ...{ pk: `MERCHANT#stripe.${name.merchant}`, sk: 'ENTRY#FEE#txn_1', schema: 1 },
        ...{ debit: shardAfter(entry.debit, name), credit: shardAfter(entry.credit, name) },
      },
    ]);
    await merchantStore().putMerchantEntry({ ...entry, amount: 16 });
    expect(await itemsOf(store.context, name)).toMatchObject([{ amount: 15 }]);
  });

  it('is recorded once', async () => {
    const name = newMerchant();
    await merchantStore().putMerchantException(name, exceptionOf(name));
    const before = await itemsOf(store.context, name);
    await merchantStore().putMerchantException(name, { ...exceptionOf(name), reason: 'again' });
    expect(await itemsOf(store.context, name)).toEqual(before);
  });
});

const dayOf = (name: MerchantName, day: string, changes: Partial<DayResult> = {}): DayResult => ({
  ...{ ...name, day, ...emptyTally(), state: 'running', version: 1, runs: 1, position: null },
  ...{ started_at: now, finished_at: null },
  ...changes,
});

/** As results are stored, many at once. */
async function putDays(results: readonly DayResult[]): Promise<void> {
  const { client, tableName } = store.context;
  const [first] = results;
  if (!first) return;
  await merchantStore().days.write(first, 0);
  const [stored = {}] = await itemsOf(store.context, first);
  const shard = (name: MerchantName) => `days:${name.provider}#${shardOf(merchantShardName(name))}`;
  for (let index = 0; index < results.length; index += 25) {
    const requests = results.slice(index, index + 25).map((result) => {
      const key = { pk: `MERCHANT#${merchantShardName(result)}`, sk: `DAY#${result.day}` };
      const listed = { listing: shard(result), listed_at: `${result.day}T00:00:00.000Z` };
      return { PutRequest: { Item: { ...stored, ...result, ...key, ...listed } } };
    });
    await client.send(new BatchWriteCommand({ RequestItems: { [tableName]: requests } }));
  }
}

describe('the result of a day', () => {
  const day = '2026-11-21';

  it('is stored where it is listed by its day', async () => {
    const name = newMerchant('alipay');
    const result = dayOf(name, day);
    expect(await merchantStore().days.read({ ...name, day })).toBeNull();
    expect(await merchantStore().days.write(result, 0)).toBe(true);
    expect(await merchantStore().days.read({ ...name, day })).toEqual(result);
    expect(await itemsOf(store.context, name)).toEqual([
      {
        ...result,
        ...{ pk: `MERCHANT#alipay.${name.merchant}`, sk: `DAY#${day}`, schema: 1 },
        ...{ listing: `days:alipay#${shardOf(merchantShardName(name))}`, listed_at: `${day}T00:00:00.000Z` },
      },
    ]);
  });

  it('is read as it is now, since what another run has just stored decides what this one comes to', async () => {
    const asked: unknown[] = [];
    const watched = interceptedStore(store.context, (command, send) => {
      asked.push((command as BatchGetCommand).input.RequestItems);
      return send();
    });
    await createMerchantStore(watched).days.read({ ...newMerchant(), day });
    const { tableName } = store.context;
    expect(asked).toEqual([{ [tableName]: expect.objectContaining({ ConsistentRead: true }) }]);
  });

  it('is written by who saw what is stored, and by nobody else', async () => {
    const name = newMerchant();
    const first = dayOf(name, day);
    const second = dayOf(name, day, { version: 2, runs: 2 });
    const { write } = merchantStore().days;
    expect(await write(second, 1)).toBe(false);
    expect(await readDays(store.context, [first])).toEqual([undefined]);
    expect(await write(first, 0)).toBe(true);
    expect(await write({ ...first, runs: 3 }, 0)).toBe(false);
    expect(await write(second, 1)).toBe(true);
    expect(await write({ ...second, runs: 3 }, 1)).toBe(false);
    expect(await readDays(store.context, [first])).toEqual([second]);
  });

  it.each<[string, Partial<DayResult>]>([
    ['state', { state: 'agreed' }],
    ['start', { started_at: isoTime(NOW + 1) }],
    ['end', { finished_at: now }],
    ['rows', { rows: 1 }],
    ['runs', { runs: 2 }],
    ['version', { version: 2 }],
  ])(
    'is known by whoever wrote it and lost the reply, and taken for no other: of another %s',
    async (_, changes) => {
      const name = newMerchant();
      const result = dayOf(name, day);
      const { write } = merchantStore().days;
      expect(await write(result, 0)).toBe(true);
      expect(await write(result, 0)).toBe(true);
      expect(await write({ ...result, ...changes }, 0)).toBe(false);
      expect(await readDays(store.context, [result])).toEqual([result]);
    },
  );

  it('is read with others, in their order, where there is one', async () => {
    const [one, other] = [dayOf(newMerchant(), day), dayOf(newMerchant(), day)];
    for (const result of [one, other]) await merchantStore().days.write(result, 0);
    const none = { ...newMerchant(), day };
    expect(await readDays(store.context, [other, none, one])).toEqual([other, undefined, one]);
  });
});

describe('the list of days', () => {
  const days = ['2025-01-01', '2025-01-02', '2025-01-03', '2025-01-04'] as const;
  const list = (changes: Partial<DaysQuery>, context = store.context) =>
    listDays(context, {
      ...{ providers: ['wechat', 'alipay', 'stripe'], merchants: null, after: null, limit: 100 },
      ...{ from: days[0], to: days[3] },
      ...changes,
    });
  const shown = ({ items }: { readonly items: readonly DayResult[] }) =>
    items.map(({ merchant, day }) => `${merchant} ${day}`);
  async function putAll(name: MerchantName) {
    for (const day of days) await merchantStore().days.write(dayOf(name, day), 0);
    return days.map((day) => `${name.merchant} ${day}`).toReversed();
  }

  it('has the newest first, of the providers that are asked for', async () => {
    const [wechat, stripe] = [newMerchant(), newMerchant('stripe')];
    const [ofWechat, ofStripe] = [await putAll(wechat), await putAll(stripe)];
    expect(shown(await list({ providers: ['wechat'] }))).toEqual(ofWechat);
    expect(shown(await list({ providers: ['stripe'] }))).toEqual(ofStripe);
    expect(shown(await list({})).toSorted()).toEqual([...ofWechat, ...ofStripe].toSorted());
    expect(await list({ providers: ['alipay'] })).toEqual({ items: [], next: null });
  });

  it('has the first and the last day of the period, and none beyond', async () => {
    const name = newMerchant();
    const all = await putAll(name);
    const within = async (from: string, to: string) => shown(await list({ merchants: [name], from, to }));
    expect(await within(days[1], days[2])).toEqual(all.slice(1, 3));
    expect(await within(days[1], days[1])).toEqual(all.slice(2, 3));
  });

  it('has those of the merchants that are asked for, and not of who shares their shard', async () => {
    const name = newMerchant();
    const neighbour = neighbourOf(name);
    const stripe = newMerchant('stripe');
    const all = await putAll(name);
    await putAll(neighbour);
    const ofStripe = await putAll(stripe);
    expect(shown(await list({ merchants: [name] }))).toEqual(all);
    expect(shown(await list({ merchants: [name, stripe], providers: ['wechat'] }))).toEqual(all);
    expect(shown(await list({ merchants: [name, stripe], providers: ['stripe'] }))).toEqual(ofStripe);
    expect(await list({ merchants: [stripe], providers: ['wechat'] })).toEqual({ items: [], next: null });
    expect(await list({ merchants: [] })).toEqual({ items: [], next: null });
  });

  it('goes on page by page', async () => {
    const name = newMerchant();
    const all = await putAll(name);
    const first = await list({ merchants: [name], limit: 3 });
    expect(shown(first)).toEqual(all.slice(0, 3));
    const second = await list({ merchants: [name], limit: 3, after: first.next });
    expect([shown(second), second.next]).toEqual([all.slice(3), null]);
  });

  it('leaves out what its index has and the table does not show yet', async () => {
    const name = newMerchant();
    await putAll(name);
    const behind = interceptedStore(store.context, async (command, send) =>
      command instanceof BatchGetCommand ? {} : send(),
    );
    expect(await list({ merchants: [name] }, behind)).toEqual({ items: [], next: null });
  });
});

describe('the days of late', () => {
  const late = Date.parse('2024-06-30T12:00:00.000Z');
  const dateOf = (days: number, from = late) => isoTime(from + days * DAY_MS).slice(0, 10);

  it('are those of the last 31, and one that has begun elsewhere, at every provider, the newest first', async () => {
    const [name, other] = [newMerchant(), newMerchant('stripe')];
    await putDays([2, 1, 0, -1, -31, -32].map((days) => dayOf(name, dateOf(days))));
    await putDays([dayOf(other, dateOf(-2))]);
    const found = await readRecentDays(store.context, late);
    expect(found.map(({ merchant, day }) => [merchant, day])).toEqual([
      [name.merchant, dateOf(1)],
      [name.merchant, dateOf(0)],
      [name.merchant, dateOf(-1)],
      [other.merchant, dateOf(-2)],
      [name.merchant, dateOf(-31)],
    ]);
  });

  it('are two thousand at most, those of the newest days', async () => {
    const earlier = late - 100 * DAY_MS;
    const names = Array.from({ length: 68 }, () => newMerchant());
    const results = Array.from({ length: 30 }, (_, days) =>
      names.map((name) => dayOf(name, dateOf(-days, earlier))),
    ).flat();
    await putDays(results);
    const found = await readRecentDays(store.context, earlier);
    expect(results.length).toBeGreaterThan(2_000);
    expect(found.map(({ day }) => day)).toEqual(results.slice(0, 2_000).map(({ day }) => day));
    expect(new Set(found.map(({ merchant, day }) => `${merchant} ${day}`)).size).toBe(2_000);
  });
});
