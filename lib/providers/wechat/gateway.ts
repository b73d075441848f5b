import type { WechatConfig } from '../../config/wechat.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../provider.ts';
import { closePayment } from './close.ts';
import { queryPayment } from './query.ts';
import { queryRefund, requestRefund } from './refund.ts';

/** What can be asked of WeChat Pay. `refundNotifyUrl`, without a query, is told what becomes of a refund. */
export function createWechatGateway(config: WechatConfig, io: Io, refundNotifyUrl: string): ProviderGateway {
  return {
    query: (payment) => queryPayment(config, io, payment),
    close: (payment) => closePayment(config, io, payment),
    refund: (request) => requestRefund(config, io, refundNotifyUrl, request),
    queryRefund: (request) => queryRefund(config, io, request),
  };
}
