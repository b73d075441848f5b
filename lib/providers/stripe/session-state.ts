import type Stripe from 'stripe';
import type { PaymentEvent } from '../../orders/event.ts';
import { unusableAnswer } from './call-error.ts';
import { isPaid } from './session-event.ts';

/**
 * What became of a session; null while it can still be paid, or waits for an asynchronous payment. Whether such a
 * payment has failed only its payment intent tells, which then asks for another payment method, in vain: the session
 * that it belongs to is complete.
 * @throws what Stripe's client throws, and ProviderCallError or MalformedMessageError for a state that is unknown
 */
export async function sessionState(
  stripe: Stripe,
  session: Stripe.Checkout.Session,
): Promise<PaymentEvent['type'] | null> {
  switch (session.status) {
    case 'open':
      return null;
    case 'expired':
      return 'closed';
    case 'complete':
      if (isPaid(session.payment_status)) return 'succeeded';
      return (await hasFailed(stripe, session.payment_intent)) ? 'failed' : null;
    default:
      throw unusableAnswer('status');
  }
}

async function hasFailed(
  stripe: Stripe,
  intent: Stripe.Checkout.Session['payment_intent'],
): Promise<boolean> {
  if (typeof intent !== 'string') throw unusableAnswer('payment_intent');
  const { status } = await stripe.paymentIntents.retrieve(intent);
  return status === 'requires_payment_method' || status === 'canceled';
}
