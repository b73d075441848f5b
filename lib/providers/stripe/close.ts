import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { CloseAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { unusableAnswer } from './call-error.ts';
import { createStripeClient } from './client.ts';
import { sessionOf } from './find-session.ts';
import { sessionState } from './session-state.ts';

/**
 * Expires a payment's session. One whose payment has failed is complete, and takes no other. Where there is none, one
 * may still appear, for the outcome of its creation can be unknown.
 */
export async function closeSession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentReference,
): Promise<CloseAnswer> {
  const stripe = createStripeClient(config, io);
  const session = await sessionOf(stripe, io, payment);
  if (!session) return 'absent';
  const current = session.status === 'open' ? await expire(stripe, session.id) : session;
  if (current.id !== session.id) throw unusableAnswer('id');
  const state = await sessionState(stripe, current);
  return state === 'closed' || state === 'failed' ? 'closed' : 'not_closed';
}

/** Under no key of ours: a repeat does no harm, and a key that is kept would repeat a failure for a day. */
async function expire(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session> {
  try {
    return await stripe.checkout.sessions.expire(id);
  } catch (error) {
    // It was paid or expired meanwhile.
    if (error instanceof Stripe.errors.StripeInvalidRequestError)
      return stripe.checkout.sessions.retrieve(id);
    throw error;
  }
}
