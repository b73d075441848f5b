import { isoTime } from '../iso-time.ts';
import type { Order } from '../orders/order.ts';
import type { StoredItem } from './conditional-write.ts';
import { type ItemKey, orderKey, type WorkKind, workShard } from './keys.ts';

/** Index attributes of an item that owes something. */
export interface Work {
  readonly work: string;
  readonly work_due: string;
}

/** What an item of this order owes from `now` (milliseconds) plus the delay on. */
export function owe(kind: WorkKind, order_no: string, now: number, delay_ms: number): Work {
  return { work: workShard(kind, order_no), work_due: isoTime(now + delay_ms) };
}

/** What the stream consumer has not announced by then, the sweep does. */
export const NOTIFY_DELAY_MS = 5 * 60_000;

/** When the provider is first asked about a payment that it has not told of. */
export const FIRST_CHECK_DELAY_MS = 60_000;

export function toItem(order: Order, work?: Work): Order & ItemKey & Partial<Work> {
  return { ...orderKey(order.order_no), ...order, ...work };
}

export function toOrder(item: StoredItem | undefined): Order | undefined {
  if (!item) return undefined;
  const { pk: _pk, sk: _sk, work: _work, work_due: _workDue, queried_at: _queriedAt, ...order } = item;
  return order as unknown as Order;
}
