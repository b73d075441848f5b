import type Stripe from 'stripe';
import type { Io } from '../../io.ts';
import { STRIPE_TIMEOUT_MS } from './client.ts';

const PAGE_SIZE = 100;
const MAX_PAGES = 10;
/** Between Stripe's clock and ours. */
const CLOCK_SKEW_S = 300;

/**
 * The session of an order among those made since the order was; null when there surely is none. All pages together
 * take no longer than one call may.
 * @throws Error when Stripe fails or there are too many to look through
 */
export async function findSession(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  order: { readonly order_no: string; readonly created_at: string },
): Promise<Stripe.Checkout.Session | null> {
  const deadline = io.now() + STRIPE_TIMEOUT_MS;
  const created = { gte: Math.floor(Date.parse(order.created_at) / 1000) - CLOCK_SKEW_S };
  let starting_after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more } = await stripe.checkout.sessions.list(
      { created, limit: PAGE_SIZE, ...(starting_after !== undefined && { starting_after }) },
      { timeout: Math.max(1, deadline - io.now()) },
    );
    const session = data.find(({ client_reference_id }) => client_reference_id === order.order_no);
    if (session) return session;
    if (has_more === false) return null;
    starting_after = data.at(-1)?.id;
  }
  throw new Error('too many sessions to look through');
}
