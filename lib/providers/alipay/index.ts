import { parseAlipayDocument } from '../../config/alipay.ts';
import type { ProviderFace } from '../provider.ts';
import { alipayFacts } from './facts.ts';
import { createAlipayGateway } from './gateway.ts';
import { receiveAlipay } from './message.ts';

export const alipay = {
  name: 'alipay',
  facts: alipayFacts,
  parseDocument: parseAlipayDocument,
  receive: receiveAlipay,
  open:
    ({ io, publicUrl }) =>
    (document) => {
      const config = parseAlipayDocument(document);
      const gateway = createAlipayGateway(config, io, `${publicUrl}/api/pay/callback/alipay`);
      return { provider: 'alipay', name: config.merchant, appid: null, limits: alipayFacts.limits, gateway };
    },
} as const satisfies ProviderFace;
