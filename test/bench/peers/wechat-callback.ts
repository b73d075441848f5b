import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import WxPay from 'wechatpay-node-v3';
import { bodyText } from './body.ts';
import { readSecret } from './secret.ts';
import { settle } from './settle.ts';

interface WechatSecret {
  readonly appid: string;
  readonly mchid: string;
  readonly serial_no: string;
  readonly private_key: string;
  readonly apiv3_key: string;
  readonly public_keys: Readonly<Record<string, string>>;
}

interface Transaction {
  readonly transaction_id: string;
  readonly out_trade_no: string;
  readonly trade_state: string;
  readonly amount: { readonly total: number };
}

const secret = readSecret<WechatSecret>('wechat').then((document) => {
  const { appid, mchid, serial_no, private_key, apiv3_key, public_keys } = document;
  // Spares the package the download of WeChat Pay's keys, for which it has no option.
  Object.assign(WxPay, { certificates: public_keys });
  const pay = new WxPay({
    appid,
    mchid,
    serial_no,
    publicKey: Buffer.from(Object.values(public_keys)[0] ?? ''),
    privateKey: Buffer.from(private_key),
    key: apiv3_key,
  });
  return { pay, apiv3_key };
});

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
