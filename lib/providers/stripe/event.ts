import type { PaymentEvent } from '../../orders/payment-event.ts';
import { readText } from '../message-fields.ts';
import type { ReceivedEvent } from '../provider.ts';
import { readObject, readTime, type StripeFields } from './fields.ts';
import { refundEvent, refundedChargeEvent } from './refund-event.ts';
import { isPaid, readSessionOrder, sessionEvent } from './session-event.ts';

/**
 * What a Stripe event says of an order's Checkout Session or of its refunds; null when it calls for no action or names
 * no order (docs.stripe.com/payments/checkout/fulfill-orders, docs.stripe.com/refunds).
 * @throws MalformedMessageError
 */
export function toEvent(event: StripeFields): ReceivedEvent {
  const type = readText(event['type'], 'type', /./);
  if (type.startsWith('checkout.session.')) return toPaymentEvent(type, event);
  switch (type) {
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return refundEvent(readEventObject(event), event['livemode']);
    case 'charge.refunded':
      return refundedChargeEvent(readEventObject(event), event['livemode']);
    default:
      return null;
  }
}

function toPaymentEvent(eventType: string, event: StripeFields): PaymentEvent | null {
  const session = readEventObject(event);
  const order_no = readSessionOrder(session);
  const type = order_no === null ? null : paymentType(eventType, session);
  if (order_no === null || type === null) return null;
  return {
    ...sessionEvent(session, order_no, type, event['livemode']),
    ...(type === 'succeeded' && { paid_at: readTime(event['created'], 'created') }),
  };
}

function paymentType(eventType: string, session: StripeFields): PaymentEvent['type'] | null {
  switch (eventType) {
    case 'checkout.session.completed':
      return isPaid(session['payment_status']) ? 'succeeded' : null;
    case 'checkout.session.async_payment_succeeded':
      return 'succeeded';
    case 'checkout.session.async_payment_failed':
      return 'failed';
    case 'checkout.session.expired':
      return 'closed';
    default:
      return null;
  }
}

const readEventObject = (event: StripeFields): StripeFields =>
  readObject(readObject(event['data'], 'data')['object'], 'data.object');
