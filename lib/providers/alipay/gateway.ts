import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import type { CreatedPayment, PaymentRequest, ProviderGateway } from '../../orders/provider-gateway.ts';
import { closeTrade } from './close.ts';
import { alipayPagePay } from './page-pay.ts';
import { queryTrade } from './query.ts';
import { queryRefund, requestRefund } from './refund.ts';

/** What can be asked of Alipay. `notifyUrl`, without a query, is told what becomes of a payment. */
export function createAlipayGateway(
  config: AlipayConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  notifyUrl: string,
): ProviderGateway {
  return {
    clientParameters: (_payment, pay_url) => ({ pay_url }),
    createPayment: async (request) => createPayment(config, notifyUrl, request),
    query: (payment) => queryTrade(config, io, payment),
    close: (payment) => closeTrade(config, io, payment),
    refund: (request) => requestRefund(config, io, request),
    queryRefund: (request) => queryRefund(config, io, request),
  };
}

/** Alipay is not asked: the page is computed, whenever it is wanted, and too long to be kept. */
function createPayment(config: AlipayConfig, notifyUrl: string, request: PaymentRequest): CreatedPayment {
  return {
    outcome: 'created',
    page: alipayPagePay(config, notifyUrl, request),
    handed_out: { page: null, id: null, good_until: request.expires_at },
  };
}
