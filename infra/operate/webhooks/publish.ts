import type { DomainEvent } from '../../../lib/domain-events/domain-event.ts';
import type { PutEvents } from '../../../lib/domain-events/publish.ts';
import { type EventPeriod, storedEvents } from '../../../lib/domain-events/stored-events.ts';
import type { Io } from '../../../lib/io.ts';
import { eventTypes } from '../../../lib/orders/kinds.ts';
import { type Collection, changedCollections } from '../../../lib/store/changed-collections.ts';
import type { StoreContext } from '../../../lib/store/client.ts';
import { queryOrder } from '../../../lib/store/order-store.ts';

/** What the bus takes at once. */
const EVENTS_PER_PUT = 10;

/** Of ten events that the bus does not take whole. */
const MOST_PUTS = 5;
const PAUSE_MS = 500;

export interface PublishPorts {
  readonly store: StoreContext;
  readonly io: Pick<Io, 'sleep'>;
  readonly putEvents: PutEvents;
  /** How many items were read by now. */
  readonly onProgress: (read: number) => void;
  /** Of which order or merchant nothing can be told, and why. */
  readonly onUnreadable: (partition: string, reason: string) => void;
}

export interface Published {
  readonly byType: ReadonlyMap<DomainEvent['type'], number>;
  readonly unreadable: number;
}

/**
 * Publishes what happened in a period again, as it is stored now: whoever saw an event already knows it by its id.
 * @throws Error when the bus does not take all, and the store's error after retries
 */
export async function publishPeriod(
  period: EventPeriod,
  order_no: string | null,
  ports: PublishPorts,
): Promise<Published> {
  const { putEvents, io, onUnreadable } = ports;
  const byType = new Map<DomainEvent['type'], number>(eventTypes.map((type) => [type, 0]));
  let unreadable = 0;
  for await (const collection of collectionsOf(period, order_no, ports)) {
    const events = read(collection, period);
    if (typeof events === 'string') {
      unreadable += 1;
      onUnreadable(collection[0]?.pk ?? '', events);
      continue;
    }
    for (let start = 0; start < events.length; start += EVENTS_PER_PUT) {
      await putAll(events.slice(start, start + EVENTS_PER_PUT), putEvents, io);
    }
    for (const { type } of events) byType.set(type, (byType.get(type) ?? 0) + 1);
  }
  return { byType, unreadable };
}

async function* collectionsOf(
  { from }: EventPeriod,
  order_no: string | null,
  { store, onProgress }: PublishPorts,
): AsyncGenerator<Collection> {
  if (order_no !== null) {
    const items = await queryOrder(store, order_no);
    if (items.length === 0) throw new Error(`there is no order ${order_no}`);
    yield items;
    return;
  }
  let looked = 0;
  for await (const { collections, read } of changedCollections(store, from)) {
    yield* collections;
    looked += read;
    onProgress(looked);
  }
}

/** The events; why there are none to be had where an item is of newer code, or not as its kind is. */
function read(collection: Collection, period: EventPeriod): readonly DomainEvent[] | string {
  try {
    return storedEvents(collection, period);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @throws Error when some are not taken, however often they are tried */
async function putAll(
  events: readonly DomainEvent[],
  putEvents: PutEvents,
  { sleep }: Pick<Io, 'sleep'>,
): Promise<void> {
  let left = events;
  for (let puts = 1; ; puts += 1) {
    const taken = await putEvents(left);
    left = left.filter((_, index) => taken[index] !== true);
    if (left.length === 0) return;
    if (puts === MOST_PUTS) throw new Error(`the bus does not take ${left[0]?.type} ${left[0]?.id}`);
    await sleep(PAUSE_MS * 2 ** puts);
  }
}
