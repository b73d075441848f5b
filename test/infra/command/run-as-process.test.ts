import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };

const module = new URL('../../../infra/command/run-command.ts', import.meta.url);
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Lets a process that does this be read as far as its first words, and not further. */
async function readFirstOf(
  source: string,
): Promise<{ code: number | null; signal: string | null; errors: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdout.once('data', () => child.stdout.destroy());
  const [code, signal] = await once(child, 'close');
  return { code, signal, errors };
}

it('goes on to its end when nobody reads its output any more', async () => {
  const source = `
    import { setImmediate as turn } from 'node:timers/promises';
    import { runAsProcess } from '${module}';
    await runAsProcess(async (words, { output, errors }) => {
      for (let written = 0; written < 2_000; written += 1) {
        output.write('a line of a long list\\n'.repeat(1_000));
        console.log('and one of the console');
        await turn();
      }
      errors.write('done\\n');
      return 3;
    });`;
  expect(await readFirstOf(source)).toEqual({ code: 3, signal: null, errors: 'done\n' });
});

/** The scripts that run a file of ours, but `openapi`, which writes two files and has nothing to say. */
const files = Object.entries(packageJson.scripts).flatMap(([name, script]) => {
  const [, file] = /^(?:exec )?node (?:--\S+ )*(\S+\.ts)$/.exec(script) ?? [];
  return file === undefined ? [] : [[name, file] as const];
});

it('is what every command of package.json runs through', () => {
  expect(files.map(([name]) => name).toSorted()).toEqual(
    [
      'start',
      'demo',
      'setup',
      'doctor',
      'reconcile',
      'erase',
      'bench',
      'load',
      'search',
      'simulate',
      'smoke',
      'token',
      'trigger',
      'webhooks',
    ].toSorted(),
  );
  for (const [name, file] of files) {
    expect(readFileSync(join(root, file), 'utf8'), name).toContain(
      '\nawait runAsProcess((words, streams) =>',
    );
  }
});

it('gives the words to the command, and its exit code to whoever ran it', async () => {
  const run = async (word: string) => {
    const child = spawn(process.execPath, ['test/bench/main.ts', word], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const [code] = await once(child, 'close');
    return { code, output, errors };
  };
  expect(await run('--help')).toMatchObject({
    code: 0,
    output: expect.stringContaining('usage: npm run bench'),
    errors: '',
  });
  expect(await run('--nonsense')).toEqual({
    code: 2,
    output: '',
    errors: "bench: Unknown option '--nonsense'\nhow it is called: npm run bench -- --help\n",
  });
});
