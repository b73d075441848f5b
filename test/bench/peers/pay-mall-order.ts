import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readClaims } from './bearer-token.ts';
import { readWechatClient } from './wechat-payments.ts';

const { TABLE_NAME, PUBLIC_URL } = process.env;
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const wechat = readWechatClient();

/** Asks WeChat Pay for the parameters with which a mini-program pays an order, and keeps that it did. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const claims = await readClaims(event);
  if (!claims) return { statusCode: 401 };
  const order_no = `mall-${event.pathParameters?.['id']}`;
  const Key = { pk: `ORDER#${order_no}`, sk: 'ORDER' };
  const { Item: order } = await documents.send(new GetCommand({ TableName: TABLE_NAME, Key }));
  if (order?.['user_id'] !== claims.sub) return { statusCode: 404 };
  if (order?.['status'] !== 'pending') return { statusCode: 400 };
  const pay = await wechat;
  const { status, data } = await pay.transactions_jsapi({
    out_trade_no: order_no,
    description: order['description'],
    notify_url: `${PUBLIC_URL}/v2/payments/notify`,
    amount: { total: order['amount'], currency: order['currency'] },
    payer: { openid: order['openid'] },
  });
  if (status !== 200) return { statusCode: 502 };
  await documents.send(
    new UpdateCommand({
      TableName: TABLE_NAME,
      Key,
      UpdateExpression: 'SET prepaid = :package, updated_at = :now',
      ConditionExpression: '#status = :pending',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':package': data.package,
        ':now': new Date().toISOString(),
        ':pending': 'pending',
      },
    }),
  );
  return { statusCode: 200, body: JSON.stringify({ code: 0, message: '获取支付参数成功', data }) };
}
