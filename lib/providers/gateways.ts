import { parseAlipayDocument } from '../config/alipay.ts';
import { createDocumentLoader, type DocumentSource } from '../config/documents.ts';
import { parseStripeDocument } from '../config/stripe.ts';
import type { Io } from '../io.ts';
import type { Provider } from '../orders/order.ts';
import { createAlipayGateway } from './alipay/gateway.ts';
import type { ProviderGateway } from './provider.ts';
import { createWechatGatewayLoader } from './wechat/gateway-loader.ts';

export type LoadGateway = (provider: Provider) => Promise<ProviderGateway>;

/** What can be asked of each provider, under its document. `wechatNotifyUrl` is told what becomes of refunds. */
export function createGatewayLoader(documents: DocumentSource, io: Io, wechatNotifyUrl: string): LoadGateway {
  const gateways: Readonly<Record<Provider, () => Promise<ProviderGateway>>> = {
    wechat: createWechatGatewayLoader(documents, io, wechatNotifyUrl),
    alipay: createDocumentLoader(documents, 'alipay', (document) =>
      createAlipayGateway(parseAlipayDocument(document), io),
    ),
    stripe: createStripeGatewayLoader(documents, io),
  };
  return (provider) => gateways[provider]();
}

/** Stripe's package takes longer to load than all the rest: it is loaded when a payment of Stripe's is asked about. */
function createStripeGatewayLoader(documents: DocumentSource, io: Io): () => Promise<ProviderGateway> {
  const loadConfig = createDocumentLoader(documents, 'stripe', parseStripeDocument);
  return async () => {
    const [config, { createStripeGateway }] = await Promise.all([
      loadConfig(),
      import('./stripe/gateway.ts'),
    ]);
    return createStripeGateway(config, io);
  };
}
