import { parseAlipayDocument } from '../../config/alipay.ts';
import { callbackPath, type ProviderFace } from '../provider.ts';
import { alipayFacts } from './facts.ts';
import { createAlipayGateway } from './gateway.ts';
import { receiveAlipay } from './message.ts';

export const alipay = {
  name: 'alipay',
  facts: alipayFacts,
  parseDocument: parseAlipayDocument,
  receive: receiveAlipay,
  open:
    ({ io, publicUrl, tenant_id }) =>
    (document) => {
      const config = parseAlipayDocument(document);
      const { merchant: name, former } = config;
      const gateway = createAlipayGateway(config, io, publicUrl + callbackPath('alipay', tenant_id));
      return { provider: 'alipay', name, former, appids: [], limits: alipayFacts.limits, gateway };
    },
} as const satisfies ProviderFace;
