import type { OrderStore } from '../orders/commit.ts';
import type { Refund } from '../orders/refund.ts';
import { findPayment, type Snapshot } from '../orders/snapshot.ts';
import { countedAmountText } from '../providers/facts.ts';
import { csvTable } from './csv.ts';
import type { RefundState, RefundsPage } from './responses/orders.ts';

/** What a client is told of one of an order's refunds; without its order, it names no transaction but a further one. */
export function refundState(snapshot: Snapshot | null, refund: Refund): RefundState {
  const { order_no, refund_no, payment_no, provider, merchant, status, currency } = refund;
  const { reason, requested_by, created_at, updated_at } = refund;
  return {
    ...{ order_no, refund_no, payment_no },
    transaction_id:
      refund.suspense ?? (snapshot && findPayment(snapshot, refund.payment)?.transaction_id) ?? null,
    ...{ provider, merchant, status, amount: countedAmountText(refund), currency },
    ...{ reason, requested_by, created_at },
    // Nothing but its provider's word changes one that is decided, but for what erasing a user takes out.
    decided_at: status === 'open' ? null : updated_at,
  };
}

/**
 * What a client is told of a refund that was just stored, as it is now; as it was decided where that cannot be read: a
 * failure would say that nothing was stored.
 */
export async function viewRefund(store: Pick<OrderStore, 'read'>, decided: Refund): Promise<RefundState> {
  const snapshot = await store.read(decided.order_no).catch(() => null);
  const stored = snapshot?.refunds.find(({ n }) => n === decided.n);
  return refundState(snapshot, stored ?? decided);
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
