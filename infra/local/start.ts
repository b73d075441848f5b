import inspector from 'node:inspector';
import { runAsProcess, runCommand } from '../command/run-command.ts';
import { readOptions, startCommand } from './options.ts';
import { readableLine } from './readable-line.ts';
import { StartError } from './start-error.ts';
import { type LocalSystem, startLocalSystem } from './system.ts';
import { welcome } from './welcome.ts';

/** `npm start`: the whole system until it is told to end. */

const STOP_TIMEOUT_MS = 5_000;
const print = (line: string) => console.log(line);
const log = process.env['LOG'] === 'json' ? print : (line: string) => print(readableLine(line));
let system: LocalSystem | undefined;
let ending: Promise<never> | undefined;

/** Ends once, however often it is asked to: npm passes on a Ctrl-C that the terminal has already sent us. */
function end(code: number): Promise<never> {
  ending ??= (async () => {
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    // What has not been stopped in order ends with this process.
    await system?.stop();
    process.exit(code);
  })();
  return ending;
}

function fail(error: unknown): Promise<never> {
  if (!ending) console.error(error instanceof StartError ? `settle: ${error.message}` : error);
  return end(1);
}

/** An npm that is killed outright cannot pass that on; its script then has another parent. */
function endWithNpm(): void {
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && end(1), 500).unref();
}

async function start(): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
  if (process.env['npm_lifecycle_event']) endWithNpm();
  try {
    const debugged = inspector.url() !== undefined;
    system = await startLocalSystem({ ...(await readOptions(process.env)), reload: true, debugged, log });
    for (const line of await welcome(system)) print(line);
    return await system.crashed;
  } catch (error) {
    return fail(error);
  }
}

await runAsProcess((words, streams) => runCommand(startCommand, words, streams, start));
