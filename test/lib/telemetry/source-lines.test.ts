import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleOptions } from '../../../infra/bundling/bundle-options.ts';
import { toSourceLines } from '../../../lib/telemetry/source-lines.ts';
import { createTelemetry } from '../../../lib/telemetry/telemetry.ts';

const directory = mkdtempSync(join(tmpdir(), 'settle-source-lines-'));
const bundle = join(directory, 'index.mjs');
let error: Error;

/** Bundled as a function is, and thrown from what became of it. */
beforeAll(async () => {
  mkdirSync(join(directory, 'lib/orders'), { recursive: true });
  writeFileSync(
    join(directory, 'lib/orders/thrower.ts'),
    `interface Erased { readonly left: null }
     export function thrower(value: Erased | string): never {

       throw new TypeError(String(value));
     }`,
  );
  writeFileSync(
    join(directory, 'entry.ts'),
    `import { thrower } from './lib/orders/thrower.ts';\nexport const handler = () => thrower('x');`,
  );
  await build({ ...bundleOptions, entryPoints: [join(directory, 'entry.ts')], outfile: bundle });
  // In a process of its own: in this one the test runner maps stacks itself.
  const script = `import { handler } from ${JSON.stringify(pathToFileURL(bundle).href)};
    try { handler() } catch ({ stack }) { process.stdout.write(stack) }`;
  error = new TypeError('x');
  error.stack = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

const framesOf = ({ stack = '' }: Error) =>
  stack
    .split('\n')
    .slice(1)
    .map((frame) => frame.trim());

it('an error of a bundle is logged with the lines of the source', () => {
  const lines: string[] = [];
  createTelemetry({ stage: 'test', function: 'test' }, (line) => lines.push(line)).log(
    'error',
    'failed',
    {},
    { error },
  );
  const { stack } = JSON.parse(lines.join(''));
  expect(stack[0]).toMatch(/^at .*lib\/orders\/thrower\.ts:4:\d+\)?$/);
  expect(JSON.stringify(stack.slice(0, 1))).not.toContain(directory);
});

it('parentheses stay in pairs', () => {
  const url = pathToFileURL(bundle).href;
  const [, line, column] = /mjs:(\d+):(\d+)/.exec(framesOf(error)[0] ?? '') ?? [];
  expect(toSourceLines([`at async a (${url}:${line}:${column})`, `at ${url}:${line}:${column}`])).toEqual([
    expect.stringMatching(/^at async a \(lib\/orders\/thrower\.ts:4:\d+\)$/),
    expect.stringMatching(/^at lib\/orders\/thrower\.ts:4:\d+$/),
  ]);
});

it.each([
  'at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
  'at settle (file:///nowhere/index.mjs:1:2)',
  'at settle (file:///nowhere/settle.ts:1:2)',
  'at new Promise (<anonymous>)',
])('%s stays as it is', (frame) => {
  expect(toSourceLines([frame])).toEqual([frame]);
});

it('a map that is no map changes nothing', () => {
  const other = join(directory, 'other.mjs');
  writeFileSync(`${other}.map`, '{');
  const frames = framesOf(error).map((frame) => frame.replace('index.mjs', 'other.mjs'));
  expect(toSourceLines(frames)).toEqual(frames);
});

it('a map is read once, however many errors there are', () => {
  const lines = toSourceLines(framesOf(error));
  rmSync(`${bundle}.map`);
  expect(toSourceLines(framesOf(error))).toEqual(lines);
});
