import type { ExceptionKind } from '../orders/exception.ts';
import type { Provider } from '../orders/order.ts';

/** Every key of the table is made here. */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** What an item can owe: `check` its payment with the provider, `notify` people, or `parked` until somebody looks. */
export type WorkKind = 'check' | 'notify' | 'parked';

/** So many partitions share the load of one kind of work or one account. */
export const shardCount = 8;

const shardOf = (order_no: string): number => {
  let hash = 0;
  for (const character of order_no) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % shardCount;
};

const orderPartition = (order_no: string) => `ORDER#${order_no}`;

/** The order that an item of this key belongs to. */
export const orderNumberOf = ({ pk }: ItemKey): string => pk.slice(orderPartition('').length);

export const orderKey = (order_no: string): ItemKey => ({ pk: orderPartition(order_no), sk: 'ORDER' });

export const paymentEntryKey = (order_no: string): ItemKey => ({
  pk: orderPartition(order_no),
  sk: 'ENTRY#PAYMENT',
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
export const idempotencyKey = (operation: 'checkout', subject: string, key: string): ItemKey => ({
  pk: `IDEMPOTENCY#${operation}#${encodeURIComponent(subject)}#${key}`,
  sk: 'KEY',
});

/** The partition of the `work` index that an order's work of this kind is in. */
export const workShard = (kind: WorkKind, order_no: string): string => `${kind}#${shardOf(order_no)}`;

/** Whether what an item owes is an announcement. The stream's filter names the same prefix. */
export const owesAnnouncement = (work: string): boolean => work.startsWith('notify#');

/** Where an item whose announcement cannot be made waits for a person. */
export const parkedShard = (work: string): string => work.replace('notify#', 'parked#');

/** The partition of the `debit` or `credit` index that an entry of this account and time is in. */
export const accountShard = (account: string, booked_at: string, order_no: string): string =>
  `${account}#${booked_at.slice(0, 10)}#${shardOf(order_no)}`;
