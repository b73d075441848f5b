import { Aes, Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin';
import type { Bench, ReceivedMessage } from './bench.ts';

export interface WechatAnswer {
  readonly status: number;
  readonly data: Record<string, unknown>;
}

/** A merchant of WeChat's at the bench, whose client is not ours: it signs requests and verifies the answers. */
export function createWechatMerchant({ url, publicUrl, counterparts }: Bench) {
  const { document } = counterparts.wechat;
  const client = (changes: object = {}) =>
    new Wechatpay({
      baseURL: `${url}/wechat`,
      mchid: document.mchid,
      serial: document.serial_no,
      privateKey: document.private_key,
      certs: { ...document.public_keys },
      ...changes,
    });

  const jsapi = (out_trade_no: string, changes: object = {}) => ({
    appid: document.appid,
    mchid: document.mchid,
    description: '鞋 "42"',
    out_trade_no,
    notify_url: `${publicUrl}/v2/payments/notify`,
    time_expire: new Date(Date.now() + 7_200_000).toISOString(),
    amount: { total: 1234, currency: 'CNY' },
    payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
    ...changes,
  });

  const transaction = (order_no: string) => client().chain(`v3/pay/transactions/out-trade-no/${order_no}`);

  return {
    client,
    jsapi,
    create: (body: object, type = 'jsapi', by = client()) =>
      settled(by.chain(`v3/pay/transactions/${type}`).post(body)),
    query: (order_no: string, mchid = document.mchid) =>
      settled(transaction(order_no).get({ params: { mchid } })),
    close: (order_no: string, mchid = document.mchid) =>
      settled(client().chain(`v3/pay/transactions/out-trade-no/${order_no}/close`).post({ mchid })),
    refund: (body: object) => settled(client().chain('v3/refund/domestic/refunds').post(body)),
    queryRefund: (refund_no: string) =>
      settled(client().chain(`v3/refund/domestic/refunds/${refund_no}`).get()),
    repairRefund: (refund_id: string, body: object) =>
      settled(client().chain(`v3/refund/domestic/refunds/${refund_id}/apply-abnormal-refund`).post(body)),

    isGenuine({ headers, body }: ReceivedMessage): boolean {
      const text = Formatter.response(
        headers['wechatpay-timestamp'] ?? '',
        headers['wechatpay-nonce'] ?? '',
        body,
      );
      const key = document.public_keys[headers['wechatpay-serial'] ?? ''];
      return Rsa.verify(text, headers['wechatpay-signature'] ?? '', key ?? '');
    },

    decrypt({ body }: ReceivedMessage): Record<string, unknown> {
      const { nonce, ciphertext, associated_data } = JSON.parse(body).resource;
      return JSON.parse(Aes.AesGcm.decrypt(ciphertext, document.apiv3_key, nonce, associated_data));
    },
  };
}

export type WechatMerchant = ReturnType<typeof createWechatMerchant>;

/** The answer, whether the client takes it for a success or not. */
export async function settled(call: PromiseLike<unknown>): Promise<WechatAnswer> {
  try {
    return (await call) as WechatAnswer;
  } catch (error) {
    const { response } = error as { response?: WechatAnswer };
    if (!response) throw error;
    return response;
  }
}
