import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RefreshPorts } from '../orders/refresh-order.ts';
import type { StoreContext } from './client.ts';
import { writeItem } from './conditional-write.ts';
import { orderKey } from './keys.ts';
import { getOrder } from './order-store.ts';

/** A payer who keeps looking has the provider asked no more often. */
const BETWEEN_QUERIES_MS = 5_000;

export const createRefreshStore = (context: StoreContext): RefreshPorts['store'] => ({
  getOrder: (order_no) => getOrder(context, order_no),
  async claimQuery(order_no, now) {
    const command = new UpdateCommand({
      TableName: context.tableName,
      Key: orderKey(order_no),
      UpdateExpression: 'SET queried_at = :now',
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(queried_at) OR queried_at <= :before)',
      ExpressionAttributeValues: {
        ':now': new Date(now).toISOString(),
        ':before': new Date(now - BETWEEN_QUERIES_MS).toISOString(),
      },
    });
    const answer = await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
    return answer.applied;
  },
});
