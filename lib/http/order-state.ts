import { formatAmount } from '../money.ts';
import type { Order } from '../orders/order.ts';
import { currencyFormat } from '../providers/currencies.ts';
import type { OrderState } from './responses/order-state.ts';

/** What a client is told of an order. */
export function orderState(order: Order): OrderState {
  const { order_no, status, currency, provider, created_at, paid_at } = order;
  // An order that costs nothing has no provider; it is in CNY, as every shop order is.
  const format = currencyFormat(provider ?? 'wechat', currency);
  if (!format) throw new Error('an order is stored in a currency that its provider does not take');
  const amount = formatAmount(order.amount, format);
  const transaction_id = order.settlement?.transaction_id ?? null;
  return { order_no, status, amount, currency, provider, transaction_id, created_at, paid_at };
}
