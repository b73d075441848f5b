import { isoTime } from '../iso-time.ts';
import { orderUpdate } from './change.ts';
import { type CommitPorts, ContentionError, commit } from './commit.ts';
import { isOneOf, payableStatuses } from './kinds.ts';
import type { ShopOrder } from './order.ts';
import type { Payment } from './payment.ts';

export interface ErasePorts extends CommitPorts {
  /** The user's orders, page by page; a page can be empty. `read` counts the items that were looked at. */
  readonly findOrders: (
    user_id: string,
  ) => AsyncIterable<{ readonly orders: readonly ShopOrder[]; readonly read: number }>;
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

/**
 * Takes the user out of each of its orders that cannot be paid any more. What was booked stays: it names no user. Each
 * order is written on condition that it is as it was seen, so that no payment or refund is disturbed. Done again, it
 * finds what was left.
 * @throws what the store throws; what was done until then stays done
 */
export async function eraseUser(ports: ErasePorts, user_id: string): Promise<Record<ErasureResult, number>> {
  const counts = { erased: 0, erased_and_closed: 0, left_payable: 0, left_changing: 0 };
  let total = 0;
  for await (const { orders, read } of ports.findOrders(user_id)) {
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

async function eraseFrom(ports: ErasePorts, found: ShopOrder): Promise<ErasureResult> {
  try {
    return await commit<ErasureResult>(ports, found.order_no, (snapshot) => {
      const order = snapshot?.order;
      if (!order || order.kind === 'tenant') throw new Error('the stored item is no shop order');
      const result = decideErasure(order, snapshot.payments);
      if (result === 'left_payable') return { result, change: null };
      const set = {
        ...{ user_id: null, openid: null, openid_digest: null },
        updated_at: isoTime(ports.io.now()),
        ...(result === 'erased_and_closed' && { status: 'closed' as const }),
      };
      const update = result === 'erased_and_closed' ? orderUpdate(order, set, null) : orderUpdate(order, set);
      return { result, change: { order_no: order.order_no, writes: [update] } };
    });
  } catch (error) {
    if (error instanceof ContentionError) return 'left_changing';
    throw error;
  }
}

/** A payment that was begun at the provider can come until it is closed there, whatever we do. */
function decideErasure(
  { status }: ShopOrder,
  payments: readonly Payment[],
): Exclude<ErasureResult, 'left_changing'> {
  if (!isOneOf(payableStatuses, status)) return 'erased';
  return payments.every(({ state }) => state === 'closed') ? 'erased_and_closed' : 'left_payable';
}
