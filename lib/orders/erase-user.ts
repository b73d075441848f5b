import { isoTime } from '../io.ts';
import { asSeen, changeOf, type ItemWrite, orderUpdate, paymentUpdate } from './change.ts';
import { type CommitPorts, ContentionError, commit, type Step } from './commit.ts';
import { isOneOf, payableStatuses } from './kinds.ts';
import type { ShopOrder } from './order.ts';
import type { Shipping } from './shipping.ts';
import type { Snapshot } from './snapshot.ts';

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
  /** A refund is not decided: it may be asked for again, which has to be in the same words. */
  | 'left_refunding'
  /** That it was sent is still to be told, in the same words. */
  | 'left_shipping'
  /** It changes faster than it can be written. */
  | 'left_changing';

/**
 * Takes the user out of each of its orders that cannot be paid any more, and with it whatever people wrote there: what
 * was bought, why it was returned, how an exception ended; and that it was the user who closed it or asked for a refund.
 * What was booked stays: it names no user. Each item is written on condition that it is as it was seen, so that no
 * payment or refund is disturbed. Done again, it finds what was left.
 * @throws what the store throws; what was done until then stays done
 */
export async function eraseUser(ports: ErasePorts, user_id: string): Promise<Record<ErasureResult, number>> {
  const counts = {
    erased: 0,
    erased_and_closed: 0,
    left_payable: 0,
    left_refunding: 0,
    left_shipping: 0,
    left_changing: 0,
  };
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

/** So many items are written at once: DynamoDB takes 100. */
const PART_SIZE = 50;
const MAX_PARTS = 100;

/** The order comes last: by its user it is found again when the rest was not finished. */
async function eraseFrom(ports: ErasePorts, { order_no }: ShopOrder): Promise<ErasureResult> {
  try {
    for (let part = 0; part < MAX_PARTS; part++) {
      const result = await commit(ports, order_no, (snapshot) => decidePart(snapshot, ports.io.now()));
      if (result !== 'unfinished') return result;
    }
    return 'left_changing';
  } catch (error) {
    if (error instanceof ContentionError) return 'left_changing';
    throw error;
  }
}

function decidePart(snapshot: Snapshot | null, now: number): Step<ErasureResult | 'unfinished'> {
  const order = snapshot?.order;
  if (!order || order.kind === 'tenant') throw new Error('the stored item is no shop order');
  const { order_no } = order;
  const result = decideErasure(snapshot);
  if (result !== 'erased' && result !== 'erased_and_closed') return { result, change: null };
  const words = withoutWords(snapshot, order.user_id);
  if (words.length > PART_SIZE) {
    return { result: 'unfinished', change: changeOf(order_no, words.slice(0, PART_SIZE)) };
  }
  const set = {
    ...{ user_id: null, openid: null, openid_digest: null, description: '' },
    updated_at: isoTime(now),
    ...(result === 'erased_and_closed' && { status: 'closed' as const }),
    ...(order.closed_by === order.user_id && { closed_by: null }),
  };
  const update = result === 'erased_and_closed' ? orderUpdate(order, set, null) : orderUpdate(order, set);
  return { result, change: { order_no, writes: [update, ...words] } };
}

/** Takes out what was written in words of somebody's own, and who the user was, in all items of an order but the order. */
const withoutWords = (
  { payments, refunds, exceptions, shipping }: Snapshot,
  user_id: string | null,
): readonly ItemWrite[] => [
  ...(shipping && shipping.items !== '' ? [shippingWithoutWords(shipping)] : []),
  ...payments
    .filter(({ description }) => description !== '')
    .map((payment) => paymentUpdate(payment, { description: '' })),
  ...refunds.flatMap((refund): readonly ItemWrite[] => {
    const isUsers = refund.requested_by !== null && refund.requested_by === user_id;
    if (refund.reason === '' && !isUsers) return [];
    const set = { reason: '', ...(isUsers && { requested_by: null }) };
    return [{ update: 'refund', of: refund.n, set, expects: asSeen(refund) }];
  }),
  ...exceptions.flatMap((exception): readonly ItemWrite[] => {
    const { resolved } = exception;
    if (!resolved || resolved.reason === '') return [];
    const set = { resolved: { ...resolved, reason: '' } };
    return [{ update: 'exception', of: exception, set, expects: asSeen(exception) }];
  }),
];

const shippingWithoutWords = (shipping: Shipping): ItemWrite => ({
  update: 'shipping',
  of: null,
  set: { items: '', parcels: shipping.parcels.map((parcel) => ({ ...parcel, contact: null })) },
  expects: asSeen(shipping),
});

/** A payment that was begun at the provider can come until it is closed there, whatever we do. */
function decideErasure({
  order: { status },
  payments,
  refunds,
  shipping,
}: Snapshot): Exclude<ErasureResult, 'left_changing'> {
  if (refunds.some((refund) => refund.status === 'open')) return 'left_refunding';
  if (shipping?.state === 'open') return 'left_shipping';
  if (!isOneOf(payableStatuses, status)) return 'erased';
  return payments.every(({ state }) => state === 'closed') ? 'erased_and_closed' : 'left_payable';
}
