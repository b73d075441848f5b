import { stripeMerchant } from '../../config/stripe-merchant.ts';
import { isJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import { parsePaymentNumber } from '../../orders/order-number.ts';
import { MalformedMessageError, readText, readTransactionId, wordings } from '../message.ts';

/** An object of Stripe's, as it came. */
export type StripeFields = Readonly<Record<string, unknown>>;

/** The last second that a Date can hold. */
const MAX_SECONDS = 8_640_000_000_000;

/** Null when it names no payment of ours: the account may sell elsewhere too. @throws MalformedMessageError */
export function readPaymentNumber(value: unknown, field: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new MalformedMessageError(field, wordings.notText);
  return parsePaymentNumber(value) ? value : null;
}

export function readMetadata({ metadata }: StripeFields): StripeFields {
  return readObject(metadata ?? {}, 'data.object.metadata');
}

/**
 * The payment whose Checkout Session it is; null for one that was not made here. Whoever opens a Payment Link can choose
 * the `client_reference_id` of its session; metadata the account alone can give.
 * @throws MalformedMessageError
 */
export function readSessionPayment(session: StripeFields): string | null {
  const { order_no } = readMetadata(session);
  const number = session['client_reference_id'] ?? order_no;
  const payment_no = readPaymentNumber(number, 'data.object.client_reference_id');
  return session['mode'] === 'payment' && order_no === payment_no ? payment_no : null;
}

/** The side of an account that a message is of. @throws MalformedMessageError */
export function readMerchant(account: string, livemode: unknown): string {
  if (typeof livemode !== 'boolean')
    throw new MalformedMessageError('livemode', { zh: '须为布尔值', en: 'must be a boolean' });
  return stripeMerchant(account, livemode ? 'live' : 'test');
}

/** In the smallest unit. */
export const readAmount = (value: unknown, field: string): number =>
  readInteger(value, field, Number.MAX_SAFE_INTEGER);

/** In the smallest unit; below zero what went out. */
export function readSignedAmount(value: unknown, field: string): number {
  // Stryker disable next-line ConditionalExpression: only a number is an integer, which its type does not say
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new MalformedMessageError(field, { zh: '须为整数', en: 'must be an integer' });
}

export const readCurrency = (value: unknown, field: string): string =>
  readText(value, field, /^[a-z]{3}$/i).toUpperCase();

/** From seconds since 1970, as ISO 8601. */
export function readTime(value: unknown, field: string): string {
  return new Date(readInteger(value, field, MAX_SECONDS) * 1000).toISOString();
}

export function readObject(value: unknown, field: string): StripeFields {
  if (!isJsonObject(value))
    throw new MalformedMessageError(field, { zh: '须为对象', en: 'must be an object' });
  return value;
}

function readInteger(value: unknown, field: string, maximum: number): number {
  // Stryker disable next-line ConditionalExpression: only a number is an integer, which its type does not say
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maximum) return value;
  throw new MalformedMessageError(field, { zh: '须为非负整数', en: 'must be a non-negative integer' });
}

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
  throw new MalformedMessageError('data.object.payment_status', wordings.unsupported);
}

/** A session that costs nothing has none. */
export const readPaymentIntent = (value: unknown): string | null =>
  readReference(value, 'data.object.payment_intent');

/** The id of another object, which may stand there itself, expanded; null where there is none. */
export function readReference(value: unknown, field: string): string | null {
  if (value === null || value === undefined) return null;
  return readTransactionId(isJsonObject(value) ? value['id'] : value, field);
}

/** What each status of a refund means; null while it is not decided (docs.stripe.com/refunds). */
export const refundStatuses: ReadonlyMap<unknown, 'succeeded' | 'failed' | null> = new Map([
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'failed'],
  ['pending', null],
  ['requires_action', null],
]);
