import type WxPay from 'wechatpay-node-v3';
import { PayRequest } from 'wechatpay-node-v3/dist/lib/pay-request.js';
import { readSecret } from './secret.ts';
import { createWechatClient, type WechatSecret } from './wechat-client.ts';

interface CalledSecret extends WechatSecret {
  /** Where WeChat Pay is called. */
  readonly base_url: string;
}

/** A client that calls the secret's address: the package knows WeChat Pay's own alone, but lets others send for it. */
export const readWechatClient = (): Promise<WxPay> =>
  readSecret<CalledSecret>('wechat').then((secret) => {
    const pay = createWechatClient(secret);
    const http = new PayRequest();
    const at = (url: string) => url.replace('https://api.mch.weixin.qq.com', secret.base_url);
    pay.createHttp({
      get: (url, headers) => http.get(at(url), headers),
      post: (url, body, headers) => http.post(at(url), body, headers),
      upload: (url, body, headers) => http.upload(at(url), body, headers),
    });
    return pay;
  });
