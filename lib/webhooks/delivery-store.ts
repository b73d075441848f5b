import type { EventType } from '../orders/kinds.ts';
import type { Page, Position } from '../orders/page.ts';
import type { Delivery, DeliveryKey, DeliveryState, EndpointState, Receiver } from './delivery.ts';

/** Part of a receiver's deliveries, by the time of their events, both ends included; ISO 8601. */
export interface DeliveryQuery {
  readonly receiver: Receiver;
  readonly from: string;
  readonly to: string;
  readonly state?: DeliveryState | undefined;
  readonly type?: EventType | undefined;
  readonly order_no?: string | undefined;
  readonly after: Position | null;
  readonly limit: number;
}

/** A delivery as the list of what is due has it: whose it is, and when it was due when it was seen. */
export interface DueDelivery extends DeliveryKey {
  readonly due_at: string;
}

/** Where deliveries are kept, and how their endpoints do. Each call may throw the store's error after retries. */
export interface DeliveryStore extends EndpointStore {
  /** @returns whether it was stored; not where the receiver has one of this event already */
  add(delivery: Delivery): Promise<boolean>;
  find(key: DeliveryKey): Promise<Delivery | null>;
  /**
   * Newest first. What is not wanted is read and passed over, within bounds: a page can be short or empty and still
   * have a next one.
   */
  list(query: DeliveryQuery): Promise<Page<Delivery>>;
  /**
   * Writes what has changed of a delivery whose version is one higher than what it was made of.
   * @returns whether it was still what was seen
   */
  write(next: Delivery): Promise<boolean>;

  /** What is due at `now` and does not wait, of each shard the oldest, at most so many. */
  listDue(now: string, limitPerShard: number): Promise<readonly DueDelivery[]>;
  /** What waits for a receiver's endpoint, the oldest first. */
  listWaiting(receiver: Receiver, limit: number): Promise<readonly DueDelivery[]>;
  /** It is due then, and does not wait. @returns whether it was still what was seen */
  postpone(seen: DueDelivery, due_at: string): Promise<boolean>;
  /** It waits for its endpoint. @returns as `postpone` */
  setWaiting(seen: DueDelivery): Promise<boolean>;
  /** It is over, as nothing was delivered in its time. @returns as `postpone` */
  giveUp(seen: DueDelivery, at: string): Promise<boolean>;
  /** How many wait, up to 1,000. */
  countWaiting(receiver: Receiver): Promise<number>;
}

/** How endpoints do. */
export interface EndpointStore {
  /** Null of an endpoint that has always answered. */
  findEndpoint(receiver: Receiver): Promise<EndpointState | null>;
  listEndpoints(): Promise<readonly EndpointState[]>;
  /** The endpoint is among those that are listed, from now on: something waits for it that did not fail. */
  keepEndpoint(receiver: Receiver): Promise<void>;
  /** An attempt has failed. */
  countFailure(receiver: Receiver, at: string): Promise<EndpointState>;
  /** New events wait. @returns whether the endpoint was still what was seen */
  pause(seen: EndpointState, until: string): Promise<boolean>;
  /** It answered: whatever failed before is over. */
  recover(receiver: Receiver): Promise<void>;
}
