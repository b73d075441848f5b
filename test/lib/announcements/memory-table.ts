import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { type ItemKey, owesAnnouncement, parkedShard } from '../../../lib/store/keys.ts';
import type { WorkStore } from '../../../lib/store/work-store.ts';
import type { Item } from './items.ts';

const identityOf = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;
const imageOf = (item: Item) => marshall(item, { removeUndefinedValues: true });

/** A table in memory, with the conditions of the real one, that streams what its event source mapping lets through. */
export function createMemoryTable(now: () => number) {
  const items = new Map<string, Item>();
  const records: DynamoDBRecord[] = [];

  function put(item: Item): void {
    const before = items.get(identityOf(item));
    items.set(identityOf(item), item);
    if (!owesAnnouncement(String(item['work']))) return;
    const dynamodb = {
      SequenceNumber: String(records.length + 1),
      NewImage: imageOf(item),
      ...(before && { OldImage: imageOf(before) }),
    };
    records.push({ eventName: before ? 'MODIFY' : 'INSERT', dynamodb } as DynamoDBRecord);
  }

  function update(key: ItemKey, holds: (item: Item) => boolean, changes: Readonly<Record<string, unknown>>) {
    const item = items.get(identityOf(key));
    if (!item || !holds(item)) return false;
    put({ ...item, ...changes });
    return true;
  }

  const store: WorkStore = {
    async listDue(kind, at, limitPerShard) {
      const due = [...items.values()]
        .filter((item) => String(item['work']).startsWith(`${kind}#`) && String(item['work_due']) <= at)
        .sort((one, other) => Date.parse(String(one['work_due'])) - Date.parse(String(other['work_due'])));
      const taken = new Map<unknown, number>();
      return due.filter(({ work }) => {
        taken.set(work, (taken.get(work) ?? 0) + 1);
        return (taken.get(work) ?? 0) <= limitPerShard;
      });
    },
    async postponeWork(key, seen, work_due) {
      return update(key, ({ work, work_due: due }) => work === seen.work && due === seen.work_due, {
        work_due,
      });
    },
    async clearWork(key, seen) {
      update(key, ({ work }) => work === seen, { work: undefined, work_due: undefined });
    },
    async replaceWork(key, seen, next) {
      update(key, ({ work }) => work === seen, { ...next });
    },
    async parkWork(key, seen) {
      const work_due = new Date(now()).toISOString();
      update(key, ({ work }) => work === seen, { work: parkedShard(seen), work_due });
    },
  };

  return {
    put,
    store,
    items: () => [...items.values()],
    /** What the stream has shown since the last call. */
    takeRecords: () => records.splice(0),
  };
}
