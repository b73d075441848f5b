import { describe, expect, it } from 'vitest';
import {
  type AttributeMap,
  readUnits,
  sizeOf,
  storedBytes,
  type TableLayout,
  totalOf,
  unitsByPartition,
  writeUnits,
} from './capacity.ts';

const all: TableLayout = {
  keys: ['pk'],
  indexes: [{ name: 'work', partitionKey: 'work', sortKey: 'due', projected: 'all' }],
};
const keysOnly: TableLayout = {
  keys: ['pk'],
  indexes: [{ name: 'work', partitionKey: 'work', sortKey: 'due', projected: [] }],
};
const item = (attributes: Readonly<Record<string, string>>): AttributeMap =>
  Object.fromEntries(Object.entries({ pk: 'a', ...attributes }).map(([name, S]) => [name, { S }]));
const cost = (
  layout: TableLayout,
  before: AttributeMap | undefined,
  after: AttributeMap | undefined,
  transactional = false,
) => {
  const units = writeUnits(layout, { before, after, transactional });
  return [units.table, units.indexes['work']];
};

describe('a write costs', () => {
  const owing = item({ work: 'check', due: '1' });
  const large = { text: 'x'.repeat(1_024) };

  it('a unit for each KB begun of the larger image', () => {
    expect(cost(all, undefined, item({}))).toEqual([1, 0]);
    expect(cost(all, undefined, item({ text: 'x'.repeat(1_024 - 'pkatext'.length) }))).toEqual([1, 0]);
    expect(cost(all, undefined, item(large))).toEqual([2, 0]);
    expect(cost(all, item(large), item({}))).toEqual([2, 0]);
    expect(cost(all, item({}), undefined)).toEqual([1, 0]);
  });

  it('twice in a transaction, but not in its indexes', () => {
    expect(cost(all, undefined, item({}), true)).toEqual([2, 0]);
    expect(cost(all, undefined, owing, true)).toEqual([2, 1]);
    expect(cost(all, item(large), item({}), true)).toEqual([4, 0]);
  });

  it('a unit to enter an index, to leave it and to change in it, two to move, and none to stay as it is', () => {
    expect(cost(all, item({}), owing)).toEqual([1, 1]);
    expect(cost(all, owing, item({}))).toEqual([1, 1]);
    expect(cost(all, owing, { ...owing, text: { S: 'x' } })).toEqual([1, 1]);
    expect(cost(all, owing, { ...owing, due: { S: '2' } })).toEqual([1, 2]);
    expect(cost(all, owing, { ...owing, work: { S: 'notify' } })).toEqual([1, 2]);
    expect(cost(all, owing, owing)).toEqual([1, 0]);
    expect(cost(all, item({}), item({ work: 'check' }))).toEqual([1, 0]);
  });

  it('in an index only for what the index holds', () => {
    expect(cost(keysOnly, owing, { ...owing, text: { S: 'x' } })).toEqual([1, 0]);
    expect(cost(keysOnly, undefined, { ...owing, ...item(large), work: { S: 'check' } })).toEqual([2, 1]);
    expect(cost(keysOnly, owing, { ...owing, due: { S: '2' } })).toEqual([1, 2]);
  });

  it('in the partitions that the item is in, was in and comes into', () => {
    const after = { ...owing, work: { S: 'notify' } };
    expect(unitsByPartition(all, { before: owing, after, transactional: true })).toEqual([
      { index: null, partition: 'a', units: 2 },
      { index: 'work', partition: 'check', units: 1 },
      { index: 'work', partition: 'notify', units: 1 },
    ]);
  });

  it('the sum of these', () => {
    expect(totalOf(writeUnits(all, { before: undefined, after: owing, transactional: true }))).toBe(3);
  });
});

describe('a read costs', () => {
  it('a unit for each 4 KB begun of all that is read, and half where it may be late', () => {
    const page = Array.from({ length: 5 }, () => item({ text: 'x'.repeat(1_000) }));
    expect(readUnits(page, { consistent: true })).toBe(2);
    expect(readUnits(page, { consistent: false })).toBe(1);
    expect(readUnits([], { consistent: false })).toBe(0.5);
  });
});

describe('the size of an item', () => {
  it('is that of its names and values', () => {
    expect(sizeOf(undefined)).toBe(0);
    expect(sizeOf({ 订单: { S: '苹果' } })).toBe(12);
    expect(sizeOf({ n: { N: '1999' }, m: { N: '-100.50' }, z: { N: '0' } })).toBe(3 + 3 + 3 + 1);
    expect(sizeOf({ a: { NULL: true }, b: { BOOL: false } })).toBe(4);
    expect(sizeOf({ m: { M: { a: { S: 'xy' } } }, l: { L: [{ S: 'x' }] } })).toBe(1 + 3 + 1 + 3 + 1 + 3 + 2);
  });

  it('counts again in each index that holds it, with what DynamoDB adds', () => {
    const owing = item({ work: 'check', due: '1', text: 'xxxx' });
    expect(storedBytes(all, undefined)).toBe(0);
    expect(storedBytes(all, item({}))).toBe(3 + 100);
    expect(storedBytes(all, owing)).toBe(2 * (3 + 9 + 4 + 8 + 100));
    expect(storedBytes(keysOnly, owing)).toBe(3 + 9 + 4 + 8 + 100 + (3 + 9 + 4 + 100));
  });

  it('is not guessed for what no item of ours holds', () => {
    expect(() => sizeOf({ a: { SS: ['x'] } })).toThrow('SS');
  });
});
