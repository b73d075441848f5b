import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { CheckoutStore, IdempotencyRecord } from '../orders/checkout.ts';
import type { StoreContext } from './client.ts';
import { writeTransaction } from './conditional-write.ts';
import { idempotencyItem } from './idempotency-item.ts';
import { toItem } from './order-item.ts';
import { getOrder, oweCheck, putOrder, updateOrder } from './order-store.ts';
import { readItem } from './schema.ts';

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
    const command = new TransactWriteCommand({
      TransactItems: [
        { Put: idempotencyItem(context, 'checkout', idempotency, order.created_at) },
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
    if (answer.applied) return null;
    return (answer.item && readItem(answer.item)) as unknown as IdempotencyRecord;
  },
});
