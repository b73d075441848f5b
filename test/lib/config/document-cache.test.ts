import { describe, expect, it } from 'vitest';
import { createDocumentCache } from '../../../lib/config/document-cache.ts';

/** A cache for two that have proven in use and three that were asked for; what is made says how often it was. */
function arrange() {
  const cache = createDocumentCache<string>({ proven: 2, askedFor: 3 });
  const made: string[] = [];
  const get = (...names: readonly string[]) =>
    names.map((name) =>
      cache.get(name, () => {
        made.push(name);
        return `${name} ${made.filter((other) => other === name).length}`;
      }),
    );
  return { get, made, prove: cache.prove };
}

describe('what was made of documents', () => {
  it('is held, and made once', () => {
    const { get, made } = arrange();
    expect(get('a', 'b', 'a')).toEqual(['a 1', 'b 1', 'a 1']);
    expect(made).toEqual(['a', 'b']);
  });

  it('makes room, where it was only asked for, once it was not asked for longest', () => {
    const { get } = arrange();
    get('a', 'b', 'c', 'a', 'd');
    expect(get('a', 'c', 'd')).toEqual(['a 1', 'c 1', 'd 1']);
    expect(get('b')).toEqual(['b 2']);
  });

  it('is pushed out by no stranger once it has proven to be in use', () => {
    const { get, prove } = arrange();
    const [mine] = get('mine');
    prove('mine');
    get(...Array.from({ length: 1_000 }, (_, n) => `tenant ${n}`));
    expect(get('mine')).toEqual([mine]);
  });

  it('makes room among what has proven to be in use by when it was used', () => {
    const { get, prove } = arrange();
    for (const name of ['a', 'b']) {
      get(name);
      prove(name);
    }
    get('a', 'c');
    prove('c');
    expect(get('a', 'c')).toEqual(['a 1', 'c 1']);
    expect(get('b')).toEqual(['b 2']);
  });

  it('that makes room is not among what was asked for, whose room it would take', () => {
    const { get, prove, made } = arrange();
    for (const name of ['a', 'b', 'c']) {
      get(name);
      prove(name);
    }
    get('x', 'y', 'z');
    expect(get('x', 'y', 'z')).toEqual(['x 1', 'y 1', 'z 1']);
    expect(made.filter((name) => name === 'x')).toHaveLength(1);
  });

  it('is not made by proving what nobody has asked for', () => {
    const { get, prove, made } = arrange();
    prove('a');
    expect(made).toEqual([]);
    expect(get('a')).toEqual(['a 1']);
  });

  it('stays within its bound by itself: 400 in use, and 100 that were asked for', () => {
    const cache = createDocumentCache<number>();
    const names = Array.from({ length: 600 }, (_, n) => `tenants/${n}`);
    for (const name of names) cache.get(name, () => 1);
    const remade = (among: readonly string[]) =>
      among.filter((name) => cache.get(name, () => 2) === 2).length;
    expect(remade(names.slice(-100))).toBe(0);
    expect(remade(names.slice(0, 1))).toBe(1);
    const proven = createDocumentCache<number>();
    for (const name of names) {
      proven.get(name, () => 1);
      proven.prove(name);
    }
    expect(names.slice(-400).every((name) => proven.get(name, () => 2) === 1)).toBe(true);
    expect(proven.get('tenants/199', () => 2)).toBe(2);
  });
});
