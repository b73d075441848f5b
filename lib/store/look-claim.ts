import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { isoTime } from '../io.ts';
import type { LookPorts } from '../orders/look-at-order.ts';
import type { Payment } from '../orders/payment.ts';
import { BETWEEN_LOOKS_MS } from '../orders/schedule.ts';
import type { StoreContext } from './client.ts';
import { writeConditionally } from './conditional-write.ts';
import { paymentKey } from './keys.ts';

/** Says who asks a provider when a payer looks at an order again and again. */
export const createLookClaims = (context: StoreContext): Pick<LookPorts['store'], 'claimLook'> => ({
  claimLook: (payment, now) => claimLook(context, payment, now),
});

/** Marks a payment as being asked about, which changes nothing else of it. */
async function claimLook(context: StoreContext, { order_no, n }: Payment, now: number): Promise<boolean> {
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
