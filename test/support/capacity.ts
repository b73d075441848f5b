import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * What DynamoDB charges on demand, by the rules of its developer guide ("Read and write operations", "Global
 * secondary indexes: write considerations", "Transactions: capacity management"): a write unit for each KB begun, a
 * read unit for each 4 KB begun.
 */

export type AttributeMap = Readonly<Record<string, AttributeValue>>;

export interface IndexLayout {
  readonly name: string;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** Besides the keys, which every index holds. */
  readonly projected: 'all' | readonly string[];
}

export interface TableLayout {
  readonly keys: readonly string[];
  readonly indexes: readonly IndexLayout[];
}

/** Write units of one item. */
export interface WriteUnits {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

export interface ItemWrite {
  /** Undefined where there is no such item. */
  readonly before: AttributeMap | undefined;
  readonly after: AttributeMap | undefined;
  readonly transactional: boolean;
}

const KB = 1_024;
const unitsOf = (bytes: number) => Math.max(1, Math.ceil(bytes / KB));

/** Write units in one partition, of the table or of an index. */
export interface PartitionUnits {
  /** Null for the table itself. */
  readonly index: string | null;
  readonly partition: string;
  readonly units: number;
}

/**
 * A write costs by the larger of the two images, one that its condition refuses by the image that is there. In a
 * transaction the table's part costs twice, once to prepare and once to commit; a cancelled one is reckoned like one
 * that was made, which is the most that it can cost. Indexes follow later and cost once.
 */
export function unitsByPartition(
  layout: TableLayout,
  { before, after, transactional }: ItemWrite,
): PartitionUnits[] {
  const units = unitsOf(Math.max(sizeOf(before), sizeOf(after)));
  const [partitionKey = ''] = layout.keys;
  const partition = (after ?? before)?.[partitionKey]?.S ?? '';
  return [
    { index: null, partition, units: transactional ? 2 * units : units },
    ...layout.indexes.flatMap((index) => indexUnits(layout, index, before, after)),
  ];
}

export function writeUnits(layout: TableLayout, write: ItemWrite): WriteUnits {
  const all = unitsByPartition(layout, write);
  const sumOf = (name: string | null) =>
    all.filter(({ index }) => index === name).reduce((sum, { units }) => sum + units, 0);
  return {
    table: sumOf(null),
    indexes: Object.fromEntries(layout.indexes.map(({ name }) => [name, sumOf(name)])),
  };
}

export const totalOf = ({ table, indexes }: WriteUnits): number =>
  Object.values(indexes).reduce((sum, units) => sum + units, table);

/** Read units of items that are read together, such as the page of a query; at least those of the smallest read. */
export function readUnits(items: readonly AttributeMap[], { consistent }: { readonly consistent: boolean }) {
  const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
  return Math.max(1, Math.ceil(bytes / (4 * KB))) * (consistent ? 1 : 0.5);
}

/** Nothing where the index does not change, one write where it does, and two where the item moves within it. */
function indexUnits(
  { keys }: TableLayout,
  index: IndexLayout,
  before: AttributeMap | undefined,
  after: AttributeMap | undefined,
): PartitionUnits[] {
  const old = projection(keys, index, before);
  const next = projection(keys, index, after);
  const write = (item: AttributeMap, size: number): PartitionUnits => ({
    index: index.name,
    partition: item[index.partitionKey]?.S ?? '',
    units: unitsOf(size),
  });
  if (!old || !next) return [old, next].flatMap((item) => (item ? [write(item, sizeOf(item))] : []));
  const moved = [index.partitionKey, index.sortKey].some((name) => !isSame(old[name], next[name]));
  if (moved) return [write(old, sizeOf(old)), write(next, sizeOf(next))];
  return isSame(old, next) ? [] : [write(next, Math.max(sizeOf(old), sizeOf(next)))];
}

/** What the index holds of an item; undefined where the item lacks one of the index's keys. */
function projection(
  keys: readonly string[],
  { partitionKey, sortKey, projected }: IndexLayout,
  item: AttributeMap | undefined,
): AttributeMap | undefined {
  if (!item?.[partitionKey] || !item[sortKey]) return undefined;
  if (projected === 'all') return item;
  const names = new Set([...keys, partitionKey, sortKey, ...projected]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** DynamoDB adds so many bytes to each item that is stored, and to each that an index holds. */
const STORED_OVERHEAD = 100;

/** The bytes that an item is stored with, in the table and in each index that holds it. */
export function storedBytes({ keys, indexes }: TableLayout, item: AttributeMap | undefined): number {
  const copies = [item, ...indexes.map((index) => projection(keys, index, item))];
  return copies.reduce((sum, copy) => sum + (copy ? sizeOf(copy) + STORED_OVERHEAD : 0), 0);
}

/** The bytes that an item counts for ("DynamoDB item sizes and formats"); none where there is no item. */
export function sizeOf(item: AttributeMap | undefined): number {
  return Object.entries(item ?? {}).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value),
    0,
  );
}

/** @throws Error for sets and binary values, which no item of ours holds */
function valueSize(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.L) return value.L.reduce((sum, element) => sum + 1 + valueSize(element), 3);
  if (value.M) return 3 + Object.keys(value.M).length + sizeOf(value.M);
  throw new Error(`a value of type ${Object.keys(value).join(', ')}`);
}

/** A byte for every two significant digits, and one more. */
function numberSize(text: string): number {
  const digits = text.replace(/^-|\.|e.*$/gi, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1;
}
