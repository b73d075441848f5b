import type { OrderStore } from '../orders/commit.ts';
import type { Refund } from '../orders/refund.ts';
import { findPayment, type Snapshot } from '../orders/snapshot.ts';
import { countedAmountText } from '../providers/facts.ts';
import { csvTable } from './csv.ts';
import type { RefundState, RefundsPage } from './responses/orders.ts';

/** What a client is told of one of an order's refunds. */
export function refundState(snapshot: Snapshot, refund: Refund): RefundState {
  const { order_no, refund_no, payment_no, provider, merchant, status, currency } = refund;
  const { reason, requested_by, created_at, updated_at } = refund;
  return {
    ...{ order_no, refund_no, payment_no },
    transaction_id: refund.suspense ?? findPayment(snapshot, refund.payment)?.transaction_id ?? null,
    ...{ provider, merchant, status, amount: countedAmountText(refund), currency },
    ...{ reason, requested_by, created_at },
    // Nothing but its provider's word changes one that is decided, but for what erasing a user takes out.
    decided_at: status === 'open' ? null : updated_at,
  };
}

/** What a client is told of a refund as it is stored now. @throws Error when it is not there, and what the store throws */
export async function viewRefund(
  store: Pick<OrderStore, 'read'>,
  { order_no, n }: Pick<Refund, 'order_no' | 'n'>,
): Promise<RefundState> {
  const snapshot = await store.read(order_no);
  const refund = snapshot?.refunds.find((known) => known.n === n);
  if (!snapshot || !refund) throw new Error('a refund that was just stored is not there');
  return refundState(snapshot, refund);
}

/** What a client is told of all of an order's refunds, in the order in which they were asked for. */
export const refundsReply = (snapshot: Snapshot): RefundsPage => ({
  refunds: snapshot.refunds
    .toSorted((left, right) => left.n - right.n)
    .map((refund) => refundState(snapshot, refund)),
});

export const refundsCsv = csvTable(
  [
    ...(['order_no', 'refund_no', 'payment_no', 'transaction_id', 'provider', 'merchant'] as const),
    ...(['status', 'amount', 'currency', 'reason', 'requested_by', 'created_at', 'decided_at'] as const),
  ],
  ({ refunds }: RefundsPage) => refunds,
);
