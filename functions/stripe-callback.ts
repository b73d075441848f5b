import { createCallback } from '../lib/http/callback.ts';
import { callbackForms } from '../lib/http/callback-form.ts';
import { receiveStripe } from '../lib/providers/stripe/message.ts';
import { type Runtime, start } from '../lib/runtime.ts';
import { withDeadline } from '../lib/store/client.ts';
import { createOrderStore } from '../lib/store/order-store.ts';

/** POST /api/pay/callback/stripe: the provider's own message, or the flat body of a relay. */
export const create = (runtime: Runtime) =>
  createCallback(runtime, {
    provider: 'stripe',
    findReceiver: runtime.receivers('stripe', receiveStripe),
    chooseForm: callbackForms.stripe,
    openStore: () => createOrderStore(withDeadline(runtime.store)),
  });

export const handler = start('stripe-callback', create);
