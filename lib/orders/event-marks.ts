import { isoTime } from '../io.ts';
import type { Change, EventMark, ItemWrite, MarkedPayment, Put, Update } from './change.ts';
import type { EventType } from './kinds.ts';
import { ownerAccount } from './ledger.ts';
import type { Payment } from './payment.ts';
import { currentPayment, findPayment, type Snapshot } from './snapshot.ts';

/**
 * The change, with what the shop is told of it on the items that it writes anyway: that costs no request, and nobody has
 * to compare an item with what it was. @param snapshot what was decided on; nothing is told of an order that is made
 */
export function markEvents(change: Change, snapshot: Snapshot | null, now: number): Change {
  if (!snapshot) return change;
  const [first, ...others] = change.writes.map((write) => marked(write, change, snapshot, now));
  return first ? { ...change, writes: [first, ...others] } : change;
}

function marked(write: ItemWrite, change: Change, snapshot: Snapshot, now: number): ItemWrite {
  // A settlement knows its own, as it may be written before anything is read.
  // Stryker disable next-line StringLiteral: nothing is told of what is only looked at
  if ('check' in write || write.marks) return write;
  const events = 'put' in write ? putEvents(write, snapshot) : updateEvents(write, change, snapshot);
  return events.length > 0 ? { ...write, marks: { at: isoTime(now), events } } : write;
}

function putEvents(put: Put, snapshot: Snapshot): readonly EventMark[] {
  switch (put.put) {
    case 'exception':
      return [{ type: 'exception.raised', owner: put.record.owner }];
    case 'dispute':
      return [
        owned('dispute.opened', snapshot),
        // Its opening was lost on the way.
        ...(put.record.state === 'open' ? [] : [owned('dispute.closed', snapshot)]),
      ];
    default:
      return [];
  }
}

function updateEvents(update: Update, change: Change, snapshot: Snapshot): readonly EventMark[] {
  switch (update.update) {
    case 'order':
      return orderEvents(update.set, change, snapshot);
    case 'refund': {
      const { status } = update.set;
      if (status !== 'succeeded' && status !== 'failed') return [];
      return [owned(`refund.${status}`, snapshot)];
    }
    case 'exception': {
      const { state } = update.set;
      if (state === undefined) return [];
      return [owned(state === 'open' ? 'exception.raised' : 'exception.resolved', snapshot)];
    }
    case 'dispute': {
      const { state } = update.set;
      const isKnown = snapshot.disputes.some(
        (known) => known.dispute_id === update.of.dispute_id && known.state === state,
      );
      // It never goes back to `open`: another state than before is an end.
      return state === undefined || isKnown ? [] : [owned('dispute.closed', snapshot)];
    }
    default:
      return [];
  }
}

/** An order that is told of again as what it was, such as one that is closed for its user, is not told of. */
function orderEvents(
  { status, paid_at, paid_by = null }: Extract<Update, { update: 'order' }>['set'],
  change: Change,
  snapshot: Snapshot,
): readonly EventMark[] {
  // Only the write that pays an order says when it was paid; one whose refund was sent back is `paid` again, too. An
  // order that is handed over anew says that it is not.
  if (paid_at) {
    return [{ type: 'order.paid', payment: payingBy(paid_by, change, snapshot) }];
  }
  if (status === snapshot.order.status) return [];
  const current = currentPayment(snapshot);
  const payment = current ? named(current) : null;
  if (status === 'closed') return [{ type: 'order.closed', payment }];
  return status === 'failed' ? [{ type: 'payment.failed', payment }] : [];
}

/** The payment that pays the order, as it will be; null of none. */
function payingBy(n: number | null, change: Change, snapshot: Snapshot): MarkedPayment | null {
  const payment = findPayment(snapshot, n);
  const [set] = change.writes.flatMap((one) =>
    'update' in one && one.update === 'payment' && one.of === n ? [one.set] : [],
  );
  return payment ? named({ ...payment, ...set }) : null;
}

const named = ({ n, provider, merchant, transaction_id }: Payment): MarkedPayment => ({
  ...{ n, provider, merchant, transaction_id },
});

const owned = (type: EventType, { order }: Snapshot): EventMark => ({ type, owner: ownerAccount(order) });
