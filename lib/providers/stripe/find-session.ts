import type Stripe from 'stripe';
import type { Io } from '../../io.ts';
import type { PaymentReference } from '../../orders/provider-gateway.ts';
import { unusableAnswer } from './call-error.ts';
import { STRIPE_TIMEOUT_MS } from './client.ts';

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
export async function findSession(
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
