import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { descendants, running } from '../../../support/processes.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settle-test-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('leaves no process of what watches, killed while it is too busy to answer it', async () => {
  writeFileSync(join(directory, 'one.ts'), 'export const handler = async () => 1;');
  const source = new URL('../../../../infra/local/lambda/bundle.ts', import.meta.url).href;
  // The bundler asks every second whether somebody is there.
  const script = `
    const { bundleFunctions } = await import(${JSON.stringify(source)});
    const bundles = await bundleFunctions({ directory: ${JSON.stringify(directory)}, names: ['one'] });
    await bundles.watch({ changed: async () => {}, failed: async () => {} });
    process.stdout.write('watching', () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
      process.kill(process.pid, 'SIGKILL');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TMPDIR: directory },
  });
  await once(child.stdout, 'data');
  const below = descendants(child.pid ?? 0);
  expect(below.length).toBeGreaterThan(0);
  await once(child, 'exit');
  await expect.poll(() => running(below)).toEqual([]);
});
