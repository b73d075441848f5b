import { isoTime } from '../../lib/io.ts';
import type { Change, Expectation, ItemWrite, RecordKind, Records } from '../../lib/orders/change.ts';
import type { Refusal, WriteResult } from '../../lib/orders/commit.ts';
import { exceptionId } from '../../lib/orders/exception.ts';
import type { IdempotencyRecord, IdempotentCaller } from '../../lib/orders/idempotency.ts';
import type { Debt } from '../../lib/orders/schedule.ts';
import type { Snapshot } from '../../lib/orders/snapshot.ts';
import { Violation } from './violation.ts';

/** A stored item. The same content is the same object, with the same number. */
export type Item = {
  [K in RecordKind]: {
    readonly id: number;
    readonly key: string;
    readonly kind: K;
    readonly record: Records[K];
    readonly owes: Debt | null;
  };
}[RecordKind];

/** What is stored, as a value. The same content is the same object, with the same number. */
export interface Table {
  readonly id: number;
  readonly items: readonly Item[];
  readonly snapshot: Snapshot | null;
  /** The same for tables that read the same. */
  readonly snapshotId: number;
  readonly records: { readonly [K in RecordKind]: readonly Records[K][] };
}

export interface Written {
  readonly answer: WriteResult;
  /** The same for the same answer. */
  readonly answerId: string;
  readonly table: Table;
}

/** Tables in memory under the conditions of `Change`, each written out here and none taken from `lib/store`. */
export interface Tables {
  readonly empty: Table;
  write(table: Table, change: Change): Written;
  findIdempotencyRecord(table: Table, caller: IdempotentCaller): IdempotencyRecord | null;
  /** Puts work off while it is still due when it was seen to be. */
  postpone(table: Table, key: string, seen: string, next: string): { applied: boolean; table: Table };
  /** Takes a check that is owed away while it is due when it was put off to. */
  clear(table: Table, key: string, seen: string): Table;
}

export function createTables(): Tables {
  const itemsByText = new Map<string, Item>();
  const tablesByText = new Map<string, Table>();
  const snapshots = new Map<string, number>();
  const written = new WeakMap<Table, Map<Change, Written>>();

  function internItem(kind: RecordKind, key: string, record: object, owes: Debt | null): Item {
    const text = JSON.stringify([key, owes, sortedFields(record)]);
    const there = itemsByText.get(text);
    if (there) return there;
    const item = { id: itemsByText.size, key, kind, record: deepFreeze(record), owes } as Item;
    itemsByText.set(text, item);
    return item;
  }

  function internTable(items: readonly Item[]): Table {
    const text = items.map(({ id }) => id).join(',');
    const there = tablesByText.get(text);
    if (there) return there;
    const records = recordsByKind(items);
    const snapshot = snapshotOf(records);
    const seen = JSON.stringify(snapshot);
    const snapshotId = snapshots.get(seen) ?? snapshots.size;
    snapshots.set(seen, snapshotId);
    const table = { id: tablesByText.size, items, snapshot, snapshotId, records };
    tablesByText.set(text, table);
    return table;
  }

  const replace = (table: Table, changed: readonly Item[]): Table =>
    internTable(
      [...table.items.filter(({ key }) => !changed.some((item) => item.key === key)), ...changed].toSorted(
        (one, other) => (one.key < other.key ? -1 : 1),
      ),
    );

  function apply(table: Table, change: Change): Written {
    const keys = change.writes.map(keyOf);
    if (new Set(keys).size < keys.length) {
      throw new Violation('change_is_storable', `one item twice in a change: ${keys.join(' ')}`);
    }
    const refused = change.writes.map((write, index) => refusalOf(write, find(table, keys[index])));
    if (refused.some((refusal) => refusal !== null)) {
      const answerId = refused.map((refusal, index) => refusal && (find(table, keys[index])?.id ?? 'none'));
      return { answer: { applied: false, refused }, answerId: answerId.join(), table };
    }
    const changed = change.writes.flatMap((write, index) => {
      const key = keys[index] ?? '';
      if ('put' in write) return internItem(write.put, key, write.record, write.owes ?? null);
      if ('check' in write) return [];
      const item = find(table, key);
      if (!item) throw new Error('an update of nothing was not refused');
      const { set, books, owes } = write;
      const record = {
        ...item.record,
        ...set,
        ...(books && { booking: { ...books, credit: books.credit ?? payeeOf(item) } }),
        version: (item.record as { version: number }).version + 1,
      };
      return internItem(item.kind, key, record, owes === undefined ? item.owes : owes);
    });
    return { answer: { applied: true }, answerId: 'applied', table: replace(table, changed) };
  }

  return {
    empty: internTable([]),
    write(table, change) {
      const changes = known(written, table);
      const before = changes.get(change);
      if (before) return before;
      const after = apply(table, change);
      changes.set(change, after);
      return after;
    },
    findIdempotencyRecord(table, caller) {
      const item = find(table, idempotencyKey(caller));
      return item?.kind === 'idempotency' ? item.record : null;
    },
    postpone(table, key, seen, next) {
      const item = find(table, key);
      if (!item || !isDue(item, seen)) return { applied: false, table };
      const owes = { kind: 'check', due: Date.parse(next) } as const;
      return { applied: true, table: replace(table, [internItem(item.kind, key, item.record, owes)]) };
    },
    clear(table, key, seen) {
      const item = find(table, key);
      if (!item || !isDue(item, seen)) return table;
      return replace(table, [internItem(item.kind, key, item.record, null)]);
    },
  };
}

const isDue = ({ owes }: Item, seen: string): boolean => owes?.kind === 'check' && isoTime(owes.due) === seen;

function known<K extends object, V, W>(maps: WeakMap<K, Map<V, W>>, key: K): Map<V, W> {
  const map = maps.get(key) ?? new Map<V, W>();
  maps.set(key, map);
  return map;
}

const find = ({ items }: Table, key: string | undefined): Item | undefined =>
  items.find((item) => item.key === key);

const ofKind = <K extends RecordKind>(items: readonly Item[], kind: K): Records[K][] =>
  items.flatMap((item) => (item.kind === kind ? [item.record as Records[K]] : []));

const recordsByKind = (items: readonly Item[]): Table['records'] => ({
  order: ofKind(items, 'order'),
  payment: ofKind(items, 'payment'),
  suspense: ofKind(items, 'suspense'),
  refund: ofKind(items, 'refund'),
  return: ofKind(items, 'return'),
  dispute: ofKind(items, 'dispute'),
  shipping: ofKind(items, 'shipping'),
  entry: ofKind(items, 'entry'),
  exception: ofKind(items, 'exception'),
  idempotency: ofKind(items, 'idempotency'),
});

export const recordsOf = <K extends RecordKind>({ records }: Table, kind: K): readonly Records[K][] =>
  records[kind];

/** What a payment or the order owes. */
export const debtOf = (table: Table, key: string): Debt | null => find(table, key)?.owes ?? null;

function snapshotOf(records: Table['records']): Snapshot | null {
  const [order, another] = records.order;
  if (another) throw new Violation('paid_once', 'one request made two orders');
  return order
    ? {
        order,
        payments: records.payment,
        suspense: records.suspense,
        refunds: records.refund,
        returns: records.return,
        disputes: records.dispute,
        shipping: records.shipping[0] ?? null,
        exceptions: records.exception,
      }
    : null;
}

export const orderKey = 'order';
export const paymentKey = (n: number): string => `payment ${n}`;
export const refundKey = (n: number): string => `refund ${n}`;
export const shippingKey = 'shipping';
const suspenseKey = ({ n, transaction_id }: { n: number; transaction_id: string }): string =>
  `suspense ${n} ${transaction_id}`;
const returnKey = ({ payment, return_id }: { payment: number; return_id: string }): string =>
  `return ${payment} ${return_id}`;
const disputeKey = ({ dispute_id }: { dispute_id: string }): string => `dispute ${dispute_id}`;
const idempotencyKey = ({ operation, subject, key }: IdempotentCaller): string =>
  `idempotency ${operation} ${subject} ${key}`;

/** Under which an item is kept. */
export function keyOf(write: ItemWrite): string {
  if ('put' in write) {
    switch (write.put) {
      case 'order':
        return orderKey;
      case 'payment':
        return paymentKey(write.record.n);
      case 'suspense':
        return suspenseKey(write.record);
      case 'refund':
        return refundKey(write.record.n);
      case 'entry':
        return `entry ${write.record.kind} ${write.record.reference}`;
      case 'return':
        return returnKey(write.record);
      case 'dispute':
        return disputeKey(write.record);
      case 'shipping':
        return shippingKey;
      case 'exception':
        return `exception ${exceptionId(write.record)}`;
      case 'idempotency':
        return idempotencyKey(write.record);
    }
  }
  if ('check' in write) return write.check === 'order' ? orderKey : paymentKey(write.of);
  switch (write.update) {
    case 'order':
      return orderKey;
    case 'payment':
      return paymentKey(write.of);
    case 'suspense':
      return suspenseKey(write.of);
    case 'refund':
      return refundKey(write.of);
    case 'return':
      return returnKey(write.of);
    case 'dispute':
      return disputeKey(write.of);
    case 'shipping':
      return shippingKey;
    case 'exception':
      return `exception ${exceptionId(write.of)}`;
  }
}

function refusalOf(write: ItemWrite, item: Item | undefined): Refusal | null {
  if (holds(write, item)) return null;
  const isTold = item?.kind === 'order' || item?.kind === 'payment' || item?.kind === 'idempotency';
  return isTold ? { [item.kind]: item.record } : {};
}

function holds(write: ItemWrite, item: Item | undefined): boolean {
  if (!('put' in write)) return item !== undefined && fits(item.record, write.expects);
  return item === undefined || (write.replaces !== undefined && fits(item.record, write.replaces));
}

function fits(record: object, expects: Expectation): boolean {
  const stored = record as Readonly<Record<string, unknown>>;
  return Object.entries(expects).every(([field, expected]) => {
    const value = stored[field];
    if (typeof expected !== 'object') return value === expected;
    if ('in' in expected) return expected.in.some((one) => one === value);
    if ('not' in expected) return value !== expected.not;
    return typeof value === 'string' && value <= expected.atMost;
  });
}

function payeeOf(item: Item): string {
  if (item.kind !== 'payment') throw new Violation('change_is_storable', `${item.kind} has no payee`);
  return item.record.payee;
}

const sortedFields = (record: object) =>
  Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1));

/** What a process is given is everybody's. */
function deepFreeze<T extends object>(value: T): T {
  for (const content of Object.values(value)) {
    if (typeof content === 'object' && content !== null) deepFreeze(content);
  }
  return Object.freeze(value);
}
