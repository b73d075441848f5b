import type { PaymentState } from '../../../../lib/orders/kinds.ts';
import { isPayable, type OrderRow } from '../rows.ts';

/** What the payer sees: something to pay with, that it is paid, or that it cannot be paid any more. */
type CashierState = 'payable' | 'paid' | 'closed';

/** By the state of the payment at its provider; while that knows of none, by the order. */
export function cashierState(order: Pick<OrderRow, 'status'>, payment: PaymentState | null): CashierState {
  if (payment !== null) return payment === 'paid' || payment === 'closed' ? payment : 'payable';
  if (isPayable(order)) return 'payable';
  return order.status === 'closed' ? 'closed' : 'paid';
}
