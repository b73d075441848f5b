import type { EventMark, MarkedPayment } from '../orders/change.ts';
import type { EventType } from '../orders/kinds.ts';
import { ownerAccount } from '../orders/ledger.ts';
import type { Order } from '../orders/order.ts';
import type { Payment } from '../orders/payment.ts';
import type { StoredItem } from '../store/conditional-write.ts';
import { toRecord } from '../store/items.ts';
import { type ItemKey, itemKindOf } from '../store/keys.ts';
import { markedAtAttribute } from '../store/table.ts';
import type { DomainEvent } from './domain-event.ts';
import { eventOf } from './read-events.ts';

/** Both ends are in it; ISO 8601. What is in it happened or was recorded then. */
export interface EventPeriod {
  readonly from: string;
  readonly to: string;
}

/**
 * The events of a period about what belongs together, one order or one merchant, each under the id under which it was
 * first published, and told of as it is stored now: an order
 * that was paid then and given back since is `order.paid` with the status `refunded`. What was undone since, such as a
 * failure before a payment, left nothing to tell of.
 * @throws SchemaVersionError
 */
export function storedEvents(
  items: readonly (StoredItem & ItemKey)[],
  { from, to }: EventPeriod,
): readonly DomainEvent[] {
  const order = items.find((item) => itemKindOf(item) === 'order');
  const payments = items
    .filter((item) => itemKindOf(item) === 'payment')
    .map((item) => toRecord('payment', item));
  const owner = order ? ownerAccount(toRecord('order', order)) : null;
  return items
    .filter((item) => markedAtAttribute in item)
    .flatMap((item) => marksOf(item, owner, payments).map((mark) => eventOf(item, mark)))
    .filter(({ timestamp, recorded_at }) => [timestamp, recorded_at].some((at) => at >= from && at <= to));
}

function marksOf(
  item: StoredItem & ItemKey,
  owner: string | null,
  payments: readonly Payment[],
): readonly EventMark[] {
  const owned = (type: EventType) => (owner === null ? [] : [{ type, owner }]);
  switch (itemKindOf(item)) {
    case 'order':
      return orderMarks(toRecord('order', item), payments);
    case 'refund': {
      const { status } = toRecord('refund', item);
      return status === 'open' ? [] : owned(`refund.${status}`);
    }
    case 'exception': {
      const { state, owner: own } = toRecord('exception', item);
      return [{ type: state === 'open' ? 'exception.raised' : 'exception.resolved', owner: own }];
    }
    case 'dispute':
      return owned(toRecord('dispute', item).state === 'open' ? 'dispute.opened' : 'dispute.closed');
    default:
      return [];
  }
}

function orderMarks(
  { status, paid_by, payment: current, paid_at }: Order,
  payments: readonly Payment[],
): readonly EventMark[] {
  if (paid_at !== null) return [{ type: 'order.paid', payment: markedPayment(payments, paid_by) }];
  const payment = markedPayment(payments, current);
  if (status === 'closed') return [{ type: 'order.closed', payment }];
  return status === 'failed' ? [{ type: 'payment.failed', payment }] : [];
}

function markedPayment(payments: readonly Payment[], number: number | null): MarkedPayment | null {
  const payment = payments.find(({ n }) => n === number);
  if (!payment) return null;
  const { n, provider, merchant, transaction_id } = payment;
  return { n, provider, merchant, transaction_id };
}
