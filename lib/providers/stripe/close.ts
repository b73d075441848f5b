import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { CloseAnswer, PaymentReference } from '../provider.ts';
import { unusableAnswer } from './call-error.ts';
import { createStripeClient } from './client.ts';
import { findSession } from './find-session.ts';
import { sessionState } from './session-state.ts';

/**
 * Expires an order's session. Where there is none, one may still appear, for the outcome of its creation can be
 * unknown; past the time at which it would expire by itself it is closed.
 */
export async function closeSession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentReference,
): Promise<CloseAnswer> {
  // Read first, as the answer may be older than the time at which it is read.
  const isExpired = Date.parse(payment.expires_at) <= io.now();
  const stripe = createStripeClient(config, io);
  const session = await findSession(stripe, io, payment);
  if (!session) return isExpired ? 'closed' : 'not_closed';
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
