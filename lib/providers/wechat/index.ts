import { parseWechatDocument } from '../../config/wechat.ts';
import { receiveFlatCallback } from '../flat-callback.ts';
import type { FromDocument, ProviderFace, Receivers } from '../provider.ts';
import { createPlatformCertificates } from './certificates.ts';
import { wechatFacts } from './facts.ts';
import { createWechatGateway } from './gateway.ts';
import { receiveWechatNotification, wechatFlatStatuses } from './notification.ts';

const { limits, currencies } = wechatFacts;

export const receiveWechat: FromDocument<Receivers> = ({ io }) => {
  const withPlatformCertificates = createPlatformCertificates(io);
  return (document) => {
    const config = withPlatformCertificates(parseWechatDocument(document));
    const { mchid: merchant, callbackKeys: keys } = config;
    return {
      native: receiveWechatNotification(config, io.now),
      flat: receiveFlatCallback({
        provider: 'wechat',
        merchant,
        keys,
        statuses: wechatFlatStatuses,
        currencies,
      }),
    };
  };
};

export const wechat: ProviderFace = {
  name: 'wechat',
  facts: wechatFacts,
  receive: receiveWechat,
  open: ({ io, publicUrl }) => {
    const withPlatformCertificates = createPlatformCertificates(io);
    return (document) => {
      const config = withPlatformCertificates(parseWechatDocument(document));
      const { mchid: name, appid } = config;
      const gateway = createWechatGateway(config, io, publicUrl);
      return { provider: 'wechat', name, appid, limits, gateway };
    };
  },
};
