import { type Refund, returnedOf } from '../refunds.ts';
import type { EventContent } from './event.ts';
import { chargeId, type Metadata, type StripePayment, seconds } from './payment.ts';

export interface StripeRefund extends Refund {
  readonly payment_intent: string;
  readonly metadata: Metadata;
}

/** The Refund object (docs.stripe.com/api/refunds/object). */
export const refundObject = (refund: StripeRefund) => ({
  id: refund.id,
  object: 'refund',
  amount: refund.amount,
  charge: chargeId(refund.payment_intent),
  created: seconds(refund.created_at),
  currency: refund.currency.toLowerCase(),
  metadata: refund.metadata,
  payment_intent: refund.payment_intent,
  reason: refund.reason || null,
  status: refund.state,
  ...(refund.state === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
});

/** The Charge object of a session that was paid, or whose payment failed; its metadata is the payment intent's. */
export function chargeObject(
  payment: StripePayment,
  refunds: readonly Refund[],
  livemode: boolean,
  disputed = false,
) {
  const amount_refunded = returnedOf(refunds);
  return {
    id: chargeId(payment.transaction_id ?? ''),
    object: 'charge',
    amount: payment.amount,
    amount_captured: payment.amount,
    amount_refunded,
    captured: true,
    created: seconds(payment.paid_at ?? payment.created_at),
    currency: payment.currency.toLowerCase(),
    disputed,
    livemode,
    metadata: payment.payment_metadata,
    paid: payment.state === 'paid',
    payment_intent: payment.transaction_id,
    refunded: amount_refunded === payment.amount,
    status: payment.state === 'paid' ? 'succeeded' : 'failed',
  };
}

/**
 * What Stripe tells of a refund in this state. The charge counts as refunded as soon as the refund exists, whatever
 * becomes of it (docs.stripe.com/refunds). No refund of Stripe's is abnormal.
 */
export function refundEvents(
  refund: StripeRefund,
  payment: StripePayment,
  refunds: readonly Refund[],
  livemode: boolean,
): EventContent[] {
  const { api_version } = payment;
  const about = (type: string): EventContent => ({ type, object: refundObject(refund), api_version });
  switch (refund.state) {
    case 'pending': {
      const charge = chargeObject(payment, refunds, livemode);
      return [about('refund.created'), { type: 'charge.refunded', object: charge, api_version }];
    }
    case 'succeeded':
      return [about('refund.updated')];
    case 'failed':
      return [about('refund.updated'), about('refund.failed')];
    case 'abnormal':
      return [];
  }
}
