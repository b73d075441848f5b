import { parseAlipayDocument } from '../config/alipay.ts';
import { createDocumentLoader, type ReadDocument } from '../config/documents.ts';
import { parseStripeDocument } from '../config/stripe.ts';
import type { Io } from '../io.ts';
import type { Provider } from '../orders/order.ts';
import { createAlipayGateway } from './alipay/gateway.ts';
import type { ProviderGateway } from './provider.ts';
import { createWechatGatewayLoader } from './wechat/gateway-loader.ts';

export type LoadGateway = (provider: Provider) => Promise<ProviderGateway>;

/** What can be asked of each provider, under its document. `wechatNotifyUrl` is told what becomes of refunds. */
export function createGatewayLoader(read: ReadDocument, io: Io, wechatNotifyUrl: string): LoadGateway {
  const gateways: Readonly<Record<Provider, () => Promise<ProviderGateway>>> = {
    wechat: createWechatGatewayLoader(read, io, wechatNotifyUrl),
    alipay: createDocumentLoader(read, 'alipay', (document) =>
      createAlipayGateway(parseAlipayDocument(document), io),
    ),
    stripe: createStripeGatewayLoader(read, io),
  };
  return (provider) => gateways[provider]();
}

/** Stripe's package takes longer to load than all the rest: it is loaded when a payment of Stripe's is asked about. */
function createStripeGatewayLoader(read: ReadDocument, io: Io): () => Promise<ProviderGateway> {
  const loadConfig = createDocumentLoader(read, 'stripe', parseStripeDocument);
  return async () => {
    const [config, { createStripeGateway }] = await Promise.all([
      loadConfig(),
      import('./stripe/gateway.ts'),
    ]);
    return createStripeGateway(config, io);
  };
}
