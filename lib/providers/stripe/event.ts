import type { StripeMerchant } from '../../config/stripe.ts';
import { isJsonObject } from '../../json.ts';
import { parseOrderNumber } from '../../orders/order-number.ts';
import type { PaymentEvent } from '../../orders/payment-event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readText, readTransactionId } from '../message-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The last second that a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000;

/**
 * What a Stripe event says of an order's Checkout Session; null when it calls for no action or names no order
 * (docs.stripe.com/payments/checkout/fulfill-orders).
 * @throws MalformedMessageError
 */
export function toPaymentEvent(event: Fields): PaymentEvent | null {
  const eventType = readText(event['type'], 'type', /./);
  if (!eventType.startsWith('checkout.session.')) return null;
  const session = readObject(readObject(event['data'], 'data')['object'], 'data.object');
  const order_no = readSessionOrder(session);
  const type = order_no === null ? null : paymentType(eventType, session);
  if (order_no === null || type === null) return null;
  return {
    type,
    order_no,
    provider: 'stripe',
    merchant: readMerchant(event['livemode']),
    amount: readInteger(session['amount_total'], 'data.object.amount_total', Number.MAX_SAFE_INTEGER),
    currency: readText(session['currency'], 'data.object.currency', /^[a-z]{3}$/i).toUpperCase(),
    transaction_id: readPaymentIntent(session['payment_intent']),
    ...(type === 'succeeded' && { paid_at: readTime(event['created'], 'created') }),
  };
}

function paymentType(eventType: string, session: Fields): PaymentEvent['type'] | null {
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

/** A completed session that is unpaid waits for an asynchronous payment. */
function isPaid(status: unknown): boolean {
  if (status === 'paid' || status === 'no_payment_required') return true;
  if (status === 'unpaid') return false;
  throw new MalformedMessageError('data.object.payment_status', '不受支持');
}

/** Null for a session that is none of ours: the account may sell elsewhere too. */
function readSessionOrder({ client_reference_id, metadata }: Fields): string | null {
  const order_no =
    client_reference_id ?? readObject(metadata ?? {}, 'data.object.metadata')['order_no'] ?? null;
  if (order_no === null) return null;
  if (typeof order_no !== 'string') {
    throw new MalformedMessageError('data.object.client_reference_id', '须为字符串');
  }
  return parseOrderNumber(order_no) ? order_no : null;
}

/** Its id, or the object itself where it is expanded; a session that costs nothing has none. */
function readPaymentIntent(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return readTransactionId(isJsonObject(value) ? value['id'] : value, 'data.object.payment_intent');
}

function readMerchant(livemode: unknown): StripeMerchant {
  if (typeof livemode !== 'boolean') throw new MalformedMessageError('livemode', '须为布尔值');
  return livemode ? 'live' : 'test';
}

/** From seconds since 1970, as ISO 8601. */
function readTime(value: unknown, field: string): string {
  return new Date(readInteger(value, field, MAX_SECONDS) * 1000).toISOString();
}

function readInteger(value: unknown, field: string, maximum: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum) return value;
  throw new MalformedMessageError(field, '须为非负整数');
}

function readObject(value: unknown, field: string): Fields {
  if (!isJsonObject(value)) throw new MalformedMessageError(field, '须为对象');
  return value;
}
