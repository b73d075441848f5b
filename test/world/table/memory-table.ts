import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { type IndexDefinition, indexDefinitions, partitionKey, sortKey } from '../../../lib/store/table.ts';
import { sizeOf } from '../../support/capacity.ts';
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
  readonly ReturnValues?: string | undefined;
  /** Of a transaction: a condition without a write. */
  readonly isCheck?: boolean;
};

/** So much of a table is read by one scan. */
const SCANNED_BYTES = 1_024 * 1_024;
/** Of a read that need not be of now, half a unit. */
const READ_UNIT_BYTES = 4_096;

const keyText = (pk: unknown, sk: unknown): string => `${pk}\n${sk}`;

/** A table with DynamoDB's semantics for the operations that the stores use. Everything is atomic and at once. */
export function createMemoryTable(
  now: () => number,
  onChange: (change: Change) => void,
  definitions: readonly IndexDefinition[] = indexDefinitions,
): MemoryTable {
  const indexes = new Map(definitions.map((index) => [index.name, index]));
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
  const tell = (key: string, before: Item | undefined, after: Item | undefined) => {
    const change = { time: now(), key, before, after };
    changes.push(change);
    onChange(change);
  };
  const apply = (write: Write) => {
    const { key, item } = find(write);
    if (write.isCheck) return;
    const base = item ?? copyItem(write.Key ?? {});
    const after = copyItem(
      write.Item ?? (write.UpdateExpression ? updated(base, write.UpdateExpression, write) : base),
    );
    stored.set(key, after);
    tell(key, item, after);
  };
  const writeOne = (write: Write) => {
    const { key, item } = find(write);
    if (!fulfils(item, write.ConditionExpression, write)) {
      throw conditionFailed(write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? item : undefined);
    }
    apply(write);
    const after = stored.get(key);
    return write.ReturnValues === 'ALL_NEW' && after ? { Attributes: copyItem(after) } : {};
  };
  const deleteOne = ({ input: { Key } }: DeleteCommand) => {
    const { key, item } = find({ Key });
    if (stored.delete(key)) tell(key, item, undefined);
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
    const wanted = found.filter((item) => fulfils(item, input.FilterExpression, input));
    const isCounted = input.Select === 'COUNT';
    return {
      ...(!isCounted && { Items: wanted.map((item) => copyItem(shownBy(index, item))) }),
      ...{ Count: wanted.length, ...more },
    };
  };

  const scan = ({ input }: ScanCommand) => {
    const { ExclusiveStartKey: start, ProjectionExpression: projection } = input;
    const first = start && keyText(start[partitionKey], start[sortKey]);
    const all = [...stored]
      .filter(([key]) => first === undefined || key > first)
      .sort(([one], [other]) => compare(one, other))
      .map(([, item]) => item);
    const { read, bytes } = pageOf(all);
    const last = read.at(-1);
    const names = projection?.split(', ');
    const shown = (item: Item) =>
      names ? Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))) : item;
    const wanted = read.filter((item) => fulfils(item, input.FilterExpression, input));
    return {
      Items: wanted.map((item) => copyItem(shown(item))),
      ...{ Count: wanted.length, ScannedCount: read.length },
      ConsumedCapacity: { CapacityUnits: Math.ceil(bytes / READ_UNIT_BYTES) / 2 },
      ...(last && read.length < all.length && { LastEvaluatedKey: keyOf(last, undefined) }),
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
      if (command instanceof DeleteCommand) return deleteOne(command);
      if (command instanceof TransactWriteCommand) return transact(command);
      if (command instanceof QueryCommand) return query(command, stale);
      if (command instanceof ScanCommand) return scan(command);
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

/** As many as one scan reads, and what they weigh. */
function pageOf(items: readonly Item[]): { readonly read: readonly Item[]; readonly bytes: number } {
  const read: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(marshall(item));
    if (read.length > 0 && bytes + size > SCANNED_BYTES) break;
    read.push(item);
    bytes += size;
  }
  return { read, bytes };
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
