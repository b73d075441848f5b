import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { systemIo } from '../../lib/io.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Work } from '../../lib/store/order-item.ts';
import { putOrder } from '../../lib/store/order-store.ts';
import { createAlipayParty } from './alipay.ts';
import type { TestSystem } from './local-system.ts';
import { shopOrder, tenantOrder } from './orders.ts';
import { createStripeParty } from './stripe.ts';
import { createWechatParty } from './wechat.ts';

/** The three providers with keys of their own, the documents for them, and orders that are to be paid to them. */
export function createParties() {
  const wechat = createWechatParty();
  const alipay = createAlipayParty();
  const stripe = createStripeParty();
  const wechatMerchant = `${wechat.document.mchid}/${wechat.document.appid}`;
  const alipayMerchant = `${alipay.document.seller_id}/${alipay.document.app_id}`;
  return {
    wechat,
    alipay,
    stripe,
    documents: { wechat: wechat.document, alipay: alipay.document, stripe: stripe.document },
    orders: {
      shop: () => shopOrder({ merchant: wechatMerchant }),
      wechat: () => tenantOrder({ provider: 'wechat', merchant: wechatMerchant, currency: 'CNY' }),
      alipay: () => tenantOrder({ provider: 'alipay', merchant: alipayMerchant, currency: 'CNY' }),
      stripe: () => tenantOrder(),
    },
  };
}

/** The table of a running system, seen from outside of it. */
export function openTable({
  dynamodbEndpoint,
  tableName,
}: Pick<TestSystem, 'dynamodbEndpoint' | 'tableName'>) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'local', credentials }),
  );
  const items = async ({ order_no }: Pick<Order, 'order_no'>): Promise<Record<string, unknown>[]> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `ORDER#${order_no}` },
      }),
    );
    return Items;
  };
  return {
    items,
    async store<T extends Order>(order: T, work?: Work): Promise<T> {
      await putOrder({ client, tableName, io: systemIo }, order, work);
      return order;
    },
    /** Past every condition, as no function would. */
    async change(order: Pick<Order, 'order_no'>, changes: Partial<Order>): Promise<void> {
      const stored = (await items(order)).find(({ sk }) => sk === 'ORDER');
      await client.send(new PutCommand({ TableName: tableName, Item: { ...stored, ...changes } }));
    },
    /** Makes what an item owes due at once, as time would; nothing when it owes nothing any more. */
    async makeDue({ pk, sk }: Readonly<Record<string, unknown>>): Promise<void> {
      const update = new UpdateCommand({
        TableName: tableName,
        Key: { pk, sk },
        UpdateExpression: 'SET work_due = :past',
        ConditionExpression: 'attribute_exists(#work)',
        ExpressionAttributeNames: { '#work': 'work' },
        ExpressionAttributeValues: { ':past': new Date(0).toISOString() },
      });
      await client.send(update).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      });
    },
  };
}
