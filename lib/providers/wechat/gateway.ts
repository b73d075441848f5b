import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../../orders/provider-gateway.ts';
import { closePayment } from './close.ts';
import { createPayment } from './create-payment.ts';
import { jsapiParameters } from './jsapi-parameters.ts';
import { queryPayment } from './query.ts';
import { queryRefund, requestRefund } from './refund.ts';

/** What can be asked of WeChat Pay, which reaches us at `publicUrl`. */
export function createWechatGateway(config: WechatConfig, io: Io, publicUrl: string): ProviderGateway {
  return {
    clientParameters: ({ appid }, page) =>
      isAddress(page)
        ? { pay_url: page }
        : jsapiParameters({ ...config, appid: appid ?? config.appid }, io, page),
    createPayment: (request) => createPayment(config, io, publicUrl, request),
    query: (payment) => queryPayment(config, io, payment),
    close: (payment) => closePayment(config, io, payment),
    refund: (request) => requestRefund(config, io, `${publicUrl}/v2/payments/notify`, request),
    queryRefund: (request) => queryRefund(config, io, request),
  };
}

/** A code_url, and no prepay_id. */
const isAddress = (page: string): boolean => page.includes('://');
