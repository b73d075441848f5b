import * as z from 'zod/mini';
import type { WechatCounterpart } from '../../documents.ts';
import { rsaVerify } from '../rsa.ts';

const parameters = z.object({
  appId: z.string(),
  timeStamp: z.string(),
  nonceStr: z.string(),
  package: z.string(),
  paySign: z.string(),
});

/**
 * Whether WeChat would let the mini-program pay with these parameters: RSA-SHA256 over
 * `appId\ntimeStamp\nnonceStr\nprepay_id=…\n` (pay.weixin.qq.com, "小程序调起支付"). Null when nobody here has the key.
 */
export function verifyPaySign(
  value: unknown,
  counterpart: WechatCounterpart | null,
): { verified: boolean | null } {
  if (!counterpart) return { verified: null };
  const { data } = parameters.safeParse(value);
  if (!data) return { verified: false };
  const text = `${data.appId}\n${data.timeStamp}\n${data.nonceStr}\n${data.package}\n`;
  return { verified: rsaVerify(text, data.paySign, counterpart.merchantPublicKey) };
}
