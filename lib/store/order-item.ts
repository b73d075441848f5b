import { isoTime } from '../iso-time.ts';
import type { Order } from '../orders/order.ts';
import type { StoredItem } from './conditional-write.ts';
import { type ItemKey, orderKey, type WorkKind, workShard } from './keys.ts';
import { readItem, schemaAttribute } from './schema.ts';

/** Index attributes of an item that owes something. */
export interface Work {
  readonly work: string;
  readonly work_due: string;
}

/** What an item of this order owes from `now` (milliseconds) plus the delay on. */
export function owe(kind: WorkKind, order_no: string, now: number, delay_ms: number): Work {
  return { work: workShard(kind, order_no), work_due: isoTime(now + delay_ms) };
}

/** What the item says, without what the table needs of it. */
export function withoutFrame({
  pk: _pk,
  sk: _sk,
  schema: _schema,
  work: _work,
  work_due: _workDue,
  ...record
}: StoredItem): StoredItem {
  return record;
}

/** What the stream consumer has not announced by then, the sweep does. */
export const NOTIFY_DELAY_MS = 5 * 60_000;

/** When the provider is first asked about a payment that it has not told of. */
export const FIRST_CHECK_DELAY_MS = 60_000;

export function toItem(order: Order, work?: Work): Order & ItemKey & Partial<Work> {
  return { ...orderKey(order.order_no), ...schemaAttribute('order'), ...order, ...work };
}

/** @throws SchemaVersionError */
export function toOrder(item: StoredItem): Order {
  const { queried_at: _queriedAt, ...stored } = withoutFrame(readItem(item));
  const order = stored as unknown as Order;
  return order.kind === 'tenant' ? order : { ...order, openid: order.openid ?? null };
}
