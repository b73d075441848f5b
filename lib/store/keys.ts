import { createHash } from 'node:crypto';
import type { RefundEntry } from '../orders/change.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import type { IdempotentCaller } from '../orders/idempotency.ts';
import type { EntryKind, ExceptionState } from '../orders/kinds.ts';
import type { Suspense } from '../orders/payment.ts';
import { exceptionId } from '../orders/record-exception.ts';

/** Every key of the table is made here. */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type ItemKind = 'order' | 'payment' | 'suspense' | 'refund' | 'entry' | 'exception' | 'idempotency';

/** What an item can owe: to be checked, to be told to people, or `parked` until somebody looks. */
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

const kindsByPrefix: Readonly<Record<string, ItemKind>> = {
  ORDER: 'order',
  PAYMENT: 'payment',
  SUSPENSE: 'suspense',
  REFUND: 'refund',
  ENTRY: 'entry',
  EXCEPTION: 'exception',
  KEY: 'idempotency',
};

/** What an item of this key is; null for a key that is made elsewhere. */
export function itemKindOf({ sk }: Pick<ItemKey, 'sk'>): ItemKind | null {
  const [prefix = ''] = sk.split('#', 1);
  return Object.hasOwn(kindsByPrefix, prefix) ? (kindsByPrefix[prefix] ?? null) : null;
}

/** The order that an item of this key belongs to. */
export const orderNumberOf = ({ pk }: ItemKey): string => pk.slice(orderPartition('').length);

export const orderKey = (order_no: string): ItemKey => ({ pk: orderPartition(order_no), sk: 'ORDER' });

export const paymentKey = (order_no: string, n: number): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `PAYMENT#${n}`,
});

export const suspenseKey = (
  order_no: string,
  { n, transaction_id }: Pick<Suspense, 'n' | 'transaction_id'>,
): ItemKey => ({ pk: orderPartition(order_no), sk: `SUSPENSE#${n}#${transaction_id}` });

export const refundKey = (order_no: string, n: number): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `REFUND#${n}`,
});

export const refundEntryKey = ({
  order_no,
  refund,
  n,
}: Pick<RefundEntry, 'order_no' | 'refund' | 'n'>): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `ENTRY#REFUND#${refund}#${n}`,
});

export const exceptionKey = (record: ExceptionRecord): ItemKey => ({
  pk: orderPartition(record.order_no),
  sk: `EXCEPTION#${exceptionId(record)}`,
});

/** Of a digest: a subject has more bytes than a key can. */
export function idempotencyKey({ operation, subject, key }: IdempotentCaller): ItemKey {
  // As JSON escapes it, a lone surrogate too is told apart from all other text.
  const digest = createHash('sha256')
    .update(JSON.stringify([subject, key]))
    .digest('hex');
  return { pk: `IDEMPOTENCY#${operation}#${digest}`, sk: 'KEY' };
}

/** Where the sweep writes that it ran. No order is there. */
export const heartbeatKey: ItemKey = { pk: 'HEARTBEAT#sweep', sk: 'HEARTBEAT' };

/** The partition of the `work` index that an order's work of this kind is in. */
export const workShard = (kind: WorkKind, order_no: string): string => `${kind}#${shardOf(order_no)}`;

/** Every partition of the `work` index that holds this kind of work. */
export const workShards = (kind: WorkKind): string[] => everyShard.map((shard) => `${kind}#${shard}`);

/** Whether what an item owes is an announcement. The stream's filter names the same prefix. */
export const owesAnnouncement = (work: string): boolean => work.startsWith('notify#');

/** Where an item whose announcement cannot be made waits for a person. */
export const parkedShard = (work: string): string => work.replace('notify#', 'parked#');

/** The partition of the `debit` or `credit` index that an order's entries of this account are in. */
export const accountShard = (account: string, order_no: string): string => `${account}#${shardOf(order_no)}`;

/** The account that a partition of the `debit` or `credit` index is of. */
export const accountOf = (shard: string): string => shard.slice(0, shard.lastIndexOf('#'));

/** All partitions of the `debit` or `credit` index that entries of this account can be in. */
export const accountShards = (account: string): string[] => everyShard.map((shard) => `${account}#${shard}`);

/** What an item of this kind books. A payment that its order did not take is in suspense. */
export function entryKindOf(kind: ItemKind | null, isSuspense: boolean): EntryKind | null {
  if (kind === 'entry') return 'refund';
  if (kind !== 'payment' && kind !== 'suspense') return null;
  return isSuspense ? 'suspense' : 'payment';
}

/** The partition of the `exception` index that an order's exceptions are in. */
export const exceptionShard = (state: ExceptionState, order_no: string): string =>
  `${state}#${shardOf(order_no)}`;

export const exceptionShards = (state: ExceptionState): string[] =>
  everyShard.map((shard) => `${state}#${shard}`);
