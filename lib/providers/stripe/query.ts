import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { PaymentAnswer, PaymentReference } from '../provider.ts';
import { createStripeClient } from './client.ts';
import { findSession } from './find-session.ts';
import { sessionEvent } from './session-event.ts';
import { sessionState } from './session-state.ts';

/** What became of an order's session. Its amount and currency are given as they are said; settlement compares them. */
export async function querySession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentReference,
): Promise<PaymentAnswer> {
  const stripe = createStripeClient(config, io);
  const session = await findSession(stripe, io, payment);
  if (!session) return { state: 'absent' };
  const type = await sessionState(stripe, session);
  if (type === null) return { state: 'open' };
  return {
    state: 'decided',
    event: sessionEvent({ ...session }, payment.order_no, type, session.livemode),
  };
}
