import { globSync, readFileSync } from 'node:fs';
import { matchesGlob, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { templates } from '../vitest.config.ts';
import { beyondUnit } from '../vitest.unit.config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tests = globSync('test/**/*.test.ts', { cwd: root, exclude: ['**/node_modules/**'] });
const isUnit = (path: string) => !beyondUnit.some((glob) => matchesGlob(path, glob));

/** What makes a test too slow for `npm run unit`, or unable to run anywhere. */
const heavy = /from '(node:child_process|node:worker_threads|aws-cdk-lib[^']*|esbuild)'/;

/** The first file that a test reaches by its imports and that imports something heavy. */
function findHeavy(path: string, seen = new Set<string>()): string | undefined {
  if (seen.has(path)) return undefined;
  seen.add(path);
  const source = readFileSync(`${root}${path}`, 'utf8');
  if (heavy.test(source)) return path;
  const imports = source.matchAll(/^(?:import|export)\s(?!type\b)(?:[\w\s,{}*]+\sfrom\s)?'(\.[^']+\.ts)'/gm);
  for (const [, specifier = ''] of imports) {
    const found = findHeavy(posix.join(posix.dirname(path), specifier), seen);
    if (found) return found;
  }
  return undefined;
}

it('no unit test reaches a database, a process or CDK', () => {
  const reached = tests.filter(isUnit).map((path) => [path, findHeavy(path)]);
  expect(reached.filter(([, found]) => found)).toEqual([]);
});

it('every line of what is beyond unit tests names some', () => {
  expect(beyondUnit.filter((glob) => !tests.some((path) => matchesGlob(path, glob)))).toEqual([]);
});

it('no test runs twice: what shares a process for its templates is beyond unit tests', () => {
  const named = templates.flatMap((glob) => tests.filter((path) => matchesGlob(path, glob)));
  expect(named.filter(isUnit)).toEqual([]);
  expect(templates.filter((glob) => !tests.some((path) => matchesGlob(path, glob)))).toEqual([]);
});
