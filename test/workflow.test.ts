import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('../.github/workflows/ci.yml', import.meta.url), 'utf8');
const valuesOf = (key: string) =>
  Array.from(text.matchAll(new RegExp(`^\\s*(?:- )?${key}: (.+)$`, 'gm')), ([, value]) => value);

it("GitHub's workflow runs the check that every change passes, and nothing else", () => {
  expect(valuesOf('run')).toEqual(['.ci/run']);
  expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
});

it("GitHub's workflow takes each action by its commit, with the version beside it", () => {
  const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
  const uses = valuesOf('uses');
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((action) => !pinned.test(action ?? ''))).toEqual([]);
});
