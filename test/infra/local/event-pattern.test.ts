import { describe, expect, it } from 'vitest';
import { compileFilters, compilePattern } from '../../../infra/local/event-pattern.ts';

const matches = (pattern: unknown, value: unknown) => compilePattern(pattern)(value);

describe('compilePattern', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['equal text', { a: ['x'] }, { a: 'x' }, true],
    ['other text', { a: ['x'] }, { a: 'y' }, false],
    ['one of several', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['a number is not its text', { a: [1] }, { a: '1' }, false],
    ['null', { a: [null] }, { a: null }, true],
    ['null is not absent', { a: [null] }, {}, false],
    ['a prefix', { a: [{ prefix: 'notify#' }] }, { a: 'notify#03' }, true],
    ['another prefix', { a: [{ prefix: 'notify#' }] }, { a: 'check#03' }, false],
    ['a prefix of what is absent', { a: [{ prefix: '' }] }, {}, false],
    ['a field that exists', { a: [{ exists: true }] }, { a: '' }, true],
    ['a field that does not', { a: [{ exists: true }] }, {}, false],
    ['absence', { a: [{ exists: false }] }, {}, true],
    ['absence of what is there', { a: [{ exists: false }] }, { a: 1 }, false],
    ['only a leaf exists', { a: [{ exists: true }] }, { a: { S: 'x' } }, false],
    ['nested', { a: { b: { S: ['x'] } } }, { a: { b: { S: 'x' } } }, true],
    ['nested in nothing', { a: { b: { S: ['x'] } } }, { a: null }, false],
    ['all fields', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y', c: 'z' }, true],
    ['all but one field', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    ['an element of a list', { a: ['x'] }, { a: ['y', 'x'] }, true],
    ['no element of a list', { a: ['x'] }, { a: ['y'] }, false],
    ['a list that is empty', { a: [{ exists: true }] }, { a: [] }, false],
    ['nested in a list', { L: { M: { S: [{ exists: true }] } } }, { L: [{ M: { S: 'x' } }] }, true],
    ['an inherited name', { toString: [{ exists: true }] }, {}, false],
  ])('%s', (_what, pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  it.each([
    [{ a: [{ 'anything-but': ['x'] }] }, 'anything-but'],
    [{ a: [{ numeric: ['>', 1] }] }, 'numeric'],
    [{ $or: [{ a: ['x'] }] }, '$or'],
    [{ a: 'x' }, 'must be an object or a list'],
    [{ a: [{ prefix: 1 }] }, 'prefix must be a string'],
  ])('refuses what it does not know: %j', (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(reason);
  });

  it('joins filters by or, and lets everything through when there are none', () => {
    const either = compileFilters([{ a: ['x'] }, { b: ['y'] }]);
    expect([{ a: 'x' }, { b: 'y' }, { a: 'y' }].map(either)).toEqual([true, true, false]);
    expect(compileFilters([])({})).toBe(true);
  });
});
