import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../../lib/io.ts';
import type { Provider } from '../../lib/orders/kinds.ts';
import type { Order } from '../../lib/orders/order.ts';
import type { Payment } from '../../lib/orders/payment.ts';
import type { Debt } from '../../lib/orders/schedule.ts';
import { type ItemKey, paymentKey } from '../../lib/store/keys.ts';
import { createAlipayParty } from './alipay.ts';
import { itemOf } from './items.ts';
import type { TestSystem } from './local-system.ts';
import { paymentOf, shopOrder, tenantOrder } from './orders.ts';
import { createStripeParty } from './stripe.ts';
import { createWechatParty } from './wechat.ts';

/** An order with the payment that was begun for it. */
export interface Begun<T extends Order = Order> {
  readonly order: T;
  readonly payment: Payment;
}

/** Before the times in the messages of the providers, which are those of their documents' examples. */
const BEGUN_AT = '2018-06-01T00:00:00.000Z';

/** An order and its payment to this merchant, whom the messages of its provider can pay. */
export const beginPayment = <T extends Order>(
  order: T,
  payee: Pick<Payment, 'provider' | 'merchant' | 'appid'>,
): Begun<T> => ({ order, payment: paymentOf(order, { ...payee, begun_at: BEGUN_AT }) });

const inAnHour = (): string => isoTime(Date.now() + 3_600_000);

/** The three providers with keys of their own, the documents for them, and orders that are to be paid to them. */
export function createParties() {
  const wechat = createWechatParty();
  const alipay = createAlipayParty();
  const stripe = createStripeParty();
  const merchants: Readonly<Record<Provider, string>> = {
    wechat: wechat.document.mchid,
    alipay: `${alipay.document.app_id}.${alipay.document.seller_id}`,
    stripe: `${stripe.document.account}.test`,
  };
  const { appid } = wechat.document;
  const begin = <T extends Order>(order: T, provider: Provider): Begun<T> =>
    beginPayment(order, {
      provider,
      merchant: merchants[provider],
      appid: provider === 'wechat' ? appid : null,
    });
  return {
    wechat,
    alipay,
    stripe,
    /** As the books name those of the documents. */
    merchants,
    documents: { wechat: wechat.document, alipay: alipay.document, stripe: stripe.document },
    orders: {
      shop: () => begin(shopOrder(), 'wechat'),
      wechat: () => begin(tenantOrder({ currency: 'CNY', expires_at: inAnHour() }), 'wechat'),
      alipay: () => begin(tenantOrder({ currency: 'CNY', expires_at: inAnHour() }), 'alipay'),
      stripe: () => begin(tenantOrder({ expires_at: inAnHour() }), 'stripe'),
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
  const item = async (order: Pick<Order, 'order_no'>, sk: string) =>
    (await items(order)).find((candidate) => candidate['sk'] === sk);
  const put = async (content: object): Promise<void> => {
    await client.send(new PutCommand({ TableName: tableName, Item: { ...content } }));
  };
  const storePayment = (record: Payment, owes?: Debt) =>
    put(itemOf({ put: 'payment', record, ...(owes && { owes }) }));
  /** Past every condition, as no function would. */
  const changeItem = async (order: Pick<Order, 'order_no'>, sk: string, changes: object) =>
    put({ ...(await item(order, sk)), ...changes });
  return {
    items,
    item,
    /** Whatever it is, past every condition. */
    put,
    storePayment,
    /** Stores an order, and its payment where it has one, which may owe something. */
    async store<T extends Order>(
      { order, payment }: { readonly order: T; readonly payment?: Payment },
      owes?: Debt,
    ): Promise<T> {
      await put(itemOf({ put: 'order', record: order }));
      if (payment) await storePayment(payment, owes);
      return order;
    },
    change: (order: Pick<Order, 'order_no'>, changes: Partial<Order>) => changeItem(order, 'ORDER', changes),
    changePayment: (
      { order_no, n = 1 }: { readonly order_no: string; readonly n?: number },
      changes: Partial<Payment>,
    ) => changeItem({ order_no }, paymentKey(order_no, n).sk, changes),
    /** Everything of an order is gone, as if it had never been there. */
    async remove(order: Pick<Order, 'order_no'>): Promise<void> {
      for (const { pk, sk } of await items(order)) {
        await client.send(new DeleteCommand({ TableName: tableName, Key: { pk, sk } }));
      }
    },
    /** Makes what an item owes due at once, as time would; nothing when it owes nothing any more. */
    async makeDue({ pk, sk }: Partial<ItemKey>): Promise<void> {
      const update = new UpdateCommand({
        TableName: tableName,
        Key: { pk, sk },
        UpdateExpression: 'SET work_due = :past',
        ConditionExpression: 'attribute_exists(#work)',
        ExpressionAttributeNames: { '#work': 'work' },
        ExpressionAttributeValues: { ':past': isoTime(0) },
      });
      await client.send(update).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      });
    },
  };
}
