import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';

const TableName = process.env['TABLE_NAME'];
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

interface Payment {
  readonly order_no: string;
  readonly amount: number;
}

/** A DocumentClient as the SDK's guide sets it up, and one transaction of two items: no secret, no signature, no rule. */
export async function handler({ body }: { readonly body: string }) {
  const { order_no, amount } = JSON.parse(body) as Payment;
  const pk = `ORDER#${order_no}`;
  await client.send(
    new TransactWriteCommand({
      TransactItems: [
        {
          Update: {
            TableName,
            Key: { pk, sk: 'ORDER' },
            UpdateExpression: 'SET #status = :paid',
            ConditionExpression: '#status = :pending AND amount = :amount',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':paid': 'paid', ':pending': 'pending', ':amount': amount },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        {
          Put: {
            TableName,
            Item: { pk, sk: 'PAYMENT', amount },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
      ],
    }),
  );
  return { statusCode: 204 };
}
