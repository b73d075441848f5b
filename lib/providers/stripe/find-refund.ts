import type Stripe from 'stripe';
import type { Io } from '../../io.ts';
import type { RefundAnswer, RefundRequest } from '../../orders/provider-gateway.ts';
import { ProviderCallError } from '../errors.ts';
import { unusableAnswer } from './call-error.ts';
import { refundStatuses } from './refund-event.ts';

const PAGE_SIZE = 100;
const MAX_PAGES = 10;

/** A refund of a payment whose payment intent is known. */
export type PaidRefundRequest = RefundRequest & { readonly transaction_id: string };

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
