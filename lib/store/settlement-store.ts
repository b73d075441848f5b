import { TransactWriteCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { JournalEntry } from '../orders/journal.ts';
import type { OrderStatus } from '../orders/order.ts';
import type { PaymentEvent } from '../orders/payment-event.ts';
import type { SettlementStore, WriteAnswer } from '../orders/settle.ts';
import { payableStatuses, statusSources } from '../orders/transition.ts';
import type { StoreContext } from './client.ts';
import { writeItem, writeTransaction } from './conditional-write.ts';
import { entryItem } from './journal-item.ts';
import { exceptionKey, exceptionShard, orderKey, paymentEntryKey, suspenseEntryKey } from './keys.ts';
import { NOTIFY_DELAY_MS, owe } from './order-item.ts';
import { getOrder, orderAnswer } from './order-store.ts';
import { schemaAttribute, understoodVersion } from './schema.ts';

/** Settlement on DynamoDB: conditions take the place of row locks. */
export function createSettlementStore(context: StoreContext): SettlementStore {
  return {
    getOrder: (order_no) => getOrder(context, order_no),
    settleOrder: (event, entry, now) => settleOrder(context, event, entry, now),
    setOrderStatus: (event, status, now) => setOrderStatus(context, event, status, now),
    nameTransaction: (event, now) => nameTransaction(context, event, now),
    async recordException(record, entry) {
      const key = exceptionKey(record.order_no, record.kind, record.provider, record.transaction_id);
      const work = owe('notify', record.order_no, Date.parse(record.recorded_at), NOTIFY_DELAY_MS);
      const exception_shard = exceptionShard(record.order_no);
      const puts = [
        put(context, { ...key, ...schemaAttribute('exception'), ...record, ...work, exception_shard }),
      ];
      if (entry) {
        const entryKey = suspenseEntryKey(entry.order_no, entry.provider, entry.transaction_id);
        puts.push(put(context, entryItem(entryKey, entry)));
      }
      await transact(context, puts);
    },
  };
}

/** The payer's openid: once an order cannot be paid any more, nothing needs it. A tenant's order has none. */
const forPaying = 'openid';

async function settleOrder(
  context: StoreContext,
  event: PaymentEvent,
  entry: JournalEntry | null,
  now: string,
): Promise<WriteAnswer> {
  const { work, work_due } = owe('notify', event.order_no, Date.parse(now), NOTIFY_DELAY_MS);
  const { provider, transaction_id, paid_at = now } = event;
  const changes = {
    status: 'paid',
    settlement: { provider, transaction_id },
    paid_at,
    updated_at: now,
    work,
    work_due,
  };
  const update = updateAgreeingOrder(context, event, payableStatuses, changes, [forPaying]);
  if (!entry) return orderAnswer(await sendUpdate(context, update));
  const entryPut = put(context, entryItem(paymentEntryKey(entry.order_no), entry));
  return orderAnswer(await transact(context, [{ Update: update }, entryPut]));
}

async function setOrderStatus(
  context: StoreContext,
  event: PaymentEvent,
  status: 'failed' | 'closed',
  now: string,
): Promise<WriteAnswer> {
  // A closed order is not to be asked about any more; a failed one may yet be paid.
  const finished = status === 'closed' ? ['work', 'work_due', forPaying] : [];
  const changes = { status, updated_at: now };
  const update = updateAgreeingOrder(context, event, statusSources[status], changes, finished);
  return orderAnswer(await sendUpdate(context, update));
}

async function nameTransaction(
  context: StoreContext,
  event: PaymentEvent,
  now: string,
): Promise<WriteAnswer> {
  const update = updateAgreeingOrder(context, event, ['paid', 'refunding', 'refunded'], {
    settlement: { provider: event.provider, transaction_id: event.transaction_id },
    updated_at: now,
  });
  const unnamed = 'attribute_type(settlement.transaction_id, :null)';
  return orderAnswer(
    await sendUpdate(context, {
      ...update,
      ConditionExpression: `${update.ConditionExpression} AND ${unnamed}`,
      ExpressionAttributeValues: { ...update.ExpressionAttributeValues, ':null': 'NULL' },
    }),
  );
}

type Update = UpdateCommandInput & { UpdateExpression: string; ConditionExpression: string };

/** An update of the order on condition that it is in one of the states and is what the event says it is. */
function updateAgreeingOrder(
  { tableName }: StoreContext,
  event: PaymentEvent,
  from: readonly OrderStatus[],
  changes: Readonly<Record<string, unknown>>,
  removed: readonly string[] = [],
): Update {
  const { provider, merchant, amount, currency, attempt } = event;
  const agreed = Object.entries({ provider, merchant, amount, currency, attempt }).filter(
    ([, value]) => value !== undefined,
  );
  const changed = Object.entries(changes);
  const schema = understoodVersion('order');
  const set = [...changed.map(([name]) => `#${name} = :to_${name}`), '#version = #version + :one'];
  const remove = removed.length > 0 ? ` REMOVE ${removed.map((name) => `#${name}`).join(', ')}` : '';
  const names = [
    'status',
    'version',
    ...removed,
    ...agreed.map(([name]) => name),
    ...changed.map(([name]) => name),
  ];
  const values = [
    ...from.map((status, index) => [`:from${index}`, status]),
    ...agreed.map(([name, value]) => [`:is_${name}`, value]),
    ...changed.map(([name, value]) => [`:to_${name}`, value]),
    [':one', 1],
  ];
  return {
    TableName: tableName,
    Key: orderKey(event.order_no),
    UpdateExpression: `SET ${set.join(', ')}${remove}`,
    ConditionExpression: [
      `#status IN (${from.map((_, index) => `:from${index}`).join(', ')})`,
      ...agreed.map(([name]) => `#${name} = :is_${name}`),
      schema.condition,
    ].join(' AND '),
    ExpressionAttributeNames: {
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...schema.names,
    },
    ExpressionAttributeValues: { ...Object.fromEntries(values), ...schema.values },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

const put = ({ tableName }: StoreContext, item: Record<string, unknown>) => ({
  Put: { TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
});

const sendUpdate = (context: StoreContext, update: Update) =>
  writeItem(context, (abortSignal) => context.client.send(new UpdateCommand(update), { abortSignal }));

const transact = (context: StoreContext, items: ({ Update: Update } | ReturnType<typeof put>)[]) =>
  writeTransaction(context, (abortSignal) =>
    context.client.send(new TransactWriteCommand({ TransactItems: items }), { abortSignal }),
  );
