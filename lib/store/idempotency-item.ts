import type { IdempotencyRecord, IdempotentCaller } from '../orders/checkout.ts';
import type { StoreContext } from './client.ts';
import { idempotencyKey } from './keys.ts';
import { schemaAttribute } from './schema.ts';

/** A put of a caller's key, on condition that it is not taken at `now`; hands back the record that takes it. */
export function idempotencyItem(
  { tableName }: StoreContext,
  operation: 'checkout' | 'refund',
  { subject, key, record }: IdempotentCaller & { readonly record: IdempotencyRecord },
  now: string,
) {
  return {
    TableName: tableName,
    Item: {
      ...idempotencyKey(operation, subject, key),
      ...schemaAttribute('idempotency'),
      ...record,
      ttl: Math.ceil(Date.parse(record.expires_at) / 1_000),
    },
    // TTL removes items late: whether a key is still taken is for the condition to say.
    ConditionExpression: 'attribute_not_exists(pk) OR expires_at <= :now',
    ExpressionAttributeValues: { ':now': now },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}
