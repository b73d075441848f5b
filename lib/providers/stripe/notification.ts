import { createSecretKey } from 'node:crypto';
import type { StripeConfig } from '../../config/stripe.ts';
import { isJsonObject, JsonError, parseJsonObject } from '../../json.ts';
import type { PaymentEvent, RefundEvent } from '../../orders/event.ts';
import { isNumberOf } from '../../orders/order-number.ts';
import { MalformedMessageError } from '../errors.ts';
import { parseFlatBody } from '../flat-body.ts';
import { type FlatDialect, flatEvent, flatStatuses } from '../flat-callback.ts';
import { readText, readTransactionId } from '../message-fields.ts';
import type { ReceivedEvent, ReceiveMessage } from '../provider.ts';
import { stripeCurrencies } from './facts.ts';
import {
  readAmount,
  readCurrency,
  readMerchant,
  readMetadata,
  readObject,
  readPaymentNumber,
  readTime,
  type StripeFields,
} from './fields.ts';
import { verifyStripeMessage } from './verify.ts';

/** What the Checkout Session of a payment says. @throws MalformedMessageError */
export function sessionEvent(
  session: StripeFields,
  payment_no: string,
  type: PaymentEvent['type'],
  merchant: string,
): PaymentEvent {
  return {
    type,
    payment_no,
    provider: 'stripe',
    merchant,
    amount: readAmount(session['amount_total'], 'data.object.amount_total'),
    currency: readCurrency(session['currency'], 'data.object.currency'),
    transaction_id: readPaymentIntent(session['payment_intent']),
  };
}

/** A completed session that is unpaid waits for an asynchronous payment. @throws MalformedMessageError */
export function isPaid(paymentStatus: unknown): boolean {
  if (paymentStatus === 'paid' || paymentStatus === 'no_payment_required') return true;
  if (paymentStatus === 'unpaid') return false;
  throw new MalformedMessageError('data.object.payment_status', '不受支持');
}

/** Null for a session that is none of ours. @throws MalformedMessageError */
function readSessionPayment(session: StripeFields): string | null {
  const number = session['client_reference_id'] ?? readMetadata(session)['order_no'];
  return readPaymentNumber(number, 'data.object.client_reference_id');
}

/** Its id, or the object itself where it is expanded; a session that costs nothing has none. */
function readPaymentIntent(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return readTransactionId(isJsonObject(value) ? value['id'] : value, 'data.object.payment_intent');
}

/** What each status of a refund means; null while it is not decided (docs.stripe.com/refunds). */
export const refundStatuses: ReadonlyMap<unknown, 'succeeded' | 'failed' | null> = new Map([
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
  ['pending', null],
  ['requires_action', null],
]);

/**
 * What a refund says; null when it is not decided, or names no payment of ours. One that was not asked for here,
 * but names a payment, has no number.
 * @throws MalformedMessageError
 */
function refundEvent(refund: StripeFields, merchant: string): RefundEvent | null {
  const { order_no, refund_no } = readMetadata(refund);
  const payment_no = readPaymentNumber(order_no, 'data.object.metadata.order_no');
  if (payment_no === null) return null;
  const status = refundStatuses.get(refund['status']);
  if (status === undefined) throw new MalformedMessageError('data.object.status', '不受支持');
  if (status === null) return null;
  return {
    type: `refund_${status}`,
    payment_no,
    provider: 'stripe',
    refund_no:
      refund_no === undefined ? null : readText(refund_no, 'data.object.metadata.refund_no', /^[!-~]{1,64}$/),
    merchant,
    amount: readAmount(refund['amount'], 'data.object.amount'),
    currency: readCurrency(refund['currency'], 'data.object.currency'),
    refund_id: readTransactionId(refund['id'], 'data.object.id'),
  };
}

/** A charge that was refunded says neither by which refund nor, but in all, how much. @throws MalformedMessageError */
function refundedChargeEvent(charge: StripeFields, merchant: string): RefundEvent | null {
  const { order_no } = readMetadata(charge);
  const payment_no = readPaymentNumber(order_no, 'data.object.metadata.order_no');
  if (payment_no === null) return null;
  return {
    type: 'refund_succeeded',
    payment_no,
    provider: 'stripe',
    refund_no: null,
    merchant,
    refund_id: null,
  };
}

/**
 * What a Stripe event says of a payment's Checkout Session or of its refunds; null when it calls for no action or
 * names no payment of ours (docs.stripe.com/payments/checkout/fulfill-orders, docs.stripe.com/refunds).
 * @param account ours, which a message of its own does not name
 * @throws MalformedMessageError
 */
function toEvent(event: StripeFields, account: string): ReceivedEvent {
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

/** Without `sig`: Stripe's header signs flat bodies too. */
const FLAT_FIELDS = ['order_no', 'status', 'txn_id', 'amount', 'currency'];

/**
 * Receives Stripe's events and flat bodies, both signed by `Stripe-Signature`. Stripe tells every endpoint of an account
 * about all its payments: of those of a stage with another prefix nothing is to be done here.
 * @param now milliseconds since 1970
 */
export function receiveStripeNotification(
  { webhookSecrets, account, merchant }: Pick<StripeConfig, 'webhookSecrets' | 'account' | 'merchant'>,
  now: () => number,
  orderPrefix = '',
): ReceiveMessage {
  const secrets = webhookSecrets.map((secret) => createSecretKey(secret, 'utf8'));
  const dialect: FlatDialect = {
    provider: 'stripe',
    merchant,
    statuses: flatStatuses,
    currencies: stripeCurrencies,
  };
  return (message) => {
    verifyStripeMessage(message, secrets, now());
    const value = parseBody(message.body);
    if (value['object'] === 'event') return ofStage(orderPrefix, toEvent(value, account));
    return flatEvent(parseFlatBody(message.body, FLAT_FIELDS), dialect);
  };
}

const ofStage = (orderPrefix: string, event: ReceivedEvent): ReceivedEvent =>
  event && isNumberOf(orderPrefix, event.payment_no) ? event : null;

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    return parseJsonObject(body);
  } catch (error) {
    throw error instanceof JsonError ? new MalformedMessageError(null, error.message) : error;
  }
}
