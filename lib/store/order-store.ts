import {
  PutCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Change, Expectation, ItemWrite, Put, RecordKind, Update } from '../orders/change.ts';
import type { OrderStore, Refusal, WriteResult } from '../orders/commit.ts';
import type { Snapshot } from '../orders/snapshot.ts';
import type { StoreContext } from './client.ts';
import { type StoredItem, writeConditionally } from './conditional-write.ts';
import { markAttributes, toItem, toRecord, workAttributes } from './items.ts';
import {
  accountShard,
  disputeKey,
  exceptionKey,
  exceptionShard,
  type ItemKey,
  itemKindOf,
  orderKey,
  paymentKey,
  refundKey,
  returnKey,
  shippingKey,
  suspenseKey,
} from './keys.ts';
import { queryPartition } from './partition.ts';
import { newestVersion } from './schema.ts';
import { eventsAttribute, markedVersionAttribute } from './table.ts';

/** Orders on DynamoDB, each with all that belongs to it in one item collection: conditions take the place of row locks. */
export const createOrderStore = (context: StoreContext): OrderStore => ({
  read: (order_no) => readOrder(context, order_no),
  write: (change) => writeChange(context, change),
});

/** @throws SchemaVersionError, or the store's error after retries */
async function readOrder(context: StoreContext, order_no: string): Promise<Snapshot | null> {
  return toSnapshot(await queryOrder(context, order_no));
}

/** What is stored of an order, of its items; null when there is none. @throws SchemaVersionError */
export function toSnapshot(items: readonly (StoredItem & ItemKey)[]): Snapshot | null {
  const ofKind = <K extends RecordKind>(kind: K) =>
    items.filter((item) => itemKindOf(item) === kind).map((item) => toRecord(kind, item));
  const [order] = ofKind('order');
  return order
    ? {
        order,
        payments: ofKind('payment'),
        suspense: ofKind('suspense'),
        refunds: ofKind('refund'),
        returns: ofKind('return'),
        disputes: ofKind('dispute'),
        shipping: ofKind('shipping')[0] ?? null,
        exceptions: ofKind('exception'),
      }
    : null;
}

/** Everything that is stored of an order; few items, which a page mostly holds. */
export const queryOrder = (context: StoreContext, order_no: string): Promise<(StoredItem & ItemKey)[]> =>
  queryPartition(context, orderKey(order_no).pk);

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** @throws SchemaVersionError, UnexpectedRefusalError, or the store's error after retries */
async function writeChange(context: StoreContext, change: Change): Promise<WriteResult> {
  const parts = change.writes.map((write) => toTransactItem(context, change.order_no, write));
  const command = commandOf(parts);
  const answer = await writeConditionally(context, (abortSignal) =>
    context.client.send(command as TransactWriteCommand, { abortSignal }),
  );
  if (answer.applied) return answer;
  const refused = change.writes.map((write, index): Refusal | null => {
    const refusal = answer.refused[index];
    return refusal ? toRefusal(kindOf(write), refusal.item) : null;
  });
  return { applied: false, refused };
}

/** A change of one item needs no transaction, which costs twice as much. */
function commandOf(parts: TransactItem[]): PutCommand | UpdateCommand | TransactWriteCommand {
  const [only = {}, ...others] = parts;
  if (others.length === 0 && only.Put) return new PutCommand(only.Put);
  if (others.length === 0 && only.Update) return new UpdateCommand(only.Update);
  return new TransactWriteCommand({ TransactItems: parts });
}

function kindOf(write: ItemWrite): RecordKind {
  if ('put' in write) return write.put;
  return 'update' in write ? write.update : write.check;
}

function toRefusal(kind: RecordKind, item: StoredItem | undefined): Refusal {
  if (!item) return {};
  switch (kind) {
    case 'order':
    case 'payment':
    case 'idempotency':
      return { [kind]: toRecord(kind, item) };
    default:
      return {};
  }
}

function toTransactItem(context: StoreContext, order_no: string, write: ItemWrite): TransactItem {
  const { tableName: TableName } = context;
  if ('put' in write) return { Put: { TableName, ...toPut(order_no, write) } };
  const Key = keyOf(order_no, write);
  if ('update' in write) return { Update: { TableName, Key, ...toUpdate(order_no, write) } };
  const expression = createExpression();
  const condition = conditionsOf(expression, write.check, write.expects);
  const ConditionExpression = condition.join(' AND ');
  return {
    ConditionCheck: { TableName, Key, ConditionExpression, ...expression.attributes(), ...onRefusal },
  };
}

function keyOf(order_no: string, write: Exclude<ItemWrite, Put>): ItemKey {
  if ('check' in write) return write.check === 'order' ? orderKey(order_no) : paymentKey(order_no, write.of);
  switch (write.update) {
    case 'order':
      return orderKey(order_no);
    case 'payment':
      return paymentKey(order_no, write.of);
    case 'suspense':
      return suspenseKey(order_no, write.of);
    case 'refund':
      return refundKey(order_no, write.of);
    case 'return':
      return returnKey(order_no, write.of);
    case 'dispute':
      return disputeKey(order_no, write.of);
    case 'shipping':
      return shippingKey(order_no);
    case 'exception':
      return exceptionKey(order_no, write.of);
  }
}

const onRefusal = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

function toPut(order_no: string, put: Put) {
  const Item = toItem(order_no, put);
  const absent = 'attribute_not_exists(pk)';
  if (!put.replaces) return { Item, ConditionExpression: absent, ...onRefusal };
  const expression = createExpression();
  const outdated = conditionsOf(expression, put.put, put.replaces).join(' AND ');
  return {
    Item,
    ConditionExpression: `${absent} OR (${outdated})`,
    ...expression.attributes(),
    ...onRefusal,
  };
}

function toUpdate(order_no: string, { update, set, books, owes, expects, marks }: Update) {
  const expression = createExpression();
  const { name, value } = expression;
  const assign = (fields: object) =>
    Object.entries(fields).map(([field, content]) => `${name(field)} = ${value(content)}`);
  const version = name('version');
  // `if_not_exists`, or an update of an item that is not there is invalid on some engines rather than refused.
  const next = `if_not_exists(${version}, ${value(0)}) + ${value(1)}`;
  const assignments = [
    ...assign(set),
    ...(update === 'exception' && set.state
      ? assign({ exception_shard: exceptionShard(set.state, order_no) })
      : []),
    ...(books ? bookingAssignments(order_no, books, expression) : []),
    ...(owes ? assign(workAttributes(order_no, owes)) : []),
    ...(marks ? [...assign(markAttributes(marks)), `${name(markedVersionAttribute)} = ${next}`] : []),
    `${version} = ${next}`,
  ];
  const removed = [...(owes === null ? ['work', 'work_due'] : []), ...(marks ? [] : [eventsAttribute])];
  const removal = removed.length > 0 ? ` REMOVE ${removed.map(name).join(', ')}` : '';
  return {
    UpdateExpression: `SET ${assignments.join(', ')}${removal}`,
    ConditionExpression: conditionsOf(expression, update, expects).join(' AND '),
    ...expression.attributes(),
    ...onRefusal,
  };
}

/** A payment knows its payee in the form in which the index has it: nobody has to read it to book it. */
function bookingAssignments(
  order_no: string,
  { debit, credit, booked_at }: NonNullable<Update['books']>,
  { name, value }: UpdateExpression,
): string[] {
  return [
    `${name('debit')} = ${value(accountShard(debit, order_no))}`,
    `${name('credit')} = ${credit === null ? name('payee') : value(accountShard(credit, order_no))}`,
    `${name('booked_at')} = ${value(booked_at)}`,
  ];
}

type UpdateExpression = ReturnType<typeof createExpression>;

/** Collects names and values. Every name is a placeholder, since many are reserved words of DynamoDB. */
function createExpression() {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  return {
    name(field: string): string {
      names[`#${field}`] = field;
      return `#${field}`;
    },
    value(content: unknown): string {
      const placeholder = `:v${Object.keys(values).length}`;
      values[placeholder] = content;
      return placeholder;
    },
    attributes: () => ({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }),
  };
}

/**
 * The conditions that an item is what is expected. Of an item that was not read, that it is there and that this code
 * understands it; of one that was, its version says so: whoever raises an item's schema raises it too.
 */
function conditionsOf(
  { name, value }: UpdateExpression,
  kind: RecordKind,
  expects: Expectation,
): readonly string[] {
  const conditions = Object.entries(expects).map(([field, expected]) => {
    if (typeof expected !== 'object') return `${name(field)} = ${value(expected)}`;
    if ('in' in expected) return `${name(field)} IN (${expected.in.map(value).join(', ')})`;
    if ('not' in expected) return `${name(field)} <> ${value(expected.not)}`;
    return `${name(field)} <= ${value(expected.atMost)}`;
  });
  // Stryker disable next-line ConditionalExpression,StringLiteral: what is of its version is there and understood
  if ('version' in expects) return conditions;
  const schema = name('schema');
  const understood = value(newestVersion(kind));
  const isUnderstood = `(attribute_not_exists(${schema}) OR ${schema} <= ${understood})`;
  return ['attribute_exists(pk)', ...conditions, isUnderstood];
}
