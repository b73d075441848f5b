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
import { createWorkStore } from './work-store.ts';

/** So many checks of each shard in one run; the rest is for the next. */
export const CHECKS_PER_SHARD = 200;

/** The checks that the sweep makes, on the `work` index. */
export function createSweepStore(context: StoreContext): SweepPorts['work'] {
  const { listDue, postponeWork, clearWork } = createWorkStore(context);
  return {
    async listDueChecks(now) {
      const items = await listDue('check', now, CHECKS_PER_SHARD);
      return items.map((item) => readCheck(item as StoredItem & ItemKey));
    },
    postpone: (check, work_due) => {
      const { pk, sk, work } = check.type === 'unreadable' ? check.item : placeOf(check);
      return postponeWork({ pk, sk }, { work, work_due: check.work_due }, work_due);
    },
    clear: (check) => {
      const { pk, sk, work } = placeOf(check);
      return clearWork({ pk, sk }, work, check.work_due);
    },
  };
}

/** An item that is not understood does not keep the others from being checked. */
function readCheck(item: StoredItem & ItemKey): DueCheck | UnreadableCheck {
  const { pk, sk } = item;
  const work = String(item['work']);
  const work_due = String(item['work_due']);
  try {
    const check = toDueCheck(item, work_due);
    const place = placeOf(check);
    if (place.pk === pk && place.sk === sk && place.work === work) return check;
    throw new Error('an item does not say itself where it is stored');
  } catch (error) {
    return { type: 'unreadable', work_due, item: { pk, sk, work }, order_no: orderNumberOf(item), error };
  }
}

/** @throws SchemaVersionError */
function toDueCheck(item: StoredItem & ItemKey, work_due: string): DueCheck {
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
}

/** Where what is checked is stored, and in which partition of the index, by what it says itself. */
function placeOf(check: DueCheck) {
  const key = keyOf(check);
  return { ...key, work: workShard('check', orderNumberOf(key)) };
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
