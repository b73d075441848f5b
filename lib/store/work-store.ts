import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../io.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import type { Work } from './items.ts';
import { type ItemKey, parkedShard, type WorkKind, workShards } from './keys.ts';
import { withRetries } from './retry.ts';
import { eventsAttribute, tableIndexes } from './table.ts';

/**
 * What items owe. It is put off, settled or set aside on condition that it still is what was seen; else somebody else
 * did, and nothing changes. Each call may throw the store's error after retries.
 */
export interface WorkStore {
  /** What owes this kind of work and is due at `now`, the longest due first: of each shard at most so many. */
  listDue(kind: WorkKind, now: string, limitPerShard: number): Promise<StoredItem[]>;
  /** The work is due later. @returns whether the item still owed what was seen */
  postponeWork(key: ItemKey, seen: Work, work_due: string): Promise<boolean>;
  /** The item owes nothing more and leaves the `work` index; when a time is given, only if it was due then. */
  clearWork(key: ItemKey, seen: string, work_due?: string): Promise<void>;
  /** The item owes something else in its place. */
  replaceWork(key: ItemKey, seen: string, next: Work): Promise<void>;
  /** The item stays in the `work` index, among those that wait for a person. */
  parkWork(key: ItemKey, seen: string): Promise<void>;
}

export function createWorkStore(context: StoreContext): WorkStore {
  return {
    listDue: (kind, now, limitPerShard) => listDue(context, kind, now, limitPerShard),
    postponeWork: (key, { work, work_due }, next) =>
      updateWork(context, key, {
        update: 'SET work_due = :next REMOVE #events',
        condition: '#work = :seen AND work_due = :due',
        values: { ':seen': work, ':due': work_due, ':next': next },
      }),
    clearWork: async (key, seen, work_due) => {
      const isTimed = work_due !== undefined;
      await updateWork(context, key, {
        update: 'REMOVE #work, work_due, #events',
        condition: isTimed ? '#work = :seen AND work_due = :due' : '#work = :seen',
        values: { ':seen': seen, ...(isTimed && { ':due': work_due }) },
      });
    },
    replaceWork: async (key, seen, { work, work_due }) => {
      await updateWork(context, key, {
        update: 'SET #work = :next, work_due = :due REMOVE #events',
        condition: '#work = :seen',
        values: { ':seen': seen, ':next': work, ':due': work_due },
      });
    },
    parkWork: async (key, seen) => {
      const now = isoTime(context.io.now());
      await updateWork(context, key, {
        update: 'SET #work = :parked, work_due = :now REMOVE #events',
        condition: '#work = :seen',
        values: { ':seen': seen, ':parked': parkedShard(seen), ':now': now },
      });
    },
  };
}

async function listDue(
  { client, tableName, io }: StoreContext,
  kind: WorkKind,
  now: string,
  limitPerShard: number,
): Promise<StoredItem[]> {
  const { name, partitionKey, sortKey } = tableIndexes.work;
  const pages = await Promise.all(
    workShards(kind).map((shard) => {
      const command = new QueryCommand({
        TableName: tableName,
        IndexName: name,
        KeyConditionExpression: '#work = :work AND #due <= :now',
        ExpressionAttributeNames: { '#work': partitionKey, '#due': sortKey },
        ExpressionAttributeValues: { ':work': shard, ':now': now },
        Limit: limitPerShard,
      });
      return withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    }),
  );
  const due = ({ [sortKey]: work_due }: StoredItem) => Date.parse(String(work_due));
  // Stryker disable next-line ArrayDeclaration: a query has items, which its type does not say
  return pages.flatMap(({ Items = [] }) => Items).sort((one, other) => due(one) - due(other));
}

interface WorkUpdate {
  readonly update: string;
  readonly condition: string;
  readonly values: Readonly<Record<string, string>>;
}

async function updateWork(
  context: StoreContext,
  key: ItemKey,
  { update, condition, values }: WorkUpdate,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: key,
    UpdateExpression: update,
    ConditionExpression: condition,
    // `work` is a reserved word of DynamoDB.
    ExpressionAttributeNames: { '#work': 'work', '#events': eventsAttribute },
    ExpressionAttributeValues: values,
  });
  const answer = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  return answer.applied;
}
