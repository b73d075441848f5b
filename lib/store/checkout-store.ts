import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckoutStore, IdempotencyRecord } from '../orders/checkout.ts';
import type { StoreContext } from './client.ts';
import { writeTransaction } from './conditional-write.ts';
import { idempotencyKey } from './keys.ts';
import { toItem } from './order-item.ts';
import { getOrder, oweCheck, putOrder, updateOrder } from './order-store.ts';

/** Tenants' orders on DynamoDB, with the idempotency keys of those who ask for them. */
export const createCheckoutStore = (context: StoreContext): CheckoutStore => ({
  getOrder: (order_no) => getOrder(context, order_no),
  updateOrder: (seen, changes) => updateOrder(context, seen, changes),

  async putTenantOrder(order, idempotency) {
    const work = oweCheck(order.order_no, Date.parse(order.created_at));
    if (!idempotency) {
      // A number holds the tenant, the millisecond and chance: one that is there already is our own lost reply.
      await putOrder(context, order, work);
      return null;
    }
    const { subject, key, record } = idempotency;
    const command = new TransactWriteCommand({
      TransactItems: [
        {
          Put: {
            TableName: context.tableName,
            Item: {
              ...idempotencyKey('checkout', subject, key),
              ...record,
              ttl: Math.ceil(Date.parse(record.expires_at) / 1_000),
            },
            // TTL removes items late: whether a key is still taken is for the condition to say.
            ConditionExpression: 'attribute_not_exists(pk) OR expires_at <= :now',
            ExpressionAttributeValues: { ':now': order.created_at },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Put: {
            TableName: context.tableName,
            Item: toItem(order, work),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ],
    });
    const answer = await writeTransaction(context, (abortSignal) =>
      context.client.send(command, { abortSignal }),
    );
    return answer.applied ? null : (answer.item as unknown as IdempotencyRecord);
  },
});
