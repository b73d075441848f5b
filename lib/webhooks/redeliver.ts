import { forEachConcurrently } from '../concurrency.ts';
import type { Position } from '../orders/page.ts';
import { mayBeUnderWay, sentAgain } from './attempt-schedule.ts';
import type { Delivery, DeliveryKey } from './delivery.ts';
import type { DeliveryQuery, DeliveryStore } from './delivery-store.ts';

export interface RedeliverPorts {
  readonly store: Pick<DeliveryStore, 'find' | 'write' | 'list' | 'keepEndpoint'>;
  readonly now: () => number;
}

/** A delivery changes with each attempt: so often is one that has changed meanwhile read again. */
const MAX_READS = 3;

/** It changed whenever it was read, and is as it was. */
export class BusyDeliveryError extends Error {
  override readonly name = 'BusyDeliveryError';
}

/**
 * Makes a delivery due again, whatever became of it, for whoever puts the message of it into the queue.
 * @param by the `sub` of who asks
 * @returns as it is then; null when there is none
 * @throws BusyDeliveryError, or the store's error
 */
export async function redeliver(
  { store, now }: RedeliverPorts,
  key: DeliveryKey,
  by: string,
): Promise<Delivery | null> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const seen = await store.find(key);
    if (!seen) return null;
    const next = sentAgain(seen, by, now(), false);
    if (await store.write(next)) return next;
  }
  throw new BusyDeliveryError();
}

/** One request takes so many pages of so many deliveries, which is a matter of seconds. */
const MAX_PAGES = 5;
const PER_PAGE = 100;
const WRITES_AT_ONCE = 10;

/**
 * The same for all of a list, from a place in it on and within bounds, save that they wait their turn, so that they hold
 * up nothing new. One that may be under way is left to that: what became of its attempt would be lost.
 * @returns how many are sent again, and where to go on; null when that was all
 */
export async function redeliverPeriod(
  { store, now }: RedeliverPorts,
  query: Omit<DeliveryQuery, 'limit'>,
  by: string,
): Promise<{ readonly redelivered: number; readonly next: Position | null }> {
  let redelivered = 0;
  let next = query.after;
  await store.keepEndpoint(query.receiver);
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await store.list({ ...query, after: next, limit: PER_PAGE });
    await forEachConcurrently(page.items, WRITES_AT_ONCE, async (seen) => {
      if (mayBeUnderWay(seen, now())) return;
      if (await store.write(sentAgain(seen, by, now(), true))) redelivered += 1;
    });
    next = page.next;
    if (!next) break;
  }
  return { redelivered, next };
}
