import { parseStripeDocument, type StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { ProviderGateway } from '../../orders/provider-gateway.ts';
import type { ProviderFace } from '../provider.ts';
import { stripeFacts } from './facts.ts';
import { receiveStripe } from './message.ts';

export const stripe = {
  name: 'stripe',
  facts: stripeFacts,
  parseDocument: parseStripeDocument,
  receive: receiveStripe,
  open:
    ({ io }) =>
    (document) => {
      const config = parseStripeDocument(document);
      const { limits } = stripeFacts;
      const gateway = createLazyGateway(config, io);
      const { merchant: name, former } = config;
      return { provider: 'stripe', name, former, appids: [], limits, gateway };
    },
} as const satisfies ProviderFace;

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
    repairRefund: async () => ({ state: 'unsupported' }),
    reportShipping: async () => ({ state: 'unsupported' }),
  };
}

/** The number of the account that a secret key opens, as Stripe says. @throws what its client throws */
export async function findStripeAccount(config: StripeConfig, io: Pick<Io, 'fetch'>): Promise<string> {
  const { createStripeClient } = await import('./client.ts');
  const { id } = await createStripeClient(config, io).accounts.retrieveCurrent();
  return id;
}
