import type Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { CreatedPayment, PaymentReference, PaymentRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import { createStripeClient, STRIPE_TIMEOUT_MS, toCallError, unusableAnswer } from './client.ts';

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

const PAGE_SIZE = 100;
const MAX_PAGES = 10;
/** Between Stripe's clock and ours. */
const CLOCK_SKEW_S = 300;
/** Most sessions are made as soon as their payment is begun: they are looked for there first. */
const USUAL_DELAY_S = 600;

/**
 * The session of a payment, by the id that was kept of it, or found; null when there surely is none.
 * @throws as `findSession`, and ProviderCallError when the id is another payment's
 */
export async function sessionOf(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  payment: PaymentReference,
): Promise<Stripe.Checkout.Session | null> {
  const id = payment.handed_out?.id ?? null;
  if (id === null) return findSession(stripe, io, payment);
  const session = await stripe.checkout.sessions.retrieve(id);
  if (session.id !== id) throw unusableAnswer('id');
  if (session.client_reference_id !== payment.payment_no) throw unusableAnswer('client_reference_id');
  return session;
}

type Sought = Pick<PaymentReference, 'payment_no' | 'begun_at' | 'expires_at'>;

/**
 * The session of a payment among those made in its time, since Stripe cannot be asked for one by its reference; null
 * when there surely is none. All pages together take no longer than one call may.
 * @throws Error when Stripe fails or there are too many to look through
 */
async function findSession(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  { payment_no, begun_at, expires_at }: Sought,
): Promise<Stripe.Checkout.Session | null> {
  const deadline = io.now() + STRIPE_TIMEOUT_MS;
  const [from, until] = [toSeconds(begun_at), toSeconds(expires_at)];
  const usual = from + USUAL_DELAY_S;
  const remaining = () => ({ timeout: Math.max(1, deadline - io.now()) });
  return (
    (await findIn(stripe, { gte: from - CLOCK_SKEW_S, lt: usual }, payment_no, remaining)) ??
    (await findIn(stripe, { gte: usual, lte: until + CLOCK_SKEW_S }, payment_no, remaining))
  );
}

async function findIn(
  stripe: Stripe,
  created: Stripe.RangeQueryParam,
  payment_no: string,
  remaining: () => Stripe.RequestOptions,
): Promise<Stripe.Checkout.Session | null> {
  let starting_after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more } = await stripe.checkout.sessions.list(
      { created, limit: PAGE_SIZE, ...(starting_after !== undefined && { starting_after }) },
      remaining(),
    );
    const session = data.find(({ client_reference_id }) => client_reference_id === payment_no);
    if (session) return session;
    if (has_more === false) return null;
    starting_after = data.at(-1)?.id;
  }
  throw new Error('too many sessions to look through');
}

const toSeconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
