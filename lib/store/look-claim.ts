import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../iso-time.ts';
import type { Payment } from '../orders/payment.ts';
import { BETWEEN_LOOKS_MS } from '../orders/schedule.ts';
import type { StoreContext } from './client.ts';
import { writeConditionally } from './conditional-write.ts';
import { paymentKey } from './keys.ts';

/** Marks a payment as being asked about, which changes nothing else of it. */
export async function claimLook(
  context: StoreContext,
  { order_no, n }: Payment,
  now: number,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: paymentKey(order_no, n),
    UpdateExpression: 'SET queried_at = :now',
    ConditionExpression:
      'attribute_exists(pk) AND (attribute_not_exists(queried_at) OR queried_at <= :before)',
    ExpressionAttributeValues: {
      ':now': isoTime(now),
      ':before': isoTime(now - BETWEEN_LOOKS_MS),
    },
  });
  const answer = await writeConditionally(context, (abortSignal) =>
    context.client.send(command, { abortSignal }),
  );
  return answer.applied;
}
