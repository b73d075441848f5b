import type { PaymentEvent } from '../../orders/event.ts';
import { readText } from '../message-fields.ts';
import type { ReceivedEvent } from '../provider.ts';
import { readMerchant, readObject, readTime, type StripeFields } from './fields.ts';
import { refundEvent, refundedChargeEvent } from './refund-event.ts';
import { isPaid, readSessionPayment, sessionEvent } from './session-event.ts';

/**
 * What a Stripe event says of a payment's Checkout Session or of its refunds; null when it calls for no action or
 * names no payment of ours (docs.stripe.com/payments/checkout/fulfill-orders, docs.stripe.com/refunds).
 * @param account ours, which a message of its own does not name
 * @throws MalformedMessageError
 */
export function toEvent(event: StripeFields, account: string): ReceivedEvent {
  const type = readText(event['type'], 'type', /./);
  const merchantOf = () => readMerchant(account, event['account'], event['livemode']);
  if (type.startsWith('checkout.session.')) return toPaymentEvent(type, event, merchantOf());
  switch (type) {
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return refundEvent(readEventObject(event), merchantOf());
    case 'charge.refunded':
      return refundedChargeEvent(readEventObject(event), merchantOf());
    default:
      return null;
  }
}

function toPaymentEvent(eventType: string, event: StripeFields, merchant: string): PaymentEvent | null {
  const session = readEventObject(event);
  const payment_no = readSessionPayment(session);
  const type = payment_no === null ? null : paymentType(eventType, session);
  if (payment_no === null || type === null) return null;
  return {
    ...sessionEvent(session, payment_no, type, merchant),
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
