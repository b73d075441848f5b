import { parseAlipayDocument } from '../../config/alipay.ts';
import { receiveFlatCallback } from '../flat-callback.ts';
import type { FromDocument, ProviderFace, Receivers } from '../provider.ts';
import { alipayFacts } from './facts.ts';
import { createAlipayGateway } from './gateway.ts';
import { alipayFlatStatuses, receiveAlipayNotification } from './notification.ts';

const { limits, currencies } = alipayFacts;

export const receiveAlipay: FromDocument<Receivers> = () => (document) => {
  const config = parseAlipayDocument(document);
  const { merchant, callbackKeys: keys } = config;
  return {
    native: receiveAlipayNotification(config),
    flat: receiveFlatCallback({
      provider: 'alipay',
      merchant,
      keys,
      statuses: alipayFlatStatuses,
      currencies,
    }),
  };
};

export const alipay: ProviderFace = {
  name: 'alipay',
  facts: alipayFacts,
  receive: receiveAlipay,
  open:
    ({ io, publicUrl }) =>
    (document) => {
      const config = parseAlipayDocument(document);
      const gateway = createAlipayGateway(config, io, `${publicUrl}/api/pay/callback/alipay`);
      return { provider: 'alipay', name: config.merchant, appid: null, limits, gateway };
    },
};
