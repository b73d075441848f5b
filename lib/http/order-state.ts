import { formatAmount } from '../money.ts';
import { currentPayment, payingPayment, type Snapshot } from '../orders/snapshot.ts';
import { currencyFormat } from '../providers/facts.ts';
import type { OrderState } from './responses/order-state.ts';

/** What a client is told of an order: of its payments, only the one that paid it or is to pay it. */
export function orderState(snapshot: Snapshot): OrderState {
  const { order_no, status, currency, created_at, paid_at, amount } = snapshot.order;
  const payment = payingPayment(snapshot) ?? currentPayment(snapshot);
  // An order without a payment is a shop's, and in CNY.
  const format = currencyFormat(payment?.provider ?? 'wechat', currency);
  if (!format) throw new Error('an order is stored in a currency that its provider does not take');
  return {
    ...{ order_no, status, amount: formatAmount(amount, format), currency },
    provider: payment?.provider ?? null,
    transaction_id: payment?.transaction_id ?? null,
    ...{ created_at, paid_at },
  };
}
