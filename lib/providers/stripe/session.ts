import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { CreatedPayment, PaymentReference, PaymentRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../call.ts';
import { createStripeClient, STRIPE_TIMEOUT_MS, toCallError, unusableAnswer } from './client.ts';
import { readSessionPayment } from './fields.ts';

/**
 * Makes the Checkout Session of a payment, or finds the one it has. Stripe refuses an `expires_at` less than 30 min away.
 * @throws what Stripe's client throws, and ProviderCallError
 */
export async function createPayment(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentRequest,
): Promise<CreatedPayment> {
  const stripe = createStripeClient(config, io);
  const id = keptId(payment);
  const session = await (id === null
    ? createSession(stripe, io, config, payment)
    : retrieveSession(stripe, id, payment));
  if (!session) return { outcome: 'not_created', attempt: payment.attempt + 1 };
  return toCreatedPayment(session, payment);
}

const keptId = ({ handed_out }: PaymentReference): string | null => handed_out?.id ?? null;

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
  payment: PaymentReference,
): Promise<Stripe.Checkout.Session | null> {
  const idempotencyKey = `${payment.payment_no}:${payment.attempt}`;
  let made: Stripe.Response<Stripe.Checkout.Session>;
  try {
    made = await stripe.checkout.sessions.create(sessionParameters(config, payment), { idempotencyKey });
  } catch (error) {
    const failure = toCallError(error);
    if ((failure.status ?? 0) < 500) throw error;
    return findSession(stripe, io, payment).catch((found: unknown) => {
      throw found instanceof ProviderCallError ? found : failure;
    });
  }
  // The package says that these are an object; they are what `fetch` gave.
  const isReplayed = new Headers(made.lastResponse.headers).get('idempotent-replayed') === 'true';
  return isReplayed ? retrieveSession(stripe, made.id, payment) : made;
}

/** What comes to Stripe a moment later is refused for being under 30 min: a minute for the way and for clocks. */
const SHORTEST_LIFE_MS = 31 * 60_000;

/** In seconds. A payment that ends before its session does is closed there by the sweep, as any that is over. */
const sessionExpiry = ({ begun_at, expires_at }: Pick<PaymentReference, 'begun_at' | 'expires_at'>): number =>
  Math.floor(Math.max(Date.parse(expires_at), Date.parse(begun_at) + SHORTEST_LIFE_MS) / 1000);

/** Stripe's metadata calls the payment's number so. */
function sessionParameters(
  { successUrl, cancelUrl }: StripeConfig,
  { payment_no: order_no, amount, currency, description, return_url, ...time }: PaymentReference,
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
    expires_at: sessionExpiry(time),
    success_url: return_url ?? successUrl,
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
 * The session of a payment, with its payment intent and charge; null when there surely is none. It is found by the id
 * that was kept of it. Where none was, what became of the creation is not known: the same creation again names the
 * session, since Stripe keeps a key for a day at least. A fresh refusal, such as of a time that is over, says that there
 * was none. What is made only now can be expired like any other, and nobody has its address. Only past that day, and
 * where the same parameters are not to be had any more, the account's sessions are looked through.
 * @throws as `findSession`, and ProviderCallError when it is another payment's
 */
export async function sessionOf(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  config: StripeConfig,
  payment: PaymentReference,
): Promise<Stripe.Checkout.Session | null> {
  const id = keptId(payment) ?? (await findId(stripe, io, config, payment));
  return id === null ? null : retrieveSession(stripe, id, payment);
}

/** For so long Stripe surely knows an idempotency key again, by its clock (docs.stripe.com/api/idempotent_requests). */
const KEY_LIVES_MS = (24 * 60 - 5) * 60_000;

async function findId(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  config: StripeConfig,
  payment: PaymentReference,
): Promise<string | null> {
  const isKeyKept = io.now() < Date.parse(payment.begun_at) + KEY_LIVES_MS;
  if (isKeyKept) {
    try {
      return (await createSession(stripe, io, config, payment))?.id ?? null;
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError && error.statusCode === 400)) throw error;
      // By what Stripe calls it: its package takes a proxy's page for a refusal too.
      if (error.rawType === 'invalid_request_error') return null;
      if (error.rawType !== 'idempotency_error') throw error;
    }
  }
  return (await findSession(stripe, io, payment))?.id ?? null;
}

/** @throws what Stripe's client throws, and ProviderCallError when it is another's */
async function retrieveSession(
  stripe: Stripe,
  id: string,
  { payment_no }: PaymentReference,
): Promise<Stripe.Checkout.Session> {
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] });
  if (session.id !== id) throw unusableAnswer('id');
  if (session.client_reference_id !== payment_no) throw unusableAnswer('client_reference_id');
  return session;
}

type Sought = Pick<PaymentReference, 'payment_no' | 'begun_at' | 'expires_at'>;

/**
 * The session of a payment among those made in its time, since Stripe cannot be asked for one by its reference; null
 * when there surely is none. All pages together take no longer than one call may.
 * @throws what Stripe's client throws, and ProviderCallError when there are too many to look through
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
      // Stryker disable next-line ConditionalExpression: Stripe's package sends nothing of what is undefined
      { created, limit: PAGE_SIZE, ...(starting_after !== undefined && { starting_after }) },
      remaining(),
    );
    const session = data.find((listed) => isSessionOf(listed, payment_no));
    if (session) return session;
    if (has_more === false) return null;
    starting_after = data.at(-1)?.id;
  }
  throw new ProviderCallError('stripe', null, `more sessions than ${MAX_PAGES * PAGE_SIZE} to look through`);
}

function isSessionOf(session: Stripe.Checkout.Session, payment_no: string): boolean {
  let named: string | null = null;
  try {
    named = readSessionPayment({ ...session });
  } catch {
    // What else the account sells may look as it likes.
  }
  return named === payment_no;
}

const toSeconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
