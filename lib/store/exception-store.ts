import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ExceptionEnd, ExceptionRecord } from '../orders/exception.ts';
import { type ExceptionKind, type ExceptionState, exceptionStates } from '../orders/kinds.ts';
import { type MerchantName, providerAccount } from '../orders/ledger.ts';
import type { Page, Position } from '../orders/page.ts';
import type { MerchantExceptionStore } from '../orders/resolve-exception.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import { getItem } from './get-item.ts';
import { markAttributes, toRecord } from './items.ts';
import { exceptionShard, exceptionShards, merchantExceptionKey, merchantShardName } from './keys.ts';
import { newestVersion } from './schema.ts';
import { readSharded } from './sharded-read.ts';
import { eventsAttribute, markedAtAttribute, markedVersionAttribute, tableIndexes } from './table.ts';

export interface ExceptionQuery {
  /** The accounts whose exceptions alone are wanted, as `ExceptionRecord` has them. */
  readonly owners?: readonly string[] | undefined;
  readonly kind?: ExceptionKind | undefined;
  readonly state: ExceptionState | 'all';
  readonly after: Position | null;
  readonly limit: number;
}

// Stryker disable next-line StringLiteral: no time is before either
const EARLIEST = '0000-01-01T00:00:00.000Z';
const LATEST = '9999-12-31T23:59:59.999Z';

/**
 * Exceptions, newest first. What is not wanted is read and passed over, within bounds: a page can be short
 * or empty and still have a next one.
 */
export async function listExceptions(
  context: StoreContext,
  { owners, kind, state, after, limit }: ExceptionQuery,
): Promise<Page<ExceptionRecord>> {
  const isWanted = (record: ExceptionRecord) =>
    (kind === undefined || record.kind === kind) && (owners === undefined || owners.includes(record.owner));
  const states = state === 'all' ? exceptionStates : [state];
  const page = await readSharded(context, {
    shards: states.flatMap(exceptionShards).map((partition) => ({
      index: tableIndexes.exception,
      partition,
      first: EARLIEST,
      last: after?.at ?? LATEST,
    })),
    // Stryker disable next-line StringLiteral: any order but the other one is this one
    order: 'newest_first',
    after,
    limit,
    accept: (item) => isWanted(toRecord('exception', item)),
  });
  return { items: page.items.map((item) => toRecord('exception', item)), next: page.next };
}

/** One that belongs to no order; null of none. @throws SchemaVersionError, or the store's error after retries */
export async function readMerchantException(
  context: StoreContext,
  merchant: MerchantName,
  id: string,
): Promise<ExceptionRecord | null> {
  const item = await getItem(context, merchantExceptionKey(merchant, id));
  return item && toRecord('exception', item);
}

/** Exceptions that belong to no order, on DynamoDB. */
export const createMerchantExceptionStore = (context: StoreContext): MerchantExceptionStore => ({
  endMerchantException: (merchant, id, end) => endMerchantException(context, merchant, id, end),
});

/** @throws SchemaVersionError, or the store's error after retries */
async function endMerchantException(
  context: StoreContext,
  merchant: MerchantName,
  id: string,
  end: ExceptionEnd,
): Promise<{ readonly ended: boolean; readonly record: ExceptionRecord } | null> {
  let written: StoredItem | undefined;
  const mark = { type: 'exception.resolved', owner: providerAccount(merchant) } as const;
  const marked = markAttributes({ at: end.at, events: [mark] });
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: merchantExceptionKey(merchant, id),
    UpdateExpression:
      'SET #state = :resolved, #resolved = :end, #events = :events, #marked_at = :marked_at, #marked_version = #version + :one, exception_shard = :shard, #version = #version + :one REMOVE #work, work_due',
    ConditionExpression: '#state = :open AND (attribute_not_exists(#schema) OR #schema <= :schema)',
    ExpressionAttributeNames: {
      '#state': 'state',
      '#resolved': 'resolved',
      '#version': 'version',
      '#work': 'work',
      '#schema': 'schema',
      '#events': eventsAttribute,
      '#marked_at': markedAtAttribute,
      '#marked_version': markedVersionAttribute,
    },
    ExpressionAttributeValues: {
      ':open': 'open',
      ':resolved': 'resolved',
      ':end': end,
      ':events': marked[eventsAttribute],
      ':marked_at': marked[markedAtAttribute],
      ':shard': exceptionShard('resolved', merchantShardName(merchant)),
      ':one': 1,
      ':schema': newestVersion('exception'),
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const answer = await writeConditionally(context, async (abortSignal) => {
    written = (await context.client.send(command, { abortSignal })).Attributes;
  });
  if (answer.applied) return written ? { ended: true, record: toRecord('exception', written) } : null;
  // Stryker disable next-line OptionalChaining: a write of one part that is refused has that part
  const found = answer.refused[0]?.item;
  return found ? { ended: false, record: toRecord('exception', found) } : null;
}
