import { AlipaySdk } from 'alipay-sdk';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { bodyText } from './body.ts';
import { readSecret } from './secret.ts';
import { settle } from './settle.ts';

interface AlipaySecret {
  readonly app_id: string;
  readonly private_key: string;
  readonly alipay_public_key: string;
}

const secret = readSecret<AlipaySecret>('alipay').then(
  ({ app_id, private_key, alipay_public_key }) =>
    new AlipaySdk({
      appId: app_id,
      privateKey: bareKey(private_key),
      alipayPublicKey: bareKey(alipay_public_key),
      keyType: 'PKCS8',
    }),
);

/** The package puts the lines around a key itself. */
function bareKey(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s/g, '');
}

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
