import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { WechatRequest } from './exchange.ts';
import { requestWechat, unusableAnswer } from './request.ts';
import { signLines } from './sign.ts';
import { type TransactionRequest, transactionFields } from './transaction.ts';

export interface JsapiPrepayRequest extends TransactionRequest {
  /** The payer's, in the app that the document names. */
  readonly openid: string;
}

/** What a mini-program hands to `wx.requestPayment`, with the app's id. */
export interface JsapiParameters {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly timeStamp: string;
  readonly nonceStr: string;
  readonly package: string;
  readonly signType: 'RSA';
  readonly paySign: string;
}

/** A prepay_id, good for 2 h. @throws ProviderCallError */
export async function createJsapiPrepay(
  config: WechatConfig,
  io: Io,
  { openid, ...transaction }: JsapiPrepayRequest,
): Promise<string> {
  const request: WechatRequest = {
    method: 'POST',
    path: '/v3/pay/transactions/jsapi',
    body: { ...transactionFields(config, transaction), payer: { openid } },
  };
  const prepayId = (await requestWechat(config, io, request))?.prepay_id;
  if (typeof prepayId !== 'string' || !/^[!-~]{1,64}$/.test(prepayId))
    throw unusableAnswer(request, 'prepay_id');
  return prepayId;
}

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
