import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { ErasePorts } from '../orders/erase-user.ts';
import type { ShopOrder } from '../orders/order.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { withRetries } from './retry.ts';

/** A partition serves 3000 read units a second: most of them are left to payments. */
const READ_UNITS_PER_SECOND = 500;

/** Finds a user's orders by reading the whole table, since an index by user would be one more list of users. */
export const createOrderFinder =
  (context: StoreContext): ErasePorts['findOrders'] =>
  (user_id) =>
    scanForUser(context, user_id);

async function* scanForUser({ client, tableName, io }: StoreContext, user_id: string) {
  let lastKey: Record<string, unknown> | undefined;
  do {
    const command = new ScanCommand({
      TableName: tableName,
      FilterExpression: 'user_id = :user',
      ExpressionAttributeValues: { ':user': user_id },
      ExclusiveStartKey: lastKey,
      ReturnConsumedCapacity: 'TOTAL',
    });
    const answer = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
    const { Items = [], ScannedCount = 0, ConsumedCapacity, LastEvaluatedKey } = answer;
    lastKey = LastEvaluatedKey;
    yield { orders: Items.map((item) => toRecord('order', item) as ShopOrder), read: ScannedCount };
    if (lastKey) await io.sleep(((ConsumedCapacity?.CapacityUnits ?? 0) / READ_UNITS_PER_SECOND) * 1_000);
  } while (lastKey);
}
