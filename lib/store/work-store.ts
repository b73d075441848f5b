import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { StoreContext } from './client.ts';
import { writeItem } from './conditional-write.ts';
import { type ItemKey, parkedShard } from './keys.ts';

/** What an item owes is settled or set aside on condition that it still is what was seen; else somebody else did. */
export interface WorkStore {
  /** The item owes nothing more and leaves the `work` index. */
  clearWork(key: ItemKey, seen: string): Promise<void>;
  /** The item stays in the `work` index, among those that wait for a person. */
  parkWork(key: ItemKey, seen: string): Promise<void>;
}

export function createWorkStore(context: StoreContext): WorkStore {
  return {
    clearWork: (key, seen) => updateWork(context, key, 'REMOVE #work, work_due', { ':seen': seen }),
    parkWork: (key, seen) =>
      updateWork(context, key, 'SET #work = :parked, work_due = :now', {
        ':seen': seen,
        ':parked': parkedShard(seen),
        ':now': new Date(context.io.now()).toISOString(),
      }),
  };
}

async function updateWork(
  context: StoreContext,
  key: ItemKey,
  update: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: key,
    UpdateExpression: update,
    ConditionExpression: '#work = :seen',
    // A reserved word of DynamoDB.
    ExpressionAttributeNames: { '#work': 'work' },
    ExpressionAttributeValues: values,
  });
  await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
}
