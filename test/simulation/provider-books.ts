import type { Order, Provider } from '../../lib/orders/order.ts';
import { paymentNumber } from '../../lib/orders/order-number.ts';
import type { PaymentEvent } from '../../lib/orders/payment-event.ts';
import type { RefundEvent } from '../../lib/orders/refund-event.ts';

/** Money that a provider took: what must be found in the books, once. */
export interface Transaction {
  readonly id: string;
  readonly amount: number;
  readonly taken_at: number;
}

/** A payment as its provider knows it, under the number that we gave it. */
export interface HeldPayment {
  readonly provider: Provider;
  readonly payment_no: string;
  readonly order_no: string;
  readonly amount: number;
  readonly currency: string;
  readonly merchant: string;
  readonly expires_at: string;
  readonly made_at: number;
  state: 'open' | 'closed' | 'paid';
  hasFailed: boolean;
  /** Its flat bodies name no transaction, so there is to be but one, and its order takes it. */
  readonly isUnnamed: boolean;
  readonly transactions: Transaction[];
}

export interface HeldRefund {
  readonly refund_no: string;
  readonly payment: HeldPayment;
  readonly transaction: Transaction;
  readonly amount: number;
  readonly id: string;
  state: 'open' | 'succeeded' | 'failed';
}

/** What the providers themselves have written down; nothing of ours is in it. */
export interface ProviderBooks {
  readonly payments: Map<string, HeldPayment>;
  readonly refunds: Map<string, HeldRefund>;
}

export const createProviderBooks = (): ProviderBooks => ({ payments: new Map(), refunds: new Map() });

/** The provider's record of a payment that it is asked to make. */
export function makePayment(
  { payments }: ProviderBooks,
  order: Order & { readonly expires_at: string },
  now: number,
  isUnnamed: boolean,
): HeldPayment {
  const payment_no = paymentNumber(order);
  const known = payments.get(payment_no);
  if (known) return known;
  const { provider, merchant, order_no, amount, currency, expires_at } = order;
  if (!provider || !merchant) throw new Error('an order that costs nothing asks for a payment');
  const payment: HeldPayment = {
    provider,
    payment_no,
    order_no,
    amount,
    currency,
    merchant,
    expires_at,
    made_at: now,
    state: 'open',
    hasFailed: false,
    isUnnamed,
    transactions: [],
  };
  payments.set(payment_no, payment);
  return payment;
}

/** Takes the payer's money. */
export function takeMoney(payment: HeldPayment, now: number): Transaction {
  const id = `T${payment.transactions.length + 1}-${payment.payment_no}`;
  const transaction = { id, amount: payment.amount, taken_at: now };
  payment.transactions.push(transaction);
  payment.state = 'paid';
  return transaction;
}

/** What the provider says of a payment, in its own message. */
export function paymentEvent(
  payment: HeldPayment,
  type: PaymentEvent['type'],
  transaction: Transaction | null,
): PaymentEvent {
  const { payment_no, provider, merchant, amount, currency } = payment;
  return {
    type,
    order_no: payment_no,
    provider,
    merchant,
    amount,
    currency,
    transaction_id: transaction?.id ?? null,
    ...(transaction && { paid_at: new Date(transaction.taken_at).toISOString() }),
  };
}

/** WeChat Pay's message about a refund names the account without the app, and no currency. */
export function refundEvent({ payment, refund_no, amount, id, state }: HeldRefund): RefundEvent {
  const { payment_no, provider, merchant } = payment;
  return {
    type: state === 'succeeded' ? 'refund_succeeded' : 'refund_failed',
    order_no: payment_no,
    provider,
    refund_no,
    merchant: merchant.split('/')[0] ?? merchant,
    amount,
    refund_id: id,
  };
}

/** What of a transaction has not gone back and is not on its way. */
export function restOf({ refunds }: ProviderBooks, transaction: Transaction): number {
  let rest = transaction.amount;
  for (const refund of refunds.values()) {
    if (refund.transaction === transaction && refund.state !== 'failed') rest -= refund.amount;
  }
  return rest;
}
