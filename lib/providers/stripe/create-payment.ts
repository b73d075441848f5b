import type Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { CreatedPayment, PaymentRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import { toCallError, unusableAnswer } from './call-error.ts';
import { createStripeClient } from './client.ts';
import { findSession, sessionOf } from './find-session.ts';

/**
 * Makes the Checkout Session of a payment, or finds the one it has: the one whose id was kept, if any. Stripe refuses
 * an `expires_at` less than 30 min away.
 * @throws what Stripe's client throws, and ProviderCallError
 */
export async function createPayment(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentRequest,
): Promise<CreatedPayment> {
  const stripe = createStripeClient(config, io);
  const isKept = payment.handed_out !== null && payment.handed_out.id !== null;
  const session = await (isKept
    ? sessionOf(stripe, io, payment)
    : createSession(stripe, io, config, payment));
  if (!session) return { outcome: 'not_created', attempt: payment.attempt + 1 };
  return toCreatedPayment(session, payment);
}

/**
 * The idempotency key is kept while the outcome of a call is unknown, so that a repeat cannot make a second session.
 * Stripe would replay a 5xx under the same key for a day: after one the sessions are searched, and only if there is
 * none may the attempt be raised. A success that is replayed says how the session was when it was made: it is looked
 * at again.
 */
async function createSession(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  config: StripeConfig,
  payment: PaymentRequest,
): Promise<Stripe.Checkout.Session | null> {
  const idempotencyKey = `${payment.payment_no}:${payment.attempt}`;
  let made: Stripe.Response<Stripe.Checkout.Session>;
  try {
    made = await stripe.checkout.sessions.create(sessionParameters(config, payment), { idempotencyKey });
  } catch (error) {
    const failure = toCallError(error);
    if (failure.status === null || failure.status < 500) throw failure;
    return findSession(stripe, io, payment).catch(() => {
      throw failure;
    });
  }
  // The package says that these are an object; they are what `fetch` gave.
  const isReplayed = new Headers(made.lastResponse.headers).get('idempotent-replayed') === 'true';
  return isReplayed ? stripe.checkout.sessions.retrieve(made.id) : made;
}

/** Stripe's metadata calls the payment's number so. */
function sessionParameters(
  { successUrl, cancelUrl }: StripeConfig,
  { payment_no: order_no, amount, currency, description, expires_at }: PaymentRequest,
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

/** A session that was paid, failed or expired takes no payment any more. */
function toCreatedPayment(session: Stripe.Checkout.Session, payment: PaymentRequest): CreatedPayment {
  const { id, status, url } = session;
  if (
    session.client_reference_id !== payment.payment_no ||
    session.amount_total !== payment.amount ||
    session.currency !== payment.currency.toLowerCase()
  ) {
    throw new ProviderCallError('stripe', null, 'the session is for another payment, amount or currency');
  }
  if (status === 'complete' || status === 'expired') return { outcome: 'over' };
  if (status !== 'open') throw unusableAnswer('status');
  if (typeof id !== 'string') throw unusableAnswer('id');
  if (typeof url !== 'string') throw unusableAnswer('url');
  return { outcome: 'created', page: url, handed_out: { page: null, id, good_until: payment.expires_at } };
}
