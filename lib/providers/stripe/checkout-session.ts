import type Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { ProviderCallError } from '../errors.ts';
import type { CheckoutRequest } from '../provider.ts';
import { toCallError } from './call-error.ts';
import { createStripeClient } from './client.ts';
import { findSession } from './find-session.ts';

export interface CheckoutSessionRequest extends CheckoutRequest {
  /** ISO 8601; no session of this order is older. */
  readonly created_at: string;
  /** Counts the creations that Stripe is known to have failed. */
  readonly attempt: number;
}

export type CheckoutSessionResult =
  | { readonly outcome: 'created'; readonly pay_url: string }
  /** Stripe failed and holds no session of this order; only the raised `attempt` can make one. */
  | { readonly outcome: 'not_created'; readonly attempt: number };

/**
 * Makes the Checkout Session of an order, or finds the one it has. The idempotency key is kept while the outcome of
 * a call is unknown, so that a repeat cannot make a second session. Stripe would replay a 5xx under the same key for
 * a day: after one the sessions are searched, and only if there is none may the attempt be raised. Stripe refuses an
 * `expires_at` less than 30 min away.
 * @throws ProviderCallError
 */
export async function createCheckoutSession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  request: CheckoutSessionRequest,
): Promise<CheckoutSessionResult> {
  const stripe = createStripeClient(config, io);
  const idempotencyKey = `${request.order_no}:${request.attempt}`;
  let session: Stripe.Checkout.Session | null;
  try {
    session = await stripe.checkout.sessions.create(sessionParameters(config, request), { idempotencyKey });
  } catch (error) {
    const failure = toCallError(error);
    if (failure.status === null || failure.status < 500) throw failure;
    session = await findSession(stripe, io, request).catch(() => {
      throw failure;
    });
  }
  if (!session) return { outcome: 'not_created', attempt: request.attempt + 1 };
  return { outcome: 'created', pay_url: payUrl(session, request) };
}

function sessionParameters(
  { successUrl, cancelUrl }: StripeConfig,
  { order_no, amount, currency, description, expires_at }: CheckoutSessionRequest,
): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    client_reference_id: order_no,
    metadata: { order_no },
    payment_intent_data: { metadata: { order_no } },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: amount,
          product_data: { name: description },
        },
      },
    ],
    expires_at: Math.floor(Date.parse(expires_at) / 1000),
    success_url: successUrl,
    cancel_url: cancelUrl,
  };
}

function payUrl(session: Stripe.Checkout.Session, request: CheckoutSessionRequest): string {
  if (
    session.client_reference_id !== request.order_no ||
    session.amount_total !== request.amount ||
    session.currency !== request.currency.toLowerCase()
  ) {
    throw new ProviderCallError('stripe', null, 'the session is for another order, amount or currency');
  }
  if (typeof session.url !== 'string') {
    throw new ProviderCallError('stripe', null, 'the session takes no payment any more');
  }
  return session.url;
}
