import type { RefundEvent } from '../../orders/event.ts';
import { parsePaymentNumber } from '../../orders/order-number.ts';
import { orderOfRefund } from '../../orders/refund.ts';
import { MalformedMessageError, readTransactionId, wordings } from '../message.ts';
import {
  readAmount,
  readCurrency,
  readMetadata,
  readPaymentIntent,
  readPaymentNumber,
  refundStatuses,
  type StripeFields,
} from './fields.ts';

/**
 * What a refund says; null when it is not decided, or is of no payment of ours. One that was made in the dashboard has
 * no number of ours.
 * @throws MalformedMessageError, and what `findPayment` throws
 */
export async function refundEvent(
  refund: StripeFields,
  merchant: string,
  findPayment: (object: StripeFields) => Promise<string | null>,
): Promise<RefundEvent | null> {
  const status = refundStatuses.get(refund['status']);
  if (status === null) return null;
  const payment_no = await findPayment(refund);
  if (payment_no === null) return null;
  if (status === undefined) throw new MalformedMessageError('data.object.status', wordings.unsupported);
  return {
    type: `refund_${status}`,
    payment_no,
    provider: 'stripe',
    merchant,
    refund_no: ownRefundNumber(readMetadata(refund)['refund_no'], payment_no),
    ...transactionOf(refund),
    amount: readAmount(refund['amount'], 'data.object.amount'),
    currency: readCurrency(refund['currency'], 'data.object.currency'),
    refund_id: readTransactionId(refund['id'], 'data.object.id'),
  };
}

/** Whoever refunds through the API may call it as they like: only what has the form of ours is a number. */
function ownRefundNumber(value: unknown, payment_no: string): string | null {
  // Stryker disable next-line OptionalChaining: what was found is a payment of ours
  const order_no = parsePaymentNumber(payment_no)?.order_no;
  return typeof value === 'string' && orderOfRefund(value) === order_no ? value : null;
}

/** A charge that was refunded says how much in all, and not by which refund. @throws MalformedMessageError */
export function refundedChargeEvent(charge: StripeFields, merchant: string): RefundEvent | null {
  const { order_no } = readMetadata(charge);
  const payment_no = readPaymentNumber(order_no, 'data.object.metadata.order_no');
  if (payment_no === null) return null;
  return {
    type: 'refund_succeeded',
    payment_no,
    provider: 'stripe',
    merchant,
    refund_no: null,
    ...transactionOf(charge),
    total: readAmount(charge['amount_refunded'], 'data.object.amount_refunded'),
    currency: readCurrency(charge['currency'], 'data.object.currency'),
    refund_id: null,
  };
}

function transactionOf(object: StripeFields): Pick<RefundEvent, 'transaction_id'> {
  const transaction_id = readPaymentIntent(object['payment_intent']);
  return transaction_id === null ? {} : { transaction_id };
}
