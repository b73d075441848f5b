import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { IdempotencyRecord, IdempotentCaller } from '../orders/idempotency.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { idempotencyKey } from './keys.ts';
import { withRetries } from './retry.ts';

/** What was first asked for with a caller's key; null when nothing was. @throws the store's error after retries */
export async function findIdempotencyRecord(
  { client, tableName, io }: StoreContext,
  caller: IdempotentCaller,
): Promise<IdempotencyRecord | null> {
  const command = new GetCommand({ TableName: tableName, Key: idempotencyKey(caller), ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item ? toRecord('idempotency', Item) : null;
}
