import type { AlipayConfig } from '../../config/alipay.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../provider.ts';
import { closeTrade } from './close.ts';
import { queryTrade } from './query.ts';
import { queryRefund, requestRefund } from './refund.ts';

/** What can be asked of Alipay. */
export function createAlipayGateway(config: AlipayConfig, io: Pick<Io, 'fetch' | 'now'>): ProviderGateway {
  return {
    query: (payment) => queryTrade(config, io, payment),
    close: (payment) => closeTrade(config, io, payment),
    refund: (request) => requestRefund(config, io, request),
    queryRefund: (request) => queryRefund(config, io, request),
  };
}
