import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { PaymentAnswer, PaymentReference } from '../../orders/provider-gateway.ts';
import { createStripeClient } from './client.ts';
import { readMerchant } from './fields.ts';
import { sessionOf } from './find-session.ts';
import { sessionEvent } from './session-event.ts';
import { sessionState } from './session-state.ts';

/** What became of a payment's session. Amount and currency are given as they are said; settlement compares them. */
export async function querySession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentReference,
): Promise<PaymentAnswer> {
  const stripe = createStripeClient(config, io);
  const session = await sessionOf(stripe, io, payment);
  if (!session) return { state: 'absent' };
  const type = await sessionState(stripe, session);
  if (type === null) return { state: 'open' };
  const merchant = readMerchant(config.account, null, session.livemode);
  return { state: 'decided', event: sessionEvent({ ...session }, payment.payment_no, type, merchant) };
}
