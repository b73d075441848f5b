import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import { isJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import type {
  CloseAnswer,
  PaymentAnswer,
  PaymentReference,
  ProviderGateway,
  RefundReference,
} from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../call.ts';
import { createStripeClient, STRIPE_TIMEOUT_MS, toCallError, unusableAnswer } from './client.ts';
import { isPaid, readAmount, readMerchant, sessionEvent } from './fields.ts';
import { findRefund, type PaidRefundRequest, refundPayment, toAnswer } from './refund.ts';
import { createPayment, sessionOf } from './session.ts';

/** What can be asked of Stripe through its own package. */
export type StripeCalls = Omit<ProviderGateway, 'clientParameters' | 'repairRefund' | 'reportShipping'>;

export function createStripeGateway(config: StripeConfig, io: Pick<Io, 'fetch' | 'now'>): StripeCalls {
  return {
    createPayment: (request) => call(() => createPayment(config, io, request)),
    query: (payment) => call(() => querySession(config, io, payment)),
    close: (payment) => call(() => closeSession(config, io, payment)),
    refund: (request) => call(() => refundPayment(config, io, paid(request))),
    queryRefund: (request) =>
      call(async () => {
        const stripe = createStripeClient(config, io);
        const refund = await findRefund(stripe, io, paid(request), io.now() + STRIPE_TIMEOUT_MS);
        return refund ? toAnswer(refund, paid(request)) : { state: 'absent' };
      }),
  };
}

/** A payment that a flat body settled may not say by which payment intent it was made. */
function paid(request: RefundReference): PaidRefundRequest {
  const { transaction_id } = request;
  if (transaction_id !== null) return { ...request, transaction_id };
  throw new ProviderCallError('stripe', null, 'the payment intent of the payment is not known');
}

async function call<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw toCallError(error);
  }
}

/**
 * What became of a session; null while it can still be paid, or waits for an asynchronous payment. Whether such a
 * payment has failed only its payment intent tells, which then asks for another payment method, in vain: the session
 * that it belongs to is complete.
 * @throws ProviderCallError or MalformedMessageError for a state that is unknown
 */
function sessionState({
  status,
  payment_status,
  payment_intent,
}: Stripe.Checkout.Session): PaymentEvent['type'] | null {
  switch (status) {
    case 'open':
      return null;
    case 'expired':
      return 'closed';
    case 'complete':
      if (isPaid(payment_status)) return 'succeeded';
      if (!isJsonObject(payment_intent)) throw unusableAnswer('payment_intent');
      return failedStatuses.has(payment_intent['status']) ? 'failed' : null;
    default:
      throw unusableAnswer('status');
  }
}

const failedStatuses: ReadonlySet<unknown> = new Set(['requires_payment_method', 'canceled']);

/** What became of a payment's session. Amount and currency are given as they are said; settlement compares them. */
export async function querySession(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  payment: PaymentReference,
): Promise<PaymentAnswer> {
  const stripe = createStripeClient(config, io);
  const session = await sessionOf(stripe, io, config, payment);
  if (!session) return { state: 'absent' };
  const type = sessionState(session);
  if (type === null) return { state: 'open' };
  const merchant = readMerchant(config.account, session.livemode);
  const event = sessionEvent({ ...session }, payment.payment_no, type, merchant);
  return { state: 'decided', event: { ...event, ...(type === 'succeeded' && returnedOf(session)) } };
}

/** What of a payment has gone back, whoever asked for it: its charge says. */
function returnedOf({ payment_intent }: Stripe.Checkout.Session): Pick<PaymentEvent, 'returned'> {
  const charge = isJsonObject(payment_intent) ? payment_intent['latest_charge'] : null;
  if (!isJsonObject(charge)) return {};
  const returned = readAmount(charge['amount_refunded'], 'latest_charge.amount_refunded');
  return returned > 0 ? { returned } : {};
}

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
  const session = await sessionOf(stripe, io, config, payment);
  if (!session) return 'absent';
  const current = session.status === 'open' ? await expire(stripe, session.id) : session;
  if (current.id !== session.id) throw unusableAnswer('id');
  const state = sessionState(current);
  return state === 'closed' || state === 'failed' ? 'closed' : 'not_closed';
}

/** Under no key of ours: a repeat does no harm, and a key that is kept would repeat a failure for a day. */
async function expire(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session> {
  try {
    return await stripe.checkout.sessions.expire(id);
  } catch (error) {
    // It was paid or expired meanwhile.
    if (error instanceof Stripe.errors.StripeInvalidRequestError)
      return stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    throw error;
  }
}
