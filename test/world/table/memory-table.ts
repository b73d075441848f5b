import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type IndexDefinition, indexDefinitions, partitionKey, sortKey } from '../../../lib/store/table.ts';
import {
  type CancellationReason,
  conditionFailed,
  marshalled,
  storeError,
  transactionCancelled,
} from './errors.ts';
import { fulfils, type Item, type Placeholders, updated } from './expression.ts';

/** One item before and after a write, as the stream of a table tells it. */
export interface Change {
  readonly time: number;
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface MemoryTable {
  /** @throws what DynamoDB would throw, under the same name */
  execute(command: object, stale?: number): object;
  /** What each part of a transaction would be cancelled for, were it the only one. */
  cancellationReasons(command: TransactWriteCommand): CancellationReason[];
  get(pk: string, sk: string): Item | undefined;
  items(): Item[];
  /** Every write in its order. */
  readonly changes: readonly Change[];
}

export type Write = Placeholders & {
  readonly Item?: Record<string, unknown> | undefined;
  readonly Key?: Record<string, unknown> | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
  /** Of a transaction: a condition without a write. */
  readonly isCheck?: boolean;
};

const indexes = new Map<string, IndexDefinition>(indexDefinitions.map((index) => [index.name, index]));

const keyText = (pk: unknown, sk: unknown): string => `${pk}\n${sk}`;

/** A table with DynamoDB's semantics for the operations that the stores use. Everything is atomic and at once. */
export function createMemoryTable(now: () => number, onChange: (change: Change) => void): MemoryTable {
  const stored = new Map<string, Item>();
  const changes: Change[] = [];

  const find = (write: Write) => {
    const { [partitionKey]: pk, [sortKey]: sk } = write.Item ?? write.Key ?? {};
    const key = keyText(pk, sk);
    return { key, item: stored.get(key) };
  };
  const check = (write: Write): CancellationReason => {
    const { item } = find(write);
    if (fulfils(item, write.ConditionExpression, write)) return { Code: 'None' };
    const shown = write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? item : undefined;
    return { Code: 'ConditionalCheckFailed', ...marshalled(shown) };
  };
  const apply = (write: Write) => {
    const { key, item } = find(write);
    if (write.isCheck) return;
    const base = item ?? copyItem(write.Key ?? {});
    const after = copyItem(
      write.Item ?? (write.UpdateExpression ? updated(base, write.UpdateExpression, write) : base),
    );
    stored.set(key, after);
    const change = { time: now(), key, before: item, after };
    changes.push(change);
    onChange(change);
  };
  const writeOne = (write: Write) => {
    const { item } = find(write);
    if (!fulfils(item, write.ConditionExpression, write)) {
      throw conditionFailed(write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? item : undefined);
    }
    apply(write);
    return {};
  };
  const transact = (command: TransactWriteCommand) => {
    const writes = writesOf(command);
    const keys = new Set(writes.map((write) => find(write).key));
    if (keys.size < writes.length) throw storeError('ValidationException', 400);
    const reasons = writes.map(check);
    if (reasons.some(({ Code }) => Code !== 'None')) throw transactionCancelled(reasons);
    writes.forEach(apply);
    return {};
  };

  /** What an index showed so many writes ago. */
  const past = (stale: number): Iterable<Item> => {
    if (stale === 0) return stored.values();
    const view = new Map(stored);
    for (const { key, before } of changes.slice(-stale).reverse()) {
      if (before) view.set(key, before);
      else view.delete(key);
    }
    return view.values();
  };
  const query = ({ input }: QueryCommand, stale: number) => {
    const index = indexes.get(input.IndexName ?? '');
    const order = index?.sortKey ?? sortKey;
    const isIn = (item: Item) =>
      (!index || (item[index.partitionKey] !== undefined && item[index.sortKey] !== undefined)) &&
      fulfils(item, input.KeyConditionExpression, input);
    const place = (item: Item) => `${item[order]}\n${item[partitionKey]}\n${item[sortKey]}`;
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const start = input.ExclusiveStartKey && place(input.ExclusiveStartKey as Item);
    const all = [...past(index ? stale : 0)]
      .filter(isIn)
      .sort((one, other) => direction * compare(place(one), place(other)))
      .filter((item) => start === undefined || direction * compare(place(item), start) > 0);
    const found = all.slice(0, input.Limit);
    const last = found.at(-1);
    const more = found.length < all.length && last ? { LastEvaluatedKey: keyOf(last, index) } : {};
    return {
      Items: found
        .filter((item) => fulfils(item, input.FilterExpression, input))
        .map((item) => copyItem(shownBy(index, item))),
      ...more,
    };
  };

  const batchGet = ({ input: { RequestItems = {} } }: BatchGetCommand) => ({
    Responses: Object.fromEntries(
      Object.entries(RequestItems).map(([name, { Keys = [] }]) => {
        const items = Keys.map((Key) => find({ Key }).item).filter((item) => item !== undefined);
        return [name, items.map(copyItem)];
      }),
    ),
  });

  return {
    changes,
    get: (pk, sk) => stored.get(keyText(pk, sk)),
    items: () => [...stored.values()],
    cancellationReasons: (command) => writesOf(command).map(check),
    execute(command, stale = 0) {
      if (command instanceof GetCommand) {
        const { item } = find(command.input);
        return item ? { Item: copyItem(item) } : {};
      }
      if (command instanceof BatchGetCommand) return batchGet(command);
      if (command instanceof PutCommand) return writeOne(command.input);
      if (command instanceof UpdateCommand) return writeOne(command.input);
      if (command instanceof TransactWriteCommand) return transact(command);
      if (command instanceof QueryCommand) return query(command, stale);
      throw new Error('a command that is not understood');
    },
  };
}

export const writesOf = ({ input }: TransactWriteCommand): Write[] =>
  (input.TransactItems ?? []).map(({ Put, Update, ConditionCheck }) => {
    if (ConditionCheck) return { ...ConditionCheck, isCheck: true };
    const write = Put ?? Update;
    if (!write) throw new Error('a part of a transaction that is not understood');
    return write;
  });

const keyOf = (item: Item, index: IndexDefinition | undefined): Item =>
  Object.fromEntries(
    [partitionKey, sortKey, ...(index ? [index.partitionKey, index.sortKey] : [])].map((name) => [
      name,
      item[name],
    ]),
  );

/** What an index holds of an item. */
function shownBy(index: IndexDefinition | undefined, item: Item): Item {
  if (!index?.attributes) return item;
  const shown = new Set([...Object.keys(keyOf(item, index)), ...index.attributes]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => shown.has(name)));
}

const compare = (left: string, right: string): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

/** A copy that nobody else holds. Like the document client, it takes no undefined value. */
function copyItem(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, copyValue(value)]));
}

function copyValue(value: unknown): unknown {
  if (value === undefined) throw new TypeError('undefined cannot be stored');
  if (Array.isArray(value)) return value.map(copyValue);
  return typeof value === 'object' && value !== null ? copyItem(value as Item) : value;
}
