import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('..', import.meta.url));
const workflows = globSync('.github/workflows/*.yml', { cwd: root });
const read = (path: string) => readFileSync(root + path, 'utf8');

const valuesOf = (text: string, key: string): readonly string[] =>
  Array.from(text.matchAll(new RegExp(`^\\s*(?:- )?${key}: (.+)$`, 'gm')), ([, value = '']) => value);

describe.each(workflows)('%s', (path) => {
  const text = read(path);

  it('may read the repository and no more, save where a job says so', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  });

  it('takes each action by its commit, with the version beside it', () => {
    const pinned = /^[\w-]+(\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    const uses = valuesOf(text, 'uses');
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !pinned.test(action))).toEqual([]);
  });

  it('ends by itself, and leaves no credentials beside code that it runs', () => {
    expect(valuesOf(text, 'timeout-minutes')).toHaveLength(valuesOf(text, 'runs-on').length);
    const checkouts = valuesOf(text, 'uses').filter((action) => action.startsWith('actions/checkout@'));
    expect(valuesOf(text, 'persist-credentials')).toEqual(checkouts.map(() => 'false'));
  });
});

it('an action has one version in all workflows', () => {
  const uses = new Set(workflows.flatMap((path) => valuesOf(read(path), 'uses')));
  const names = [...uses].map((action) => action.split('@')[0]);
  expect(names).toEqual([...new Set(names)]);
});

it('every change runs the check that it has to pass, and nothing else', () => {
  expect(valuesOf(read('.github/workflows/ci.yml'), 'run')).toEqual(['.ci/run']);
});

it('a release passes the same check before it is made, and is published by a job that runs none of its code', () => {
  const text = read('.github/workflows/release.yml');
  const [build = '', publish = ''] = text.split(/^ {2}publish:$/m);
  expect(valuesOf(build, 'run')[0]).toBe('.ci/run');
  expect(valuesOf(build, 'permissions')).toEqual([]);
  expect(valuesOf(publish, 'run')).toHaveLength(1);
  expect(publish).not.toContain('actions/checkout');
});

it('the changelog tells of the version that package.json has', () => {
  const heading = new RegExp(`^## \\[${packageJson.version}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm');
  expect(read('CHANGELOG.md')).toMatch(heading);
});
