import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../../infra/local/kept-state.ts';
import { createTemporaryDirectory } from '../../support/temporary-directory.ts';

let directory: ReturnType<typeof createTemporaryDirectory>;
let file = '';
beforeEach(() => {
  directory = createTemporaryDirectory('settle-state-');
  file = join(directory.path, 'state');
});
afterEach(() => directory.remove());

describe('what is kept in a file', () => {
  it('is there again, as it was last, in the order in which it came, and each under its name', async () => {
    const before = openState(file);
    const payments = before.map<{ state: string }>('payments');
    payments.set('a', { state: 'open' });
    payments.set('b', { state: 'open' });
    payments.set('a', { state: 'paid' });
    before.map<string>('refunds').set('a', 'other');
    await before.stop();
    const after = openState(file);
    expect([...after.map('payments').values()]).toEqual([{ state: 'paid' }, { state: 'open' }]);
    expect(after.map('refunds').get('a')).toBe('other');
    expect(after.map('payments').has('c')).toBe(false);
    await after.stop();
  });

  it('is gone once it is taken out, and goes to the end when it comes again', () => {
    const map = openState(file).map<number>('numbers');
    for (const key of ['a', 'b', 'c']) map.set(key, 1);
    for (const key of ['a', 'b', 'unknown']) map.delete(key);
    map.set('a', 2);
    expect(openState(file).map('numbers').has('b')).toBe(false);
    expect([...openState(file).map('numbers').values()]).toEqual([1, 2]);
  });

  it('is there again where nobody stopped in order, without what was not written to its end', () => {
    const map = openState(file).map<number>('numbers');
    map.set('a', 1);
    map.set('b', 2);
    appendFileSync(file, '["numbers","c",');
    expect([...openState(file).map('numbers').values()]).toEqual([1, 2]);
  });

  it('goes on after such a line, and grows no longer than what is kept', () => {
    const first = openState(file).map<number>('numbers');
    for (let n = 0; n < 100; n++) first.set('a', n);
    appendFileSync(file, '["numbers","b",');
    const grown = statSync(file).size;
    openState(file).map<number>('numbers').set('b', 7);
    expect(statSync(file).size).toBeLessThan(grown / 10);
    expect([...openState(file).map('numbers').values()]).toEqual([99, 7]);
  });

  it('may be read by nobody else: keys are in it', () => {
    openState(file).map<string>('documents').set('auth', 'secret');
    expect(statSync(file).mode & 0o077).toBe(0);
    openState(file);
    expect(statSync(file).mode & 0o077).toBe(0);
  });
});

it('without a file is kept as long as the process runs', () => {
  const state = openState();
  state.map<number>('numbers').set('a', 1);
  expect(state.map('numbers').get('a')).toBe(1);
  expect(openState().map('numbers').has('a')).toBe(false);
});
