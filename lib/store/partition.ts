import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import type { ItemKey } from './keys.ts';
import { withRetries } from './retry.ts';

/** Everything under a partition key. @throws the store's error after retries */
export async function queryPartition(
  { client, tableName, io }: StoreContext,
  pk: string,
): Promise<(StoredItem & ItemKey)[]> {
  const items: (StoredItem & ItemKey)[] = [];
  let lastKey: Record<string, unknown> | undefined;
  do {
    const command = new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ExclusiveStartKey: lastKey,
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    items.push(...((answer.Items ?? []) as (StoredItem & ItemKey)[]));
    lastKey = answer.LastEvaluatedKey;
  } while (lastKey);
  return items;
}
