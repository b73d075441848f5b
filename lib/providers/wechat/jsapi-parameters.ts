import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import { signLines } from './sign.ts';

/** What a mini-program hands to `wx.requestPayment`, with the app's id. */
export type JsapiParameters = {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
};

/** Fresh parameters for a prepay_id; `signType` is no part of what is signed (docs: products/jsapi-payment). */
export function jsapiParameters(
  { appid, privateKey }: Pick<WechatConfig, 'appid' | 'privateKey'>,
  io: Pick<Io, 'now' | 'randomBytes'>,
  prepayId: string,
): JsapiParameters {
  const timeStamp = String(Math.floor(io.now() / 1000));
  const nonceStr = io.randomBytes(16).toString('hex');
  const prepay = `prepay_id=${prepayId}`;
  const paySign = signLines({ privateKey }, [appid, timeStamp, nonceStr, prepay]);
  return { appId: appid, timeStamp, nonceStr, package: prepay, signType: 'RSA', paySign };
}
