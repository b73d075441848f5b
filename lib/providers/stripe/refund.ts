import Stripe from 'stripe';
import type { StripeConfig } from '../../config/stripe.ts';
import type { Io } from '../../io.ts';
import type { RefundAnswer, RefundReference } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../call.ts';
import { createStripeClient, toCallError, unusableAnswer } from './client.ts';
import { refundStatuses } from './fields.ts';

/** For a whole request, look-ups included. */
const REFUND_TIMEOUT_MS = 11_000;
const MAX_KEYS = 5;

/**
 * Stripe moved nothing and never will (docs.stripe.com/error-codes): nothing is left to return, the payer's bank has taken
 * it back or may, or what it was paid with takes nothing back.
 */
const FINAL: ReadonlySet<string | undefined> = new Set([
  'charge_already_refunded',
  'charge_disputed',
  'refund_disputed_payment',
  'charge_not_refundable',
]);

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
export async function refundPayment(
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
    // Stryker disable next-line ConditionalExpression: what is no error of Stripe's has no status, which its type does not say
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

const PAGE_SIZE = 100;
const MAX_PAGES = 10;

/** A refund of a payment whose payment intent is known. */
export type PaidRefundRequest = RefundReference & { readonly transaction_id: string };

/**
 * The refund under our number among those of its payment; null when there surely is none.
 * @param deadline in milliseconds
 * @throws Error when Stripe fails or there are too many to look through
 */
export async function findRefund(
  stripe: Stripe,
  io: Pick<Io, 'now'>,
  { transaction_id, refund_no }: PaidRefundRequest,
  deadline: number,
): Promise<Stripe.Refund | null> {
  let starting_after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data, has_more } = await stripe.refunds.list(
      {
        payment_intent: transaction_id,
        limit: PAGE_SIZE,
        // Stryker disable next-line ConditionalExpression: Stripe's package sends nothing of what is undefined
        ...(starting_after !== undefined && { starting_after }),
      },
      { timeout: Math.max(1, deadline - io.now()) },
    );
    const refund = data.find(({ metadata }) => metadata?.['refund_no'] === refund_no);
    if (refund) return refund;
    if (has_more === false) return null;
    starting_after = data.at(-1)?.id;
  }
  throw new Error('too many refunds to look through');
}

/** What a refund says, if it is the one that was asked for. @throws ProviderCallError */
export function toAnswer(refund: Stripe.Refund, request: PaidRefundRequest): RefundAnswer {
  if (
    refund.metadata?.['refund_no'] !== request.refund_no ||
    refund.metadata['order_no'] !== request.payment_no ||
    refund.payment_intent !== request.transaction_id ||
    refund.amount !== request.amount ||
    refund.currency !== request.currency.toLowerCase()
  ) {
    throw new ProviderCallError('stripe', 200, 'the refund is for another payment, amount or currency');
  }
  const state = refundStatuses.get(refund.status);
  if (state === undefined) throw unusableAnswer('status');
  return state === null ? { state: 'open' } : { state, refund_id: refund.id };
}
