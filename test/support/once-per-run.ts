import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 20;

/**
 * What the first process of a test run makes, and all others wait for. `make` gets a directory that lasts as long as
 * the run; its result goes as JSON. Outside of a run, each caller makes its own.
 * @throws Error what the maker failed with, in every process
 */
export async function oncePerRun<T>(name: string, make: (directory: string) => Promise<T>): Promise<T> {
  const run = process.env['SETTLE_TEST_RUN'];
  if (run === undefined) return makeForThisProcess(name, make);
  const directory = join(run, name);
  const made = `${directory}.json`;
  if (claim(directory)) {
    const outcome = await make(directory).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: String(error) }),
    );
    writeFileSync(`${made}.new`, JSON.stringify(outcome));
    renameSync(`${made}.new`, made);
  }
  while (!existsSync(made)) await sleep(POLL_INTERVAL_MS);
  const { value, error } = JSON.parse(readFileSync(made, 'utf8'));
  if (error !== undefined) throw new Error(`${name}: ${error}`);
  return value;
}

function claim(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

function makeForThisProcess<T>(name: string, make: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), `settle-${name}-`));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return make(directory);
}
