import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../io.ts';
import type { BookedEntry } from '../orders/change.ts';
import { type ExceptionRecord, exceptionId } from '../orders/exception.ts';
import { isOneOf, type Provider, providers } from '../orders/kinds.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { Page, Position } from '../orders/page.ts';
import { alert } from '../orders/schedule.ts';
import type { DayResult, DayStore, MerchantDay } from '../reconciliation/day-result.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import { getItems } from './get-item.ts';
import { bookingAttributes, markAttributes, workAttributes } from './items.ts';
import {
  dayShard,
  dayShards,
  exceptionShard,
  type ItemKey,
  merchantDayKey,
  merchantEntryKey,
  merchantExceptionKey,
  merchantShardName,
} from './keys.ts';
import { readItem, schemaAttribute } from './schema.ts';
import { readSharded } from './sharded-read.ts';
import { markedVersionAttribute, tableIndexes } from './table.ts';

/** What belongs to a merchant and to no order: what its provider kept, exceptions that name no order, its days. */
export const createMerchantStore = (context: StoreContext) => ({
  putMerchantException: (name: MerchantName, record: ExceptionRecord) => putException(context, name, record),
  putMerchantEntry: (entry: BookedEntry) => putEntry(context, entry),
  days: createDayStore(context),
});

/** Unless it is there. @throws the store's error after retries */
async function putException(
  context: StoreContext,
  name: MerchantName,
  record: ExceptionRecord,
): Promise<void> {
  const shardName = merchantShardName(name);
  await putOnce(context, {
    ...merchantExceptionKey(name, exceptionId(record)),
    ...record,
    ...schemaAttribute('exception'),
    ...workAttributes(shardName, alert(context.io.now())),
    exception_shard: exceptionShard(record.state, shardName),
    ...markAttributes({
      at: record.recorded_at,
      events: [{ type: 'exception.raised', owner: record.owner }],
    }),
    [markedVersionAttribute]: record.version,
  });
}

/** Unless it is there. @throws the store's error after retries */
async function putEntry(context: StoreContext, entry: BookedEntry): Promise<void> {
  await putOnce(context, {
    ...merchantEntryKey(entry, entry),
    ...entry,
    ...schemaAttribute('entry'),
    ...bookingAttributes(merchantShardName(entry), entry),
  });
}

const putOnce = (context: StoreContext, Item: StoredItem): Promise<unknown> => {
  const command = new PutCommand({
    TableName: context.tableName,
    Item,
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  return writeConditionally(context, (abortSignal) => context.client.send(command, { abortSignal }));
};

const createDayStore = (context: StoreContext): DayStore => ({
  async read(day) {
    // What another run has stored just now decides what this one comes to.
    const [result] = await getItems(context, [dayKey(day)], { ConsistentRead: true });
    return result ? toResult(result) : null;
  },
  write: (result, seen) => writeDay(context, result, seen),
});

/** The results of at most 100 days, in their order. @throws the store's error after retries */
export async function readDays(
  context: StoreContext,
  days: readonly MerchantDay[],
): Promise<(DayResult | undefined)[]> {
  return (await getItems(context, days.map(dayKey))).map((item) => item && toResult(item));
}

const dayKey = ({ day, ...name }: MerchantDay): ItemKey => merchantDayKey(name, day);

async function writeDay(context: StoreContext, result: DayResult, seen: number): Promise<boolean> {
  const Item = {
    ...merchantDayKey(result, result.day),
    ...result,
    ...schemaAttribute('day'),
    listing: dayShard(result),
    listed_at: startOf(result.day),
  };
  const command = new PutCommand({
    TableName: context.tableName,
    Item,
    ...(seen === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':seen': seen },
        }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const answer = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  if (answer.applied) return true;
  // Our own write, whose reply was lost.
  // Stryker disable next-line OptionalChaining: a write of one part that is refused has that part
  const stored = answer.refused[0]?.item;
  return stored !== undefined && toResult(stored).version === result.version && isSame(stored, Item);
}

const isSame = (stored: StoredItem, written: StoredItem): boolean =>
  ['state', 'started_at', 'finished_at', 'rows', 'runs'].every((field) => stored[field] === written[field]);

/** @throws SchemaVersionError */
const toResult = (item: StoredItem): DayResult => contentOf(item) as DayResult;

function contentOf(item: StoredItem): unknown {
  const { pk: _pk, sk: _sk, schema: _schema, listing: _listing, listed_at: _at, ...result } = readItem(item);
  return result;
}

const startOf = (day: string): string => isoTime(Date.parse(day));

export interface DaysQuery {
  readonly providers: readonly Provider[];
  /** Null for everybody's. */
  readonly merchants: readonly MerchantName[] | null;
  /** YYYY-MM-DD, both included. */
  readonly from: string;
  readonly to: string;
  readonly after: Position | null;
  readonly limit: number;
}

/** The results of days, the newest first, of the merchants that had any. @throws the store's error after retries */
export async function listDays(
  context: StoreContext,
  { providers, merchants, from, to, after, limit }: DaysQuery,
): Promise<Page<DayResult>> {
  const wanted = merchants?.filter(({ provider }) => isOneOf(providers, provider));
  const partitions = new Set(wanted ? wanted.map(dayShard) : providers.flatMap(dayShards));
  const owners = wanted && new Set(wanted.map((name) => merchantDayKey(name, from).pk));
  const { items, next } = await readSharded(context, {
    shards: [...partitions].map((partition) => ({
      index: tableIndexes.listing,
      partition,
      first: startOf(from),
      last: after?.at ?? startOf(to),
    })),
    // Stryker disable next-line StringLiteral: any order but the other one is this one
    order: 'newest_first',
    after,
    limit,
    ...(owners && { accept: ({ pk }: StoredItem) => owners.has(String(pk)) }),
  });
  // The index has their keys alone.
  const results = await getItems(context, items as readonly ItemKey[]);
  return { items: results.filter((item) => item !== undefined).map(toResult), next };
}

/** A day is waited for by itself for a week; one that is not done by then is told of for as long as it can be mended. */
const RECENT_DAYS = 31;
const DAY_MS = 86_400_000;
const PAGE_SIZE = 100;
const MAX_PAGES = 20;

/** The results of the last days, the newest first, within bounds. @throws the store's error after retries */
export async function readRecentDays(context: StoreContext, now: number): Promise<DayResult[]> {
  const dateOf = (time: number) => isoTime(time).slice(0, 10);
  // Where it is tomorrow already, that day may have been reconciled by hand.
  const query = {
    providers,
    merchants: null,
    from: dateOf(now - RECENT_DAYS * DAY_MS),
    to: dateOf(now + DAY_MS),
    limit: PAGE_SIZE,
  };
  const days: DayResult[] = [];
  let after: Position | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next }: Page<DayResult> = await listDays(context, { ...query, after });
    days.push(...items);
    if (!next) break;
    after = next;
  }
  return days;
}
