import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readClaims } from './bearer-token.ts';
import { bodyText } from './body.ts';
import { readWechatClient } from './wechat-payments.ts';

const { TABLE_NAME, PUBLIC_URL } = process.env;
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const wechat = readWechatClient();

/** Makes a tenant's order, asks WeChat Pay for its payment page, and keeps it. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const claims = await readClaims(event);
  if (claims?.['role'] !== 'admin') return { statusCode: 401 };
  const { tenant_id, amount: yuan } = JSON.parse(bodyText(event));
  if (!Number.isInteger(tenant_id) || !(yuan > 0)) return { statusCode: 400 };
  const order_no = randomUUID().replaceAll('-', '');
  const amount = Math.round(yuan * 100);
  const now = new Date().toISOString();
  const Key = { pk: `ORDER#${order_no}`, sk: 'ORDER' };
  await documents.send(
    new PutCommand({
      TableName: TABLE_NAME,
      Item: { ...Key, order_no, tenant_id, amount, currency: 'CNY', status: 'pending', created_at: now },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  const pay = await wechat;
  const { status, data } = await pay.transactions_native({
    out_trade_no: order_no,
    description: `订单 ${order_no}`,
    notify_url: `${PUBLIC_URL}/api/pay/callback/wechat`,
    amount: { total: amount, currency: 'CNY' },
  });
  if (status !== 200) return { statusCode: 502 };
  const pay_url: string = data.code_url;
  await documents.send(
    new UpdateCommand({
      TableName: TABLE_NAME,
      Key,
      UpdateExpression: 'SET pay_url = :page',
      ExpressionAttributeValues: { ':page': pay_url },
    }),
  );
  return {
    statusCode: 201,
    body: JSON.stringify({ code: 0, msg: '成功', data: { order_no, pay_url } }),
  };
}
