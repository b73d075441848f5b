import type { LedgerEntry } from '../orders/read-ledger.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import type { StoreContext } from './client.ts';
import { toEntries } from './ledger-store.ts';
import { queryOrder, toSnapshot } from './order-store.ts';

/** All that is stored of an order, and all that was booked of it. */
export interface RecordedOrder {
  readonly snapshot: Snapshot;
  readonly entries: readonly LedgerEntry[];
}

/** In one reading; null when there is none. @throws SchemaVersionError, or the store's error after retries */
export async function readOrderHistory(
  context: StoreContext,
  order_no: string,
): Promise<RecordedOrder | null> {
  const items = await queryOrder(context, order_no);
  const snapshot = toSnapshot(items);
  return snapshot && { snapshot, entries: toEntries(items) };
}
