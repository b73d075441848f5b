import { forEachConcurrently } from '../concurrency.ts';
import { isoTime } from '../io.ts';
import type { OrderStatus } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import type { Period } from '../orders/read-ledger.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import type { StoreContext } from './client.ts';
import type { StoredItem } from './conditional-write.ts';
import { getItems } from './get-item.ts';
import { toRecord } from './items.ts';
import { type ItemKey, orderNumberOf, ordersShards } from './keys.ts';
import { createOrderStore } from './order-store.ts';
import { positionOf, readSharded } from './sharded-read.ts';
import { tableIndexes } from './table.ts';

export interface OrdersQuery {
  /** The account of those whose orders they are. */
  readonly owner: string;
  readonly status: OrderStatus | undefined;
  /** In which they were made. */
  readonly period: Period;
  readonly after: Position | null;
  readonly limit: number;
}

/** So many orders are looked at for their status at once, which one request reads. */
const LOOKED_AT = 100;
const MAX_LOOKS = 5;
const READS_AT_ONCE = 25;

/**
 * Orders, each as it is now with all that belongs to it, the newest first. With a status at most 500 of them are looked
 * at, so that a page can be short or empty and still have a next one: what a page costs does not grow with the table.
 * The index lags behind the table by fractions of a second: an order that was made just now may be missing.
 * @throws SchemaVersionError, or the store's error after retries
 */
export async function listOrders(context: StoreContext, query: OrdersQuery): Promise<Page<Snapshot>> {
  const { items, next } = await findOrders(context, query);
  const found = new Map<ItemKey, Snapshot>();
  const store = createOrderStore(context);
  await forEachConcurrently(items, READS_AT_ONCE, async (key) => {
    const snapshot = await store.read(orderNumberOf(key));
    if (snapshot && hasStatus(snapshot.order, query)) found.set(key, snapshot);
  });
  return { items: items.flatMap((key) => found.get(key) ?? []), next };
}

const hasStatus = (order: { readonly status: OrderStatus }, { status }: OrdersQuery): boolean =>
  status === undefined || order.status === status;

/** Where the orders of a page are. */
async function findOrders(context: StoreContext, query: OrdersQuery): Promise<Page<StoredItem & ItemKey>> {
  if (query.status === undefined) return readKeys(context, query, query.after, query.limit);
  const found: (StoredItem & ItemKey)[] = [];
  let after = query.after;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const { items, next } = await readKeys(context, query, after, LOOKED_AT);
    const orders = await getItems(context, items);
    const wanted = items.filter((_, index) => {
      const order = orders[index];
      return order !== undefined && hasStatus(toRecord('order', order), query);
    });
    const taken = wanted.slice(0, query.limit - found.length);
    found.push(...taken);
    const last = taken.at(-1);
    if (last && taken.length < wanted.length) {
      return { items: found, next: positionOf(tableIndexes.listing, last) };
    }
    after = next;
    if (!after || found.length === query.limit) break;
  }
  return { items: found, next: after };
}

function readKeys(
  context: StoreContext,
  { owner, period }: OrdersQuery,
  after: Position | null,
  limit: number,
) {
  const last = after?.at ?? isoTime(Date.parse(period.to) - 1);
  return readSharded(context, {
    shards: ordersShards(owner).map((partition) => ({
      ...{ index: tableIndexes.listing, partition, first: period.from, last },
    })),
    // Stryker disable next-line StringLiteral: it is not the other order
    order: 'newest_first',
    after,
    limit,
  });
}
