import type { DueCheck, SweepPorts, UnreadableCheck } from '../orders/sweep.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { toRecord } from './items.ts';
import {
  disputeKey,
  type ItemKey,
  itemKindOf,
  orderKey,
  orderNumberOf,
  paymentKey,
  refundKey,
  shippingKey,
  workShard,
} from './keys.ts';
import { SchemaVersionError } from './schema.ts';
import { createWorkStore } from './work-store.ts';

/** So many checks of each shard in one run; the rest is for the next. */
export const CHECKS_PER_SHARD = 200;

/** The checks that the sweep makes, on the `work` index. */
export function createSweepStore(context: StoreContext): SweepPorts['work'] {
  const { listDue, postponeWork, clearWork } = createWorkStore(context);
  return {
    async listDueChecks(now) {
      const items = await listDue('check', now, CHECKS_PER_SHARD);
      return items.map((item) => toDueCheck(item as StoredItem & ItemKey));
    },
    postpone: (check, work_due) => {
      const seen = { work: workOf(check), work_due: check.work_due };
      return postponeWork(keyOf(check), seen, work_due);
    },
    clear: (check) => clearWork(keyOf(check), workOf(check), check.work_due),
  };
}

/** An item of a newer version does not keep the others from being checked. */
function toDueCheck(item: StoredItem & ItemKey): DueCheck | UnreadableCheck {
  const work_due = String(item['work_due']);
  try {
    switch (itemKindOf(item)) {
      case 'payment':
        return { type: 'payment', work_due, payment: toRecord('payment', item) };
      case 'refund':
        return { type: 'refund', work_due, refund: toRecord('refund', item) };
      case 'dispute':
        return { type: 'dispute', work_due, dispute: toRecord('dispute', item) };
      case 'shipping':
        return { type: 'shipping', work_due, shipping: toRecord('shipping', item) };
      default:
        return { type: 'deadline', work_due, order_no: toRecord('order', item).order_no };
    }
  } catch (error) {
    // Stryker disable next-line ConditionalExpression: nothing else is thrown, which its type does not say
    if (!(error instanceof SchemaVersionError)) throw error;
    return { type: 'unreadable', work_due, order_no: orderNumberOf(item), error };
  }
}

function keyOf(check: DueCheck): ItemKey {
  switch (check.type) {
    case 'payment':
      return paymentKey(check.payment.order_no, check.payment.n);
    case 'refund':
      return refundKey(check.refund.order_no, check.refund.n);
    case 'dispute':
      return disputeKey(check.dispute.order_no, check.dispute);
    case 'shipping':
      return shippingKey(check.shipping.order_no);
    case 'deadline':
      return orderKey(check.order_no);
  }
}

function workOf(check: DueCheck): string {
  switch (check.type) {
    case 'payment':
      return workShard('check', check.payment.order_no);
    case 'refund':
      return workShard('check', check.refund.order_no);
    case 'dispute':
      return workShard('check', check.dispute.order_no);
    case 'shipping':
      return workShard('check', check.shipping.order_no);
    case 'deadline':
      return workShard('check', check.order_no);
  }
}
