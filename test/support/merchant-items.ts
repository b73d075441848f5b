import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { MerchantName } from '../../lib/orders/ledger.ts';
import type { StoreContext } from '../../lib/store/client.ts';

/** Everything that is stored of a merchant and of no order. */
export async function itemsOf(
  { client, tableName }: StoreContext,
  { provider, merchant }: MerchantName,
): Promise<Readonly<Record<string, unknown>>[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `MERCHANT#${provider}.${merchant}` },
    }),
  );
  return Items;
}
