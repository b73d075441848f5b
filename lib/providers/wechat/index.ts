import { parseWechatDocument } from '../../config/wechat.ts';
import type { ProviderFace } from '../provider.ts';
import { createPlatformCertificates } from './certificates.ts';
import { wechatFacts } from './facts.ts';
import { createWechatGateway } from './gateway.ts';
import { receiveWechat } from './message.ts';

export const wechat = {
  name: 'wechat',
  facts: wechatFacts,
  parseDocument: parseWechatDocument,
  receive: receiveWechat,
  open: ({ io, publicUrl }) => {
    const withPlatformCertificates = createPlatformCertificates(io);
    return (document) => {
      const config = withPlatformCertificates(parseWechatDocument(document));
      const { mchid: name, appid } = config;
      const gateway = createWechatGateway(config, io, publicUrl);
      return { provider: 'wechat', name, appid, limits: wechatFacts.limits, gateway };
    };
  },
} as const satisfies ProviderFace;
