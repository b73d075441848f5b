import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../http.ts';
import { StartError } from '../start-error.ts';

const START_TIMEOUT_MS = 10_000;
const PROBE_INTERVAL_MS = 10;

export interface DynamodbEngine {
  readonly endpoint: string;
  /** Rejects when the engine ends without having been stopped. */
  readonly crashed: Promise<never>;
  stop(): Promise<void>;
}

/**
 * Becomes the engine, and leaves a watcher that ends it once descriptor 3 closes: the kernel closes that however
 * this process ends, `kill -9` included, when nobody here can pass a signal on.
 */
const WATCHED = '(cat <&3; kill -TERM $$) >/dev/null 2>&1 & exec "$@"';

/** Starts the embedded DynamoDB, in memory unless a file is named. @throws StartError */
export async function startDynamodb(dataFile?: string): Promise<DynamodbEngine> {
  const binary = findBinary();
  if (dataFile !== undefined) keepFromOthers(dataFile);
  const port = await findFreePort();
  const storage = dataFile === undefined ? [] : ['--db-path', dataFile];
  // A process group of its own, so that Ctrl-C reaches only us and we end it in order.
  const host = unguessableHost();
  const address = ['--host', host, '--port', String(port)];
  const child = spawnWatched(binary, ['serve', ...address, ...storage]);
  const crashed = crash(child);
  crashed.catch(() => {});
  const stop = async () => {
    const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    if (isWindows) child.kill();
    child.stdio[3]?.destroy();
    await exited;
  };
  const endpoint = `http://${host}:${port}`;
  try {
    await Promise.race([untilAnswering(endpoint), crashed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, crashed, stop };
}

/** Its owner's alone, and so what SQLite puts beside it. @throws StartError */
function keepFromOthers(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
    chmodSync(file, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`SETTLE_DATA_FILE: ${file} cannot be written (${code})`);
  }
}

const isWindows = platform() === 'win32';

/** Windows has no `sh`: there the engine ends with whoever stops this in order, and outlives what is killed. */
function spawnWatched(binary: string, words: readonly string[]): ChildProcess {
  const options: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: !isWindows };
  return isWindows
    ? spawn(binary, words, { ...options, windowsHide: true })
    : spawn('sh', ['-c', WATCHED, 'sh', binary, ...words], options);
}

/** A DynamoDB that somebody else runs. @throws StartError when nothing answers there */
export async function connectDynamodb(endpoint: string): Promise<DynamodbEngine> {
  if (!(await answers(endpoint))) {
    throw new StartError(`nothing answers on AWS_ENDPOINT_URL_DYNAMODB=${endpoint}`);
  }
  return { endpoint, crashed: new Promise<never>(() => {}), stop: async () => {} };
}

/**
 * The engine lets every page of a browser on this machine read its tables: those pages must not find it. All of 127/8 is
 * this machine on Linux, and nowhere else that it runs.
 */
function unguessableHost(): string {
  if (platform() !== 'linux') return '127.0.0.1';
  return `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

function findBinary(): string {
  const binary = `@dynoxide/${platform()}-${arch()}/dynoxide${isWindows ? '.exe' : ''}`;
  try {
    return createRequire(import.meta.url).resolve(binary);
  } catch {
    throw new StartError(
      `no embedded DynamoDB for ${platform()}-${arch()}: set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB Local`,
    );
  }
}

function crash(child: ChildProcess): Promise<never> {
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-1_000);
  });
  return new Promise((_resolve, reject) => {
    child.once('error', reject);
    // The watcher ends too, so that nothing holds the streams open; then the last words are complete.
    child.once('exit', () => child.stdio[3]?.destroy());
    child.once('close', () => reject(new StartError(`the embedded DynamoDB ended: ${lastWords.trim()}`)));
  });
}

async function untilAnswering(endpoint: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await answers(endpoint)) return;
    await sleep(PROBE_INTERVAL_MS);
  }
  throw new StartError(`the embedded DynamoDB does not answer on ${endpoint}`);
}

/** Whether there is an HTTP server, whatever it says. */
function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}
