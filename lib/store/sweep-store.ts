import type { DueCheck, SweepPorts, UnreadableCheck } from '../orders/sweep.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { type ItemKey, itemKindOf, orderKey, orderNumberOf, refundKey, workShard } from './keys.ts';
import { toOrder } from './order-item.ts';
import { toRefund } from './refund-store.ts';
import { SchemaVersionError } from './schema.ts';
import { createWorkStore } from './work-store.ts';

/** So many checks of each shard in one run; the rest is for the next. */
export const CHECKS_PER_SHARD = 200;

/** The checks that the sweep makes, on the `work` index. */
export function createSweepStore(context: StoreContext): SweepPorts['store'] {
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
    clear: (check) => clearWork(keyOf(check), workOf(check)),
  };
}

/** An item of a newer version does not keep the others from being checked. */
function toDueCheck(item: StoredItem & ItemKey): DueCheck | UnreadableCheck {
  const work_due = String(item['work_due']);
  try {
    if (itemKindOf(item) === 'refund') return { type: 'refund', work_due, refund: toRefund(item) };
    return { type: 'order', work_due, order: toOrder(item) };
  } catch (error) {
    if (!(error instanceof SchemaVersionError)) throw error;
    return { type: 'unreadable', work_due, order_no: orderNumberOf(item), error };
  }
}

function keyOf(check: DueCheck): ItemKey {
  if (check.type === 'order') return orderKey(check.order.order_no);
  return refundKey(check.refund.order_no, check.refund.n);
}

const workOf = (check: DueCheck): string =>
  workShard('check', check.type === 'order' ? check.order.order_no : check.refund.order_no);
