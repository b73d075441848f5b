import { GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { IdempotencyRecord } from '../orders/checkout.ts';
import type { ExceptionRecord } from '../orders/exception.ts';
import type { Order } from '../orders/order.ts';
import type { Refund, Refundable } from '../orders/refund.ts';
import type { NewRefund, RequestRefundStore, SuspenseHolding } from '../orders/request-refund.ts';
import type { RefundChange, RefundSettlementStore } from '../orders/settle-refund.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeTogether } from './conditional-write.ts';
import { idempotencyItem } from './idempotency-item.ts';
import { entryItem } from './journal-item.ts';
import { type ItemKey, idempotencyKey, orderKey, refundEntryKey, refundKey } from './keys.ts';
import { FIRST_CHECK_DELAY_MS, owe, withoutFrame } from './order-item.ts';
import { getOrder } from './order-store.ts';
import { withRetries } from './retry.ts';
import { readItem, schemaAttribute } from './schema.ts';

export function createRequestRefundStore(context: StoreContext): RequestRefundStore {
  return {
    getOrder: (order_no) => getOrder(context, order_no),
    getRefund: (order_no, n) => getRefund(context, order_no, n),
    getIdempotencyRecord: async ({ subject, key }) =>
      (await getItem(context, idempotencyKey('refund', subject, key))) as IdempotencyRecord | undefined,
    findSuspense: (order_no, transaction_id) => findSuspense(context, order_no, transaction_id),
    putRefund: (refund) => putRefund(context, refund),
  };
}

export function createRefundSettlementStore(
  context: StoreContext,
): Omit<RefundSettlementStore, 'recordException'> {
  return {
    writeRefund: (change) => writeRefund(context, change),
    async readRefund(order_no, n) {
      const [order, refund] = await Promise.all([
        getOrder(context, order_no),
        getRefund(context, order_no, n),
      ]);
      if (!order || !refund) return undefined;
      if (refund.exception_key === null) return { order, refund, suspense: null };
      const suspense = await getItem(context, { ...orderKey(order_no), sk: refund.exception_key });
      return suspense && { order, refund, suspense: suspense as unknown as Refundable };
    },
  };
}

export async function getRefund(
  context: StoreContext,
  order_no: string,
  n: number,
): Promise<Refund | undefined> {
  const item = await getItem(context, refundKey(order_no, n));
  return item && toRefund(item);
}

/** @throws SchemaVersionError */
export function toRefund(item: StoredItem): Refund {
  return withoutFrame(readItem(item)) as unknown as Refund;
}

async function getItem(
  { client, tableName, io }: StoreContext,
  key: ItemKey,
): Promise<StoredItem | undefined> {
  const command = new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true });
  const { Item } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  return Item && readItem(Item);
}

/** An order has few exceptions: one page holds them all. */
async function findSuspense(
  { client, tableName, io }: StoreContext,
  order_no: string,
  transaction_id: string,
): Promise<SuspenseHolding | undefined> {
  const command = new QueryCommand({
    TableName: tableName,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :exception)',
    FilterExpression: 'transaction_id = :transaction_id AND #kind IN (:closed, :twice, :superseded)',
    ExpressionAttributeNames: { '#kind': 'kind' },
    ExpressionAttributeValues: {
      ':pk': orderKey(order_no).pk,
      ':exception': 'EXCEPTION#',
      ':transaction_id': transaction_id,
      ':closed': 'paid_after_close',
      ':twice': 'paid_twice',
      ':superseded': 'paid_superseded',
    },
  });
  const { Items = [] } = await withRetries(io, (abortSignal) => client.send(command, { abortSignal }));
  if (!Items[0]) return undefined;
  const item = readItem(Items[0]) as unknown as ExceptionRecord & ItemKey;
  const { reserved, refunded } = item;
  return { key: item.sk, record: item, amount: item.amount ?? 0, reserved, refunded };
}

async function putRefund(
  context: StoreContext,
  { seen, order, refund, suspense, idempotency }: NewRefund,
): Promise<boolean> {
  const work = owe('check', order.order_no, Date.parse(refund.created_at), FIRST_CHECK_DELAY_MS);
  const item = { ...refundKey(order.order_no, refund.n), ...schemaAttribute('refund'), ...refund, ...work };
  return transact(context, [
    { Put: idempotencyItem(context, 'refund', idempotency, refund.created_at) },
    updateOrder(context, seen, order),
    { Put: { TableName: context.tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' } },
    ...(suspense
      ? [updateSuspense(context, order.order_no, suspense.key, heldBefore(suspense, refund), suspense)]
      : []),
  ]);
}

async function writeRefund(context: StoreContext, change: RefundChange): Promise<boolean> {
  const { seen, order, refund, suspense, entry } = change;
  const { exception_key, n, order_no } = refund;
  // The first booking of a refund has a key of its own, so that it cannot be made twice; what follows is told
  // apart by the version of the order, which each of these writes raises.
  const reversal = seen.refund.status === 'open' ? undefined : seen.order.version;
  return transact(context, [
    updateOrder(context, seen.order, order),
    updateRefund(context, seen.refund, refund),
    ...(suspense && seen.suspense && exception_key !== null
      ? [updateSuspense(context, order_no, exception_key, seen.suspense, suspense)]
      : []),
    ...(entry
      ? [
          {
            Put: {
              TableName: context.tableName,
              Item: entryItem(refundEntryKey(order_no, n, reversal), entry),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
        ]
      : []),
  ]);
}

type TransactItem = NonNullable<
  ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']
>[number];

const transact = (context: StoreContext, items: TransactItem[]) =>
  writeTogether(context, (abortSignal) =>
    context.client.send(new TransactWriteCommand({ TransactItems: items }), { abortSignal }),
  );

function updateOrder({ tableName }: StoreContext, seen: Order, order: Order): TransactItem {
  return {
    Update: {
      TableName: tableName,
      Key: orderKey(seen.order_no),
      UpdateExpression:
        'SET #status = :status, reserved = :reserved, refunded = :refunded, refunds = :refunds, updated_at = :updated_at, #version = :next',
      ConditionExpression: '#version = :seen',
      ExpressionAttributeNames: { '#status': 'status', '#version': 'version' },
      ExpressionAttributeValues: {
        ':status': order.status,
        ':reserved': order.reserved,
        ':refunded': order.refunded,
        ':refunds': order.refunds,
        ':updated_at': order.updated_at,
        ':seen': seen.version,
        ':next': seen.version + 1,
      },
    },
  };
}

/** A refund that is decided is not asked about any more. */
function updateRefund({ tableName }: StoreContext, seen: Refund, refund: Refund): TransactItem {
  return {
    Update: {
      TableName: tableName,
      Key: refundKey(seen.order_no, seen.n),
      UpdateExpression:
        'SET #status = :to, refund_id = :refund_id, updated_at = :updated_at REMOVE #work, work_due',
      ConditionExpression: '#status = :from',
      ExpressionAttributeNames: { '#status': 'status', '#work': 'work' },
      ExpressionAttributeValues: {
        ':from': seen.status,
        ':to': refund.status,
        ':refund_id': refund.refund_id,
        ':updated_at': refund.updated_at,
      },
    },
  };
}

function updateSuspense(
  { tableName }: StoreContext,
  order_no: string,
  exceptionSortKey: string,
  seen: Refundable,
  next: Refundable,
): TransactItem {
  return {
    Update: {
      TableName: tableName,
      Key: { ...orderKey(order_no), sk: exceptionSortKey },
      UpdateExpression: 'SET reserved = :reserved, refunded = :refunded',
      ConditionExpression: 'reserved = :seen_reserved AND refunded = :seen_refunded',
      ExpressionAttributeValues: {
        ':reserved': next.reserved,
        ':refunded': next.refunded,
        ':seen_reserved': seen.reserved,
        ':seen_refunded': seen.refunded,
      },
    },
  };
}

/** What was held before a new refund reserved its part. */
const heldBefore = (held: Refundable, { amount }: Refund): Refundable => ({
  ...held,
  reserved: held.reserved - amount,
});
