import { parseWechatDocument } from '../../config/wechat.ts';
import type { ProviderFace } from '../provider.ts';
import { withPlatformCertificates } from './certificates.ts';
import { wechatFacts } from './facts.ts';
import { createWechatGateway } from './gateway.ts';
import { receiveWechat } from './message.ts';

export { isTradeManaged } from './shipping.ts';

export const wechat = {
  name: 'wechat',
  facts: wechatFacts,
  parseDocument: parseWechatDocument,
  receive: receiveWechat,
  open:
    ({ io, publicUrl, tenant_id }) =>
    (document) => {
      const config = withPlatformCertificates(parseWechatDocument(document), io);
      const { merchant: name, former, appids } = config;
      const gateway = createWechatGateway(config, io, { publicUrl, tenant_id });
      return { provider: 'wechat', name, former, appids, limits: wechatFacts.limits, gateway };
    },
} as const satisfies ProviderFace;
