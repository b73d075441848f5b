import { isJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readTransactionId } from '../message-fields.ts';
import { readAmount, readCurrency, readMetadata, readPaymentNumber, type StripeFields } from './fields.ts';

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
export function readSessionPayment(session: StripeFields): string | null {
  const number = session['client_reference_id'] ?? readMetadata(session)['order_no'];
  return readPaymentNumber(number, 'data.object.client_reference_id');
}

/** Its id, or the object itself where it is expanded; a session that costs nothing has none. */
function readPaymentIntent(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return readTransactionId(isJsonObject(value) ? value['id'] : value, 'data.object.payment_intent');
}
