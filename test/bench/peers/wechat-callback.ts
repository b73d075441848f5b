import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { bodyText } from './body.ts';
import { readSecret } from './secret.ts';
import { settle } from './settle.ts';
import { createWechatClient, type WechatSecret } from './wechat-client.ts';

interface Transaction {
  readonly transaction_id: string;
  readonly out_trade_no: string;
  readonly trade_state: string;
  readonly amount: { readonly total: number };
}

const secret = readSecret<WechatSecret>('wechat').then((document) => ({
  pay: createWechatClient(document),
  apiv3_key: document.apiv3_key,
}));

export async function handler(
  event: APIGatewayProxyEventV2,
  context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { pay, apiv3_key } = await secret;
  const body = bodyText(event);
  const header = (name: string) => event.headers[`wechatpay-${name}`] ?? '';
  const isGenuine = await pay.verifySign({
    timestamp: header('timestamp'),
    nonce: header('nonce'),
    serial: header('serial'),
    signature: header('signature'),
    body,
    apiSecret: apiv3_key,
  });
  if (!isGenuine) return { statusCode: 401 };
  const { ciphertext, associated_data, nonce } = JSON.parse(body).resource;
  const transaction = pay.decipher_gcm<Transaction>(ciphertext, associated_data, nonce, apiv3_key);
  if (transaction.trade_state !== 'SUCCESS') return { statusCode: 204 };
  const { transaction_id, out_trade_no, amount } = transaction;
  await settle({ transaction_id, order_no: out_trade_no, amount: amount.total }, context);
  return { statusCode: 200 };
}
