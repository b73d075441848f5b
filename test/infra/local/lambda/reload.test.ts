import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../../../infra/local/lambda/bundle.ts';
import { createFunction, type LocalFunction } from '../../../../infra/local/lambda/function.ts';
import { reloadChanged } from '../../../../infra/local/lambda/reload.ts';

const names = ['one', 'other'] as const;

let directory: string;
let logs: string[];
let functions: Record<(typeof names)[number], LocalFunction>;
let running: AsyncDisposableStack;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'settle-test-'));
  running = new AsyncDisposableStack();
  running.defer(() => rmSync(directory, { recursive: true }));
  logs = [];
  write('shared', `export const shared = 'shared';`);
  for (const name of names) write(name, answering(`'${name}'`));

  const bundles = running.adopt(await bundleFunctions({ directory, names }), (made) => made.remove());
  const create = (name: string) =>
    running.adopt(
      createFunction({
        name,
        bundleUrl: bundles.url(name),
        workerUrl: bundles.workerUrl,
        environment: {},
        timeoutMs: 30_000,
        log: () => {},
      }),
      (created) => created.stop(),
    );
  functions = { one: create('one'), other: create('other') };
  const reload = (name: string) => functions[name as keyof typeof functions].reload();
  running.adopt(await reloadChanged({ bundles, reload, log: (line) => logs.push(line) }), (reloading) =>
    reloading.stop(),
  );
});
afterEach(() => running.disposeAsync());

/** At once, so that nobody reads half of it. */
function write(name: string, source: string): void {
  const file = join(directory, `${name}.ts`);
  writeFileSync(`${file}.new`, source);
  renameSync(`${file}.new`, file);
}

/** A function that says which code it is, how often this thread has been called, and what the shared file holds. */
const answering = (answer: string) => `
  import { shared } from './shared.ts';
  let calls = 0;
  export const handler = async (): Promise<unknown> => [${answer}, ++calls, shared];`;

const invokeBoth = () => Promise.all([functions.one.invoke({}), functions.other.invoke({})]);

describe('a function whose source changes', () => {
  it('runs the new code, and it alone', async () => {
    expect(await invokeBoth()).toEqual([
      ['one', 1, 'shared'],
      ['other', 1, 'shared'],
    ]);
    write('one', answering(`'new'`));
    await expect.poll(() => logs).toEqual(['reloaded: one']);
    expect(await invokeBoth()).toEqual([
      ['new', 1, 'shared'],
      ['other', 2, 'shared'],
    ]);
  });

  it('is each that holds the changed file', async () => {
    write('shared', `export const shared = 'new';`);
    await expect.poll(() => logs).toEqual(['reloaded: one, other']);
    expect(await invokeBoth()).toEqual([
      ['one', 1, 'new'],
      ['other', 1, 'new'],
    ]);
  });

  it('stays what it was while the source does not build, and says why', async () => {
    await functions.one.invoke({});
    write('one', 'export const handler = async () => {');
    await expect.poll(() => logs).toHaveLength(1);
    expect(logs[0]).toMatch(/^not reloaded, as it does not build:\n/);
    expect(logs[0]).toContain('Unexpected end of file');
    expect(logs[0]).toContain('one.ts:1:36');
    expect(await functions.one.invoke({})).toEqual(['one', 2, 'shared']);

    write('one', answering(`'mended'`));
    await expect.poll(() => logs.slice(1)).toEqual(['reloaded: one']);
    expect(await functions.one.invoke({})).toEqual(['mended', 1, 'shared']);
  });

  it('stays what it was when the new code does not load', async () => {
    await functions.one.invoke({});
    write('one', `throw new Error('broken');`);
    await expect.poll(() => logs).toEqual(['not reloaded, as it does not load: one']);
    expect(await functions.one.invoke({})).toEqual(['one', 2, 'shared']);
  });
});
