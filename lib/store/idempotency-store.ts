import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { IdempotencyRecord, IdempotentCaller } from '../orders/idempotency.ts';
import type { RequestRefundPorts } from '../orders/request-refund.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { idempotencyKey } from './keys.ts';
import { withRetries } from './retry.ts';

/** The requests that came with an idempotency key. */
export const createIdempotencyStore = (
  context: StoreContext,
): Pick<RequestRefundPorts['store'], 'findIdempotencyRecord'> => ({
  findIdempotencyRecord: (caller) => findIdempotencyRecord(context, caller),
});

/** What was first asked for with a caller's key; null when nothing was. @throws the store's error after retries */
async function findIdempotencyRecord(
  { client, tableName, io }: StoreContext,
  caller: IdempotentCaller,
): Promise<IdempotencyRecord | null> {
  const command = new GetCommand({ TableName: tableName, Key: idempotencyKey(caller), ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item ? toRecord('idempotency', Item) : null;
}
