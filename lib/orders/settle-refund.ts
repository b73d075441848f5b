import { isoTime } from '../iso-time.ts';
import { asSeen, changeOf, type ItemWrite, orderUpdate, type Put } from './change.ts';
import { type CommitPorts, commit, type Step } from './commit.ts';
import type { RefundEvent } from './event.ts';
import type { ComparedField, OrderStatus, RefundStatus } from './kinds.ts';
import { parsePaymentNumber } from './order-number.ts';
import { exceptionOnce } from './record-exception.ts';
import { moveRefund, parseRefundNumber, type Refund, refundedStatus } from './refund.ts';
import { findPayment, type Snapshot } from './snapshot.ts';

export type RefundResult =
  | {
      readonly outcome: 'refunded' | 'refund_failed' | 'refund_abnormal' | 'already_refunded';
      readonly order_no: string;
      /** The order's after the event. */
      readonly status: OrderStatus;
    }
  /** Genuine, but about no refund of ours, or at odds with it: recorded for a person to see. */
  | { readonly outcome: 'unknown_refund'; readonly order_no: string }
  | { readonly outcome: 'mismatch'; readonly order_no: string; readonly fields: readonly ComparedField[] }
  | { readonly outcome: 'not_found' }
  /** The message names no refund. Those that are open are asked about in any case. */
  | { readonly outcome: 'unnamed_refund' };

/** What an event makes of a refund that is open. */
export const refundStatusAfter = {
  refund_succeeded: 'succeeded',
  refund_failed: 'failed',
  refund_abnormal: 'open',
} as const satisfies Record<RefundEvent['type'], RefundStatus>;

/**
 * Applies a provider's word on a refund, at most once.
 * @throws ContentionError, and what the store throws
 */
export async function settleRefund(ports: CommitPorts, event: RefundEvent): Promise<RefundResult> {
  const number = parsePaymentNumber(event.payment_no);
  if (!number) return { outcome: 'not_found' };
  if (event.refund_no === null) return { outcome: 'unnamed_refund' };
  return commit(ports, number.order_no, (snapshot) => decideRefundEvent(snapshot, event, ports.io.now()));
}

/**
 * What an event means for a refund as it is stored. One that succeeded may still fail later, when the payer's bank
 * sends it back: then its booking is reversed. One that failed never succeeds: what says so is an earlier message that
 * was overtaken, and what it would return may have been returned anew; a person is told. One that is abnormal stays
 * open as it is: its money has left the merchant and has not reached the payer.
 */
function decideRefundEvent(snapshot: Snapshot | null, event: RefundEvent, now: number): Step<RefundResult> {
  if (!snapshot) return { result: { outcome: 'not_found' }, change: null };
  const { order } = snapshot;
  const { order_no, status } = order;
  const n = event.refund_no === null ? null : parseRefundNumber(event.refund_no, order_no);
  const refund = snapshot.refunds.find((known) => known.n === n);
  const fields = refund ? differing(refund, event) : [];
  const to = refundStatusAfter[event.type];
  const isContradicted = refund?.status === 'failed' && to !== 'failed';
  if (!refund || fields.length > 0 || isContradicted) return decideException(snapshot, event, fields, now);
  if (to === 'open') {
    // What is said of a refund that has succeeded meanwhile was overtaken.
    const outcome = refund.status === 'open' ? 'refund_abnormal' : 'already_refunded';
    return { result: { outcome, order_no, status }, change: null };
  }
  if (refund.status === to) {
    return { result: { outcome: 'already_refunded', order_no, status }, change: null };
  }
  return decideOutcome(snapshot, refund, event, to, now);
}

function decideOutcome(
  snapshot: Snapshot,
  refund: Refund,
  { refund_id }: RefundEvent,
  to: 'succeeded' | 'failed',
  now: number,
): Step<RefundResult> {
  const { order } = snapshot;
  const { order_no } = order;
  const time = isoTime(now);
  const { holding, update } = holdingOf(snapshot, refund);
  const moved = moveRefund(holding, refund.amount, refund.status, to);
  const isPaying = refund.suspense === null && order.paid_by === refund.payment;
  const status = isPaying ? refundedStatus({ ...holding, ...moved }) : order.status;
  const outcome = to === 'succeeded' ? 'refunded' : 'refund_failed';
  return {
    result: { outcome, order_no, status },
    change: changeOf(order_no, [
      ...(isPaying ? [orderUpdate(order, { status, updated_at: time })] : []),
      { ...update, set: moved, expects: asSeen(holding) },
      {
        update: 'refund',
        of: refund.n,
        set: { status: to, refund_id: refund_id ?? refund.refund_id, updated_at: time },
        // What is decided is not asked about any more.
        owes: null,
        expects: asSeen(refund),
      },
      ...entryOf(snapshot, refund, to, time),
    ]),
  };
}

/** The money that a refund returns, and how it is changed. @throws Error when it is not there */
function holdingOf(snapshot: Snapshot, refund: Refund) {
  const { payment: n, suspense: transaction_id } = refund;
  if (transaction_id === null) {
    const holding = findPayment(snapshot, n);
    if (holding) return { holding, update: { update: 'payment', of: n } as const };
  } else {
    const holding = snapshot.suspense.find(
      (known) => known.n === n && known.transaction_id === transaction_id,
    );
    if (holding) return { holding, update: { update: 'suspense', of: { n, transaction_id } } as const };
  }
  throw new Error('a refund returns money that is not there');
}

/** A success is booked, and a success that turned out none is booked back; a plain failure moved no money. */
function entryOf(
  snapshot: Snapshot,
  refund: Refund,
  to: 'succeeded' | 'failed',
  booked_at: string,
): readonly Put[] {
  if (to === 'failed' && refund.status !== 'succeeded') return [];
  const { holding } = holdingOf(snapshot, refund);
  if (!holding.booking) throw new Error('money is returned that was never booked');
  const { debit, credit } = holding.booking;
  const accounts = to === 'succeeded' ? { debit: credit, credit: debit } : { debit, credit };
  const { order_no, provider, merchant, amount, currency, n, version } = refund;
  const { transaction_id } = holding;
  const record = {
    ...{ order_no, provider, merchant, amount, currency, transaction_id, booked_at },
    ...accounts,
    refund: n,
    n: version,
  };
  return [{ put: 'entry', record }];
}

function differing(refund: Refund, event: RefundEvent): readonly ComparedField[] {
  return (['provider', 'merchant', 'amount', 'currency'] as const).filter(
    (field) => event[field] !== undefined && event[field] !== refund[field],
  );
}

function decideException(
  snapshot: Snapshot,
  event: RefundEvent,
  fields: readonly ComparedField[],
  now: number,
): Step<RefundResult> {
  const { order_no } = snapshot.order;
  const { provider, merchant, payment_no, refund_no, amount = null, currency = null } = event;
  const kind = fields.length > 0 ? 'mismatch' : 'unknown_refund';
  const subject = { kind, provider, merchant, payment_no, refund_no, fields, amount, currency } as const;
  const writes: readonly ItemWrite[] = exceptionOnce(snapshot, subject, now);
  const result: RefundResult =
    kind === 'mismatch' ? { outcome: kind, order_no, fields } : { outcome: kind, order_no };
  return { result, change: changeOf(order_no, writes) };
}
