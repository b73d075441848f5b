import type { Dispute } from '../orders/dispute.ts';
import type { Holding, Payment, Suspense } from '../orders/payment.ts';
import type { LedgerEntry } from '../orders/read-ledger.ts';
import { type Return, refundableRest } from '../orders/refund.ts';
import { currentPayment, payingPayment, type Snapshot } from '../orders/snapshot.ts';
import { countedAmountText } from '../providers/facts.ts';
import { entryState } from './ledger-api.ts';
import type { HistoryItem, OrderHistory } from './responses/history.ts';
import { exceptionState } from './view-exception.ts';
import { listedOrder } from './view-order.ts';
import { refundState } from './view-refund.ts';
import { shippingState } from './view-shipping.ts';

/** What a client is told of all that is stored of an order, in the order of time. */
export function orderHistory(snapshot: Snapshot, entries: readonly LedgerEntry[]): OrderHistory {
  const { payments, suspense, refunds, returns, disputes, shipping, exceptions } = snapshot;
  const current = payingPayment(snapshot) ?? currentPayment(snapshot);
  const history: HistoryItem[] = [
    ...payments.map((payment) => paymentItem(payment, payment === current)),
    ...suspense.map(suspenseItem),
    ...entries.map((entry) => ({ type: 'entry' as const, at: entry.booked_at, ...entryState(entry) })),
    ...refunds.map((refund) => ({
      type: 'refund' as const,
      at: refund.created_at,
      ...refundState(snapshot, refund),
    })),
    ...returns.map(returnItem),
    ...disputes.map(disputeItem),
    ...(shipping
      ? [{ type: 'shipping' as const, at: shipping.requested_at, ...shippingState(shipping) }]
      : []),
    ...exceptions.map((exception) => ({
      type: 'exception' as const,
      at: exception.recorded_at,
      ...exceptionState(exception),
    })),
  ];
  // Of the same time, in the order above: money comes in before it is booked or goes back.
  return {
    order: listedOrder(snapshot),
    history: history.toSorted((left, right) => (left.at < right.at ? -1 : Number(left.at > right.at))),
  };
}

function paymentItem(payment: Payment, current: boolean): HistoryItem {
  const { payment_no, provider, merchant, scene, currency, state, transaction_id } = payment;
  const { begun_at, paid_at, expires_at } = payment;
  return {
    ...{ type: 'payment', at: begun_at, payment_no, provider, merchant, scene },
    ...{ amount: countedAmountText(payment), currency, state, current, transaction_id, paid_at, expires_at },
    ...refundableSums(payment),
  };
}

function suspenseItem(suspense: Suspense): HistoryItem {
  const { payment_no, transaction_id, provider, merchant, currency, paid_at } = suspense;
  return {
    ...{ type: 'suspense', at: paid_at, payment_no, transaction_id, provider, merchant },
    ...{ amount: countedAmountText(suspense), currency },
    ...refundableSums(suspense),
  };
}

/** Nothing of what has not come in can go back. */
const refundableSums = (holding: Holding) => ({
  refunded_amount: countedAmountText({ ...holding, amount: holding.refunded + holding.returned }),
  refundable_amount: countedAmountText({ ...holding, amount: holding.booking ? refundableRest(holding) : 0 }),
});

function returnItem(returned: Return): HistoryItem {
  const { recorded_at, payment_no, return_id, currency, status } = returned;
  const amount = countedAmountText(returned);
  return { type: 'return', at: recorded_at, payment_no, return_id, amount, currency, status };
}

function disputeItem(dispute: Dispute): HistoryItem {
  const { opened_at, dispute_id, payment_no, currency, state, reason, due_by } = dispute;
  const amount = countedAmountText(dispute);
  return { type: 'dispute', at: opened_at, dispute_id, payment_no, amount, currency, state, reason, due_by };
}
