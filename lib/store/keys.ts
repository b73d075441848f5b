import type { ExceptionKind } from '../orders/exception.ts';
import type { EntryKind } from '../orders/ledger.ts';
import type { Provider } from '../orders/order.ts';

/** Every key of the table is made here. */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type ItemKind = 'order' | 'refund' | 'entry' | 'exception' | 'idempotency';

/** What an item can owe: `check` its payment with the provider, `notify` people, or `parked` until somebody looks. */
export type WorkKind = 'check' | 'notify' | 'parked';

/** So many partitions share the load of one kind of work or one account. */
const shardCount = 8;

const shardOf = (order_no: string): number => {
  let hash = 0;
  for (const character of order_no) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % shardCount;
};

const everyShard = Array.from({ length: shardCount }, (_, shard) => shard);

const orderPartition = (order_no: string) => `ORDER#${order_no}`;

/** What an item of this key is; null for a key that is made elsewhere. */
export function itemKindOf({ sk }: Pick<ItemKey, 'sk'>): ItemKind | null {
  if (sk === 'ORDER') return 'order';
  if (sk === 'KEY') return 'idempotency';
  if (sk.startsWith('REFUND#')) return 'refund';
  if (sk.startsWith('ENTRY#')) return 'entry';
  return sk.startsWith('EXCEPTION#') ? 'exception' : null;
}

/** The order that an item of this key belongs to. */
export const orderNumberOf = ({ pk }: ItemKey): string => pk.slice(orderPartition('').length);

export const orderKey = (order_no: string): ItemKey => ({ pk: orderPartition(order_no), sk: 'ORDER' });

export const paymentEntryKey = (order_no: string): ItemKey => ({
  pk: orderPartition(order_no),
  sk: 'ENTRY#PAYMENT',
});

export const refundKey = (order_no: string, n: number): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `REFUND#${n}`,
});

/** `reversal` tells the bookings apart that follow a refund's first one. */
export const refundEntryKey = (order_no: string, n: number, reversal?: number): ItemKey => ({
  pk: orderPartition(order_no),
  sk: reversal === undefined ? `ENTRY#REFUND#${n}` : `ENTRY#REFUND#${n}#${reversal}`,
});

/** A message that names no transaction has `-` in its place. */
export const suspenseEntryKey = (
  order_no: string,
  provider: Provider,
  transaction_id: string | null,
): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `ENTRY#SUSPENSE#${provider}#${transaction_id ?? '-'}`,
});

export const exceptionKey = (
  order_no: string,
  kind: ExceptionKind,
  provider: Provider | null,
  transaction_id: string | null,
): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `EXCEPTION#${kind}#${provider ?? '-'}#${transaction_id ?? '-'}`,
});

/** The subject is escaped, so that no other subject and key can spell the same. */
export const idempotencyKey = (operation: 'checkout' | 'refund', subject: string, key: string): ItemKey => ({
  pk: `IDEMPOTENCY#${operation}#${encodeURIComponent(subject)}#${key}`,
  sk: 'KEY',
});

/** Where the sweep writes that it ran. No order is there. */
export const heartbeatKey: ItemKey = { pk: 'HEARTBEAT#sweep', sk: 'HEARTBEAT' };

/** The partition of the `work` index that an order's work of this kind is in. */
export const workShard = (kind: WorkKind, order_no: string): string => `${kind}#${shardOf(order_no)}`;

/** Every partition of the `work` index that holds this kind of work. */
export const workShards = (kind: WorkKind): string[] =>
  Array.from({ length: shardCount }, (_, shard) => `${kind}#${shard}`);

/** Whether what an item owes is an announcement. The stream's filter names the same prefix. */
export const owesAnnouncement = (work: string): boolean => work.startsWith('notify#');

/** Where an item whose announcement cannot be made waits for a person. */
export const parkedShard = (work: string): string => work.replace('notify#', 'parked#');

/** What an entry's key says of its kind. */
export const entryKindOf = ({ sk }: ItemKey): EntryKind => sk.split('#')[1]?.toLowerCase() as EntryKind;

/** Which of its order's refunds an entry books first; null when it books none, or one of the bookings that follow. */
export function refundOfEntry({ sk }: ItemKey): number | null {
  const match = /^ENTRY#REFUND#([0-9]+)$/.exec(sk);
  return match ? Number(match[1]) : null;
}

const accountPartition = (account: string, booked_at: string, shard: number) =>
  `${account}#${booked_at.slice(0, 10)}#${shard}`;

/** The partition of the `debit` or `credit` index that an entry of this account and time is in. */
export const accountShard = (account: string, booked_at: string, order_no: string): string =>
  accountPartition(account, booked_at, shardOf(order_no));

/** All partitions of the `debit` or `credit` index that entries of this account and day can be in. */
export const accountShards = (account: string, day: string): string[] =>
  everyShard.map((shard) => accountPartition(account, day, shard));

const exceptionPartition = (shard: number) => `exceptions#${shard}`;

/** The partition of the `exception` index that an order's exceptions are in. */
export const exceptionShard = (order_no: string): string => exceptionPartition(shardOf(order_no));

export const exceptionShards: readonly string[] = everyShard.map(exceptionPartition);
