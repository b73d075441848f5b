import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../iso-time.ts';
import type { RefreshPorts } from '../orders/refresh-order.ts';
import type { SettlementStore } from '../orders/settle.ts';
import type { StoreContext } from './client.ts';
import { writeItem } from './conditional-write.ts';
import { orderKey } from './keys.ts';
import { createSettlementStore } from './settlement-store.ts';

/** A payer who keeps looking has the provider asked no more often. */
const BETWEEN_QUERIES_MS = 5_000;

/** Orders that are looked at, and settled when it turns out that they were paid. */
export const createViewStore = (context: StoreContext): RefreshPorts['store'] & SettlementStore => ({
  ...createSettlementStore(context),
  async claimQuery(order_no, now) {
    const command = new UpdateCommand({
      TableName: context.tableName,
      Key: orderKey(order_no),
      UpdateExpression: 'SET queried_at = :now',
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(queried_at) OR queried_at <= :before)',
      ExpressionAttributeValues: {
        ':now': isoTime(now),
        ':before': isoTime(now - BETWEEN_QUERIES_MS),
      },
    });
    const answer = await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
    return answer.applied;
  },
});
