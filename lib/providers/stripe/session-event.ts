import { isJsonObject } from '../../json.ts';
import type { PaymentEvent } from '../../orders/payment-event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readTransactionId } from '../message-fields.ts';
import {
  readAmount,
  readCurrency,
  readMerchant,
  readMetadata,
  readOrder,
  type StripeFields,
} from './fields.ts';

/** What a Checkout Session of an order says. @throws MalformedMessageError */
export function sessionEvent(
  session: StripeFields,
  order_no: string,
  type: PaymentEvent['type'],
  livemode: unknown,
): PaymentEvent {
  return {
    type,
    order_no,
    provider: 'stripe',
    merchant: readMerchant(livemode),
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
export function readSessionOrder(session: StripeFields): string | null {
  const order_no = session['client_reference_id'] ?? readMetadata(session)['order_no'];
  return readOrder(order_no, 'data.object.client_reference_id');
}

/** Its id, or the object itself where it is expanded; a session that costs nothing has none. */
function readPaymentIntent(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return readTransactionId(isJsonObject(value) ? value['id'] : value, 'data.object.payment_intent');
}
