import type { IdempotencyRecord, IdempotentCaller } from '../orders/idempotency.ts';
import type { RequestRefundPorts } from '../orders/request-refund.ts';
import type { StoreContext } from './client.ts';
import { getItem } from './get-item.ts';
import { toRecord } from './items.ts';
import { idempotencyKey } from './keys.ts';

/** The requests that came with an idempotency key. */
export const createIdempotencyStore = (
  context: StoreContext,
): Pick<RequestRefundPorts['store'], 'findIdempotencyRecord'> => ({
  findIdempotencyRecord: (caller) => findIdempotencyRecord(context, caller),
});

/** What was first asked for with a caller's key; null when nothing was. @throws the store's error after retries */
async function findIdempotencyRecord(
  context: StoreContext,
  caller: IdempotentCaller,
): Promise<IdempotencyRecord | null> {
  const item = await getItem(context, idempotencyKey(caller));
  return item && toRecord('idempotency', item);
}
