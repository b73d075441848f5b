import type { DeliveryKey, Receiver } from '../webhooks/delivery.ts';
import { everyShard, type ItemKey, shardOf } from './keys.ts';
import type { IndexDefinition } from './table.ts';

/**
 * The table of webhooks' deliveries and the state of their endpoints: without a stream, each item there for 30 days. Its
 * key and its attribute of time to live have the names that they have in the other table.
 */

/** Sparse: what is not due is not in it. Only keys: what an attempt says is not written to it. */
export const deliveryIndexes = {
  due: { name: 'due', partitionKey: 'due', sortKey: 'due_at', attributes: [] },
} as const satisfies Record<string, IndexDefinition>;

export type DeliveryIndexName = keyof typeof deliveryIndexes;

/** The name of the table. @throws Error when the stack names none */
export function deliveriesTable({ DELIVERIES_TABLE: name }: NodeJS.ProcessEnv = process.env): string {
  if (!name) throw new Error('environment variable DELIVERIES_TABLE is missing');
  return name;
}

const DELIVERY = 'DELIVERY#';

const partition = (receiver: Receiver, shard: number): string => `RECEIVER#${receiver}#${shard}`;

/** All partitions that a receiver's deliveries are in. */
export const deliveryPartitions = (receiver: Receiver): string[] =>
  everyShard.map((shard) => partition(receiver, shard));

/** By time within its partition. */
export const deliverySortKey = ({
  timestamp,
  event_id,
}: Pick<DeliveryKey, 'timestamp' | 'event_id'>): string => `${DELIVERY}${timestamp}#${event_id}`;

export const deliveryKey = (key: DeliveryKey): ItemKey => ({
  pk: partition(key.receiver, shardOf(key.event_id)),
  sk: deliverySortKey(key),
});

export function parseDeliverySortKey(sk: string): Pick<DeliveryKey, 'timestamp' | 'event_id'> {
  // Stryker disable next-line StringLiteral: a delivery's key has all parts
  const [, timestamp = '', event_id = ''] = sk.split('#');
  return { timestamp, event_id };
}

/** Of which delivery a key is. */
export function parseDeliveryKey({ pk, sk }: ItemKey): DeliveryKey {
  // Stryker disable next-line StringLiteral: a delivery's key has all parts
  const [, receiver = ''] = pk.split('#');
  return { receiver: receiver as Receiver, ...parseDeliverySortKey(sk) };
}

/** The state of all endpoints is together: it is read each minute, and written only when something fails. */
export const endpointsPartition = 'ENDPOINTS';

export const endpointKey = (receiver: Receiver): ItemKey => ({
  pk: endpointsPartition,
  sk: `ENDPOINT#${receiver}`,
});

/** The partition of the `due` index that a delivery is in. */
export const dueShard = ({ event_id }: Pick<DeliveryKey, 'event_id'>): string => `due#${shardOf(event_id)}`;

export const dueShards: readonly string[] = everyShard.map((shard) => `due#${shard}`);

/** The partition of the `due` index that what waits for a receiver's endpoint is in, apart from all that does not. */
export const waitingShard = (receiver: Receiver): string => `waiting#${receiver}`;
