import { request } from 'node:https';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';

const { TABLE_NAME, PROVIDER_URL } = process.env;
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** A DocumentClient as the SDK's guide sets it up, one write, and one call of a provider by Node alone. */
export async function handler({ body }: { readonly body: string }) {
  const { order_no } = JSON.parse(body) as { readonly order_no: string };
  await client.send(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: { pk: `ORDER#${order_no}`, sk: 'ORDER', status: 'pending' },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  const answer = JSON.parse(await post(`${PROVIDER_URL}/v3/pay/transactions/native`, body));
  return { statusCode: 'code_url' in answer ? 201 : 502 };
}

function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request(url, { method: 'POST', headers }, (answer) => {
      let received = '';
      answer.setEncoding('utf8');
      answer.on('data', (part) => {
        received += part;
      });
      answer.on('end', () => resolve(received));
    });
    call.on('error', reject).end(body);
  });
}
