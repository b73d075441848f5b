import type { PaymentState } from '../../../../lib/orders/kinds.ts';
import { isPayable, type OrderRow } from '../rows.ts';
import type { TextKey } from './dictionary.ts';

/** When a trouble makes sense. */
export interface TroubleNeeds {
  /** Only while the order is not paid. */
  readonly needsPending: boolean;
  /** Only once the payer has paid. */
  readonly needsPaid?: boolean;
}

/** Why it cannot be made of a payment in this state now; null when it can. */
export function lockOf(
  { needsPending, needsPaid = false }: TroubleNeeds,
  payment: PaymentState,
  order: Pick<OrderRow, 'status'>,
): TextKey | null {
  if (payment === 'closed') return 'payment_closed';
  if (needsPaid && payment !== 'paid') return 'needs_paid';
  if (needsPending && payment === 'paid') return 'needs_unpaid';
  return needsPending && !isPayable(order) ? 'needs_payable' : null;
}
