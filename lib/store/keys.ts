import { createHash } from 'node:crypto';
import type { BookedEntry, RecordKind } from '../orders/change.ts';
import type { Dispute } from '../orders/dispute.ts';
import { type ExceptionIdentity, exceptionId } from '../orders/exception.ts';
import type { IdempotentCaller } from '../orders/idempotency.ts';
import type { ExceptionState, Provider } from '../orders/kinds.ts';
import type { MerchantName } from '../orders/ledger.ts';
import type { Suspense } from '../orders/payment.ts';
import type { Return } from '../orders/refund.ts';

/** Every key of the table is made here. */

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export type ItemKind = RecordKind | 'day' | 'tenant' | 'delivery' | 'endpoint';

/** What people are told of, the most urgent first: what does not fit, then what was paid. */
export const announcementKinds = ['alert', 'notify'] as const;

/** What an item can owe: to be checked, to be told to people, or `parked` until somebody looks. */
export type WorkKind = 'check' | (typeof announcementKinds)[number] | 'parked';

/** So many partitions share the load of one kind of work or one account. */
const shardCount = 8;

/** What belongs together is in one shard: of an order by its number, of a merchant by its name. */
export const shardOf = (name: string): number => {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash % shardCount;
};

export const everyShard: readonly number[] = Array.from({ length: shardCount }, (_, shard) => shard);

const orderPartition = (order_no: string) => `ORDER#${order_no}`;

const kindsByPrefix: Readonly<Record<string, ItemKind>> = {
  ORDER: 'order',
  PAYMENT: 'payment',
  SUSPENSE: 'suspense',
  REFUND: 'refund',
  RETURN: 'return',
  DISPUTE: 'dispute',
  SHIPPING: 'shipping',
  ENTRY: 'entry',
  EXCEPTION: 'exception',
  DAY: 'day',
  TENANT: 'tenant',
  KEY: 'idempotency',
  DELIVERY: 'delivery',
  ENDPOINT: 'endpoint',
};

/** What an item of this key is; null for a key that is made elsewhere. */
export function itemKindOf({ sk }: Pick<ItemKey, 'sk'>): ItemKind | null {
  // Stryker disable next-line StringLiteral: a text that is split has a first part, which its type does not say
  const [prefix = ''] = sk.split('#', 1);
  return Object.hasOwn(kindsByPrefix, prefix) ? (kindsByPrefix[prefix] ?? null) : null;
}

/** The order that an item of this key belongs to; of what belongs to none, its partition. */
export const orderNumberOf = ({ pk }: ItemKey): string =>
  pk.startsWith(orderPartition('')) ? pk.slice(orderPartition('').length) : pk;

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

/** A refund that was not asked for here. */
export const returnKey = (
  order_no: string,
  { payment, return_id }: Pick<Return, 'payment' | 'return_id'>,
): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `RETURN#${payment}#${return_id}`,
});

export const disputeKey = (order_no: string, { dispute_id }: Pick<Dispute, 'dispute_id'>): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `DISPUTE#${dispute_id}`,
});

export const shippingKey = (order_no: string): ItemKey => ({ pk: orderPartition(order_no), sk: 'SHIPPING' });

/** Within its order. */
export const entryKey = (
  order_no: string,
  { kind, reference }: Pick<BookedEntry, 'kind' | 'reference'>,
): ItemKey => ({ pk: orderPartition(order_no), sk: `ENTRY#${kind.toUpperCase()}#${reference}` });

/** Within its order. */
export const exceptionKey = (order_no: string, exception: ExceptionIdentity): ItemKey => ({
  pk: orderPartition(order_no),
  sk: `EXCEPTION#${exceptionId(exception)}`,
});

/** By which what is a merchant's own is spread over the shards, as an order's is by its number. */
export const merchantShardName = ({ provider, merchant }: MerchantName): string => `${provider}.${merchant}`;

const merchantPartition = (name: MerchantName): string => `MERCHANT#${merchantShardName(name)}`;

/** An entry that belongs to no order. */
export const merchantEntryKey = (
  name: MerchantName,
  { kind, reference }: Pick<BookedEntry, 'kind' | 'reference'>,
): ItemKey => ({ pk: merchantPartition(name), sk: `ENTRY#${kind.toUpperCase()}#${reference}` });

/** An exception that names no order of ours; `id` as `exceptionId` makes it. */
export const merchantExceptionKey = (name: MerchantName, id: string): ItemKey => ({
  pk: merchantPartition(name),
  sk: `EXCEPTION#${id}`,
});

/** What a day of the provider's came to; `day` as `2026-11-22`. */
export const merchantDayKey = (name: MerchantName, day: string): ItemKey => ({
  pk: merchantPartition(name),
  sk: `DAY#${day}`,
});

/** All tenants that are registered. */
export const tenantsPartition = 'TENANTS';

export const tenantKey = (tenant_id: number): ItemKey => ({
  pk: tenantsPartition,
  sk: `TENANT#${tenant_id}`,
});

/** Of a digest: a subject has more bytes than a key can. */
export function idempotencyKey({ operation, subject, key }: IdempotentCaller): ItemKey {
  // As JSON escapes it, a lone surrogate too is told apart from all other text.
  const digest = createHash('sha256')
    .update(JSON.stringify([subject, key]))
    .digest('hex');
  return { pk: `IDEMPOTENCY#${operation}#${digest}`, sk: 'KEY' };
}

/** What runs by schedule and writes that it did. */
export type Heartbeat = 'sweep' | 'digest';

/** Where it writes so. No order is there. */
export const heartbeatKey = (of: Heartbeat): ItemKey => ({ pk: `HEARTBEAT#${of}`, sk: 'HEARTBEAT' });

/** The partition of the `work` index that an order's work of this kind is in. */
export const workShard = (kind: WorkKind, order_no: string): string => `${kind}#${shardOf(order_no)}`;

/** Every partition of the `work` index that holds this kind of work. */
export const workShards = (kind: WorkKind): string[] => everyShard.map((shard) => `${kind}#${shard}`);

/** Whether what an item owes is an announcement. The stream's filter names the same prefixes. */
export const owesAnnouncement = (work: string): boolean =>
  announcementKinds.some((kind) => work.startsWith(`${kind}#`));

/** Where an item whose announcement cannot be made waits for a person. */
export const parkedShard = (work: string): string => work.replace(/.*(?=#)/, 'parked');

/** The partition of the `debit` or `credit` index that an order's entries of this account are in. */
export const accountShard = (account: string, order_no: string): string => `${account}#${shardOf(order_no)}`;

/** The account that a partition of the `debit` or `credit` index is of. */
export const accountOf = (shard: string): string => shard.slice(0, shard.lastIndexOf('#'));

/** All partitions of the `debit` or `credit` index that entries of this account can be in. */
export const accountShards = (account: string): string[] => everyShard.map((shard) => `${account}#${shard}`);

/** The partition of the `exception` index that the exceptions of an order, or of a merchant by its shard name, are in. */
export const exceptionShard = (state: ExceptionState, name: string): string => `${state}#${shardOf(name)}`;

export const exceptionShards = (state: ExceptionState): string[] =>
  everyShard.map((shard) => `${state}#${shard}`);

/** The partition of the `listing` index that an order of this owner's account is in. */
export const ordersShard = (owner: string, order_no: string): string =>
  `orders:${owner}#${shardOf(order_no)}`;

/** All partitions of the `listing` index that orders of this owner's account can be in. */
export const ordersShards = (owner: string): string[] =>
  everyShard.map((shard) => `orders:${owner}#${shard}`);

/** The partition of the `listing` index that a merchant's days are in. */
export const dayShard = (name: MerchantName): string =>
  `days:${name.provider}#${shardOf(merchantShardName(name))}`;

/** All partitions of the `listing` index that days at a provider can be in. */
export const dayShards = (provider: Provider): string[] =>
  everyShard.map((shard) => `days:${provider}#${shard}`);
