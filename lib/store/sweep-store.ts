import type { Refund } from '../orders/refund.ts';
import type { DueCheck, SweepPorts } from '../orders/sweep.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { type ItemKey, orderKey, refundKey, workShard } from './keys.ts';
import { toOrder } from './order-item.ts';
import { createWorkStore } from './work-store.ts';

/** So many checks of each shard in one run; the rest is for the next. */
export const CHECKS_PER_SHARD = 200;

/** The checks that the sweep makes, on the `work` index. */
export function createSweepStore(context: StoreContext): SweepPorts['store'] {
  const { listDue, postponeWork, clearWork } = createWorkStore(context);
  return {
    async listDueChecks(now) {
      const items = await listDue('check', now, CHECKS_PER_SHARD);
      return items.map(toDueCheck);
    },
    postpone: (check, work_due) => {
      const seen = { work: workOf(check), work_due: check.work_due };
      return postponeWork(keyOf(check), seen, work_due);
    },
    clear: (check) => clearWork(keyOf(check), workOf(check)),
  };
}

function toDueCheck(item: StoredItem): DueCheck {
  const work_due = String(item['work_due']);
  if (String(item['sk']).startsWith('REFUND#'))
    return { type: 'refund', work_due, refund: item as unknown as Refund };
  const order = toOrder(item);
  if (!order) throw new Error('the index holds no item');
  return { type: 'order', work_due, order };
}

function keyOf(check: DueCheck): ItemKey {
  if (check.type === 'order') return orderKey(check.order.order_no);
  return refundKey(check.refund.order_no, check.refund.n);
}

const workOf = (check: DueCheck): string =>
  workShard('check', check.type === 'order' ? check.order.order_no : check.refund.order_no);
