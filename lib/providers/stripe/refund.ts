import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { RefundAnswer } from '../../orders/provider-gateway.ts';
import { toCallError } from './call-error.ts';
import { createStripeClient } from './client.ts';
import { findRefund, type PaidRefundRequest, toAnswer } from './find-refund.ts';

/** For a whole request, look-ups included. */
const REFUND_TIMEOUT_MS = 11_000;
const MAX_KEYS = 5;

/** Stripe moved nothing and never will: nothing is left to return, or the payer's bank has taken it back. */
const FINAL: ReadonlySet<string | undefined> = new Set(['charge_already_refunded', 'charge_disputed']);

/**
 * Asks for a refund; the same `refund_no` again is the same refund, for good. Two things make it so:
 *
 * Stripe forgets an idempotency key after a day, so the refund is always looked for first, by its number in the
 * metadata.
 *
 * Until then Stripe replays under the same key whatever it answered first, a failure too, and says that it does
 * (`Idempotent-Replayed`). A replayed failure is old: it was answered to an earlier request, and the look-up that came
 * between the two shows that it made nothing. Only then is the next key used. A fresh failure is never followed by
 * another key, for the refund may not be visible yet. All who ask at once walk the same keys, so that no two of them
 * can make two refunds.
 */
export async function requestRefund(
  config: StripeConfig,
  io: Pick<Io, 'fetch' | 'now'>,
  request: PaidRefundRequest,
): Promise<RefundAnswer> {
  const stripe = createStripeClient(config, io);
  const deadline = io.now() + REFUND_TIMEOUT_MS;
  const find = () => findRefund(stripe, io, request, deadline);
  const known = await find();
  if (known) return toAnswer(known, request);
  try {
    return toAnswer(await create(stripe, io, request, deadline), request);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const isFinal = isFinalRefusal(error);
    if (!isFinal && (error.statusCode ?? 0) < 500) throw error;
    const made = await find().catch(() => {
      throw toCallError(error);
    });
    if (made) return toAnswer(made, request);
    if (isFinal) return { state: 'failed', refund_id: null };
    throw error;
  }
}

async function create(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  { transaction_id, amount, payment_no, refund_no }: PaidRefundRequest,
  deadline: number,
): Promise<Stripe.Refund> {
  const parameters = {
    payment_intent: transaction_id,
    amount,
    metadata: { order_no: payment_no, refund_no },
  };
  for (let key = 1; ; key += 1) {
    try {
      return await stripe.refunds.create(parameters, {
        idempotencyKey: key === 1 ? refund_no : `${refund_no}:${key}`,
        timeout: Math.max(1, deadline - io.now()),
      });
    } catch (error) {
      if (key === MAX_KEYS || !isReplayed(error) || isFinalRefusal(error)) throw error;
    }
  }
}

function isFinalRefusal(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) return false;
  // Of the amount Stripe says only that: it is more than is left.
  return FINAL.has(error.code) || error.param === 'amount';
}

function isReplayed(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.headers?.['idempotent-replayed'] === 'true';
}
