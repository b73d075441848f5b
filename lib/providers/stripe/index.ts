import { parseStripeDocument, type StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../../orders/provider-gateway.ts';
import type { FromDocument, ProviderFace, Receivers } from '../provider.ts';
import { stripeFacts } from './facts.ts';
import { receiveStripeNotification } from './notification.ts';

export const receiveStripe: FromDocument<Receivers> =
  ({ io, orderPrefix }) =>
  (document) => {
    // The header signs both forms alike; the body says which it is.
    const receive = receiveStripeNotification(parseStripeDocument(document), io.now, orderPrefix);
    return { native: receive, flat: receive };
  };

export const stripe: ProviderFace = {
  name: 'stripe',
  facts: stripeFacts,
  receive: receiveStripe,
  open:
    ({ io }) =>
    (document) => {
      const config = parseStripeDocument(document);
      const { limits } = stripeFacts;
      const gateway = createLazyGateway(config, io);
      return { provider: 'stripe', name: config.merchant, appid: null, limits, gateway };
    },
};

/** Stripe's package takes longer to load than all the rest: it is loaded when Stripe is first asked. */
function createLazyGateway(config: StripeConfig, io: Io): ProviderGateway {
  const load = async () => (await import('./gateway.ts')).createStripeGateway(config, io);
  return {
    clientParameters: (_payment, pay_url) => ({ pay_url }),
    createPayment: async (request) => (await load()).createPayment(request),
    query: async (payment) => (await load()).query(payment),
    close: async (payment) => (await load()).close(payment),
    refund: async (request) => (await load()).refund(request),
    queryRefund: async (request) => (await load()).queryRefund(request),
  };
}
