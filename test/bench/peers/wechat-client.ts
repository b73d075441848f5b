import WxPay from 'wechatpay-node-v3';

export interface WechatSecret {
  readonly appid: string;
  readonly mchid: string;
  readonly serial_no: string;
  readonly private_key: string;
  readonly apiv3_key: string;
  readonly public_keys: Readonly<Record<string, string>>;
}

/** It takes its keys as text only, and downloads WeChat Pay's unless they are put where it keeps them. */
export function createWechatClient(secret: WechatSecret): WxPay {
  const { appid, mchid, serial_no, private_key, apiv3_key, public_keys } = secret;
  Object.assign(WxPay, { certificates: public_keys });
  return new WxPay({
    appid,
    mchid,
    serial_no,
    publicKey: Buffer.from(Object.values(public_keys)[0] ?? ''),
    privateKey: Buffer.from(private_key),
    key: apiv3_key,
  });
}
