import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeySet } from '../../../lib/reconciliation/key-set.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is held, and not what waits to be collected: that depends on how busy the machine is. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

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
    const before = heldBytes();
    for (let key = 0; key < 100_000; key += 1) set.add(`ORDER#mall-${key} PAYMENT#1`);
    const held = heldBytes() - before;
    expect(held).toBeLessThan(100_000 * 40);
    expect(set.has('ORDER#mall-99999 PAYMENT#1')).toBe(true);
    expect(set.has('ORDER#mall-100000 PAYMENT#1')).toBe(false);
  });
});
