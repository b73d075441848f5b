import { isoTime } from '../iso-time.ts';
import { requireShopOrder, type ShopOrder } from './order.ts';
import type { WriteAnswer } from './settle.ts';
import { payableStatuses } from './transition.ts';

export interface ErasePorts {
  readonly store: {
    /** The user's orders, page by page; a page can be empty. `read` counts the items that were looked at. */
    findOrders(
      user_id: string,
    ): AsyncIterable<{ readonly orders: readonly ShopOrder[]; readonly read: number }>;
    updateOrder(seen: ShopOrder, changes: Partial<ShopOrder>): Promise<WriteAnswer>;
  };
  readonly now: () => number;
  /** Tells what became of an order. */
  readonly onOrder: (order: ShopOrder, result: ErasureResult) => void;
  /** Tells how many items were looked at so far. */
  readonly onProgress: (read: number) => void;
}

export type ErasureResult =
  /** `closed`: nothing was ever asked of a provider for it, and now nothing will be. */
  | 'erased'
  | 'erased_and_closed'
  /** It can still be paid: whoever pays needs it. It is closed when its time is over. */
  | 'left_payable'
  /** It changes faster than it can be written. */
  | 'left_changing';

const MAX_WRITES = 4;

/**
 * Takes the user out of each of its orders that cannot be paid any more. What was booked stays: it names no user. Each
 * order is written on condition that it is as it was seen, so that no payment or refund is disturbed. Done again, it
 * finds what was left.
 * @throws what the store throws; what was done until then stays done
 */
export async function eraseUser(ports: ErasePorts, user_id: string): Promise<Record<ErasureResult, number>> {
  const counts = { erased: 0, erased_and_closed: 0, left_payable: 0, left_changing: 0 };
  let total = 0;
  for await (const { orders, read } of ports.store.findOrders(user_id)) {
    for (const order of orders) {
      const result = await eraseFrom(ports, order);
      counts[result] += 1;
      ports.onOrder(order, result);
    }
    total += read;
    ports.onProgress(total);
  }
  return counts;
}

async function eraseFrom({ store, now }: ErasePorts, found: ShopOrder): Promise<ErasureResult> {
  let order = found;
  for (let writes = 0; writes < MAX_WRITES; writes++) {
    const result = decideErasure(order);
    if (result === 'left_payable') return result;
    const answer = await store.updateOrder(order, {
      user_id: null,
      openid: null,
      openid_digest: null,
      updated_at: isoTime(now()),
      ...(result === 'erased_and_closed' && { status: 'closed' }),
    });
    if (answer.applied) return result;
    order = requireShopOrder(answer.order);
  }
  return 'left_changing';
}

/** A payment that was begun at the provider can come until `expires_at`, whatever we do. */
function decideErasure({ status, expires_at }: ShopOrder): Exclude<ErasureResult, 'left_changing'> {
  if (!payableStatuses.some((payable) => payable === status)) return 'erased';
  return expires_at === null ? 'erased_and_closed' : 'left_payable';
}
