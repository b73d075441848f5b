import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';

export interface Payment {
  readonly transaction_id: string;
  readonly order_no: string;
  /** In the smallest unit. */
  readonly amount: number;
}

const { TABLE_NAME, IDEMPOTENCY_TABLE_NAME } = process.env;
const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);
const config = new IdempotencyConfig({ eventKeyJmesPath: 'transaction_id', throwOnNoIdempotencyKey: true });

/** Marks the order as paid, once for each transaction, as Powertools has it. One client serves both. */
const settleOnce = makeIdempotent(markPaid, {
  persistenceStore: new DynamoDBPersistenceLayer({
    tableName: String(IDEMPOTENCY_TABLE_NAME),
    awsSdkV3Client: client,
  }),
  config,
});

export function settle(payment: Payment, context: Context): Promise<{ status: 'paid' }> {
  config.registerLambdaContext(context);
  return settleOnce({ ...payment });
}

async function markPaid({ order_no, transaction_id, amount }: Payment): Promise<{ status: 'paid' }> {
  await documents.send(
    new UpdateCommand({
      TableName: TABLE_NAME,
      Key: { pk: `ORDER#${order_no}`, sk: 'ORDER' },
      UpdateExpression: 'SET #status = :paid, transaction_id = :transaction, paid_at = :now',
      ConditionExpression: '#status = :pending AND amount = :amount',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':paid': 'paid',
        ':pending': 'pending',
        ':transaction': transaction_id,
        ':amount': amount,
        ':now': new Date().toISOString(),
      },
    }),
  );
  return { status: 'paid' };
}
