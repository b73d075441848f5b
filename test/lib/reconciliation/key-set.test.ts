import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySet } from '../../../lib/reconciliation/key-set.ts';

describe('createKeySet', () => {
  it('holds what was added and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), fc.nat(200), (keys, count) => {
        const set = createKeySet();
        for (const key of [...keys.slice(0, count), ...keys.slice(0, count)]) set.add(key);
        expect(keys.map((key) => set.has(key))).toEqual(keys.map((_, index) => index < count));
      }),
    );
  });

  it('takes less than 40 bytes for each of 100,000 keys', () => {
    const set = createKeySet();
    const before = process.memoryUsage().arrayBuffers;
    for (let key = 0; key < 100_000; key += 1) set.add(`ORDER#mall-${key} PAYMENT#1`);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000 * 40);
    expect(set.has('ORDER#mall-99999 PAYMENT#1')).toBe(true);
    expect(set.has('ORDER#mall-100000 PAYMENT#1')).toBe(false);
  });
});
