import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Order, ShopOrder, TenantOrder } from '../orders/order.ts';
import type { WriteAnswer } from '../orders/settle.ts';
import type { StoreContext } from './client.ts';
import { type ConditionalAnswer, writeItem } from './conditional-write.ts';
import { orderKey } from './keys.ts';
import { FIRST_CHECK_DELAY_MS, owe, toItem, toOrder, type Work } from './order-item.ts';
import { withRetries } from './retry.ts';

export async function getOrder(
  { client, tableName, io }: StoreContext,
  order_no: string,
): Promise<Order | undefined> {
  const command = new GetCommand({ TableName: tableName, Key: orderKey(order_no), ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item && toOrder(Item);
}

/** Stores an order that is not there yet. */
export async function putOrder(context: StoreContext, order: Order, work?: Work): Promise<WriteAnswer> {
  const command = new PutCommand({
    TableName: context.tableName,
    Item: toItem(order, work),
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const answer = await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
  return orderAnswer(answer);
}

/**
 * Changes an order on condition that it is the version that was seen; the change carries the next version. What the
 * order owes stays as it is unless `work` says otherwise.
 */
export async function updateOrder(
  context: StoreContext,
  seen: Pick<Order, 'order_no' | 'version'>,
  changes: Partial<ShopOrder> | Partial<TenantOrder>,
  work?: Work | 'none',
): Promise<WriteAnswer> {
  const owed = work === 'none' ? {} : work;
  const remove = work === 'none' ? ' REMOVE #work, work_due' : '';
  const changed = Object.entries({ ...changes, ...owed, version: seen.version + 1 });
  const command = new UpdateCommand({
    TableName: context.tableName,
    Key: orderKey(seen.order_no),
    UpdateExpression: `SET ${changed.map(([name]) => `#${name} = :${name}`).join(', ')}${remove}`,
    ConditionExpression: '#version = :seen',
    ExpressionAttributeNames: {
      ...Object.fromEntries(changed.map(([name]) => [`#${name}`, name])),
      ...(work === 'none' && { '#work': 'work' }),
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(changed.map(([name, value]) => [`:${name}`, value])),
      ':seen': seen.version,
    },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const answer = await writeItem(context, (abortSignal) => context.client.send(command, { abortSignal }));
  return orderAnswer(answer);
}

/** What an order owes once its provider has been asked for a payment. */
export const oweCheck = (order_no: string, now: number): Work =>
  owe('check', order_no, now, FIRST_CHECK_DELAY_MS);

/** The answer with the order that the condition met. @throws SchemaVersionError */
export const orderAnswer = (answer: ConditionalAnswer): WriteAnswer =>
  answer.applied ? answer : { applied: false, order: answer.item && toOrder(answer.item) };
