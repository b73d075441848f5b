import type { ErasePorts } from '../orders/erase-user.ts';
import type { ShopOrder } from '../orders/order.ts';
import type { StoreContext } from './client.ts';
import { toRecord } from './items.ts';
import { scanTable } from './table-scan.ts';

/** Finds a user's orders by reading the whole table, since an index by user would be one more list of users. */
export const createOrderFinder =
  (context: StoreContext): ErasePorts['findOrders'] =>
  (user_id) =>
    scanForUser(context, user_id);

async function* scanForUser(context: StoreContext, user_id: string) {
  const ofUser = { FilterExpression: 'user_id = :user', ExpressionAttributeValues: { ':user': user_id } };
  for await (const { items, read } of scanTable(context, ofUser)) {
    yield { orders: items.map((item) => toRecord('order', item) as ShopOrder), read };
  }
}
