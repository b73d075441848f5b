import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type AlipaySecret, createAlipayClient } from './alipay-client.ts';
import { bodyText } from './body.ts';
import { readSecret } from './secret.ts';
import { settle } from './settle.ts';

const secret = readSecret<AlipaySecret>('alipay').then(createAlipayClient);

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const alipay = await secret;
  const fields = Object.fromEntries(new URLSearchParams(bodyText(event)));
  if (!alipay.checkNotifySignV2(fields)) return { statusCode: 401, body: 'fail' };
  const { trade_status, trade_no = '', out_trade_no = '', total_amount = '' } = fields;
  if (trade_status !== 'TRADE_SUCCESS') return { statusCode: 200, body: 'success' };
  const amount = Math.round(Number(total_amount) * 100);
  await settle({ transaction_id: trade_no, order_no: out_trade_no, amount }, context);
  return { statusCode: 200, body: 'success' };
}
