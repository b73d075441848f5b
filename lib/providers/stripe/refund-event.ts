import type { RefundEvent } from '../../orders/event.ts';
import { MalformedMessageError } from '../errors.ts';
import { readText, readTransactionId } from '../message-fields.ts';
import { readAmount, readCurrency, readMetadata, readPaymentNumber, type StripeFields } from './fields.ts';

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
export function refundEvent(refund: StripeFields, merchant: string): RefundEvent | null {
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
export function refundedChargeEvent(charge: StripeFields, merchant: string): RefundEvent | null {
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
