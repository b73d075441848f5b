import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type BugName, bugs } from './bugs.ts';
import { addRun, addTally, emptyTally, rate, render, type Tally } from './report.ts';
import { simulate, traceHash, traceOf } from './run.ts';

/**
 * `npm run simulate -- [--seed 1] [--runs 1000] [--workers n] [--bug name]`; a single run also tells its story.
 * Ends with 1 when an invariant was broken.
 */

interface Share {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly bug: BugName | null;
}

const TALLY_EVERY_MS = 500;
const PROGRESS_EVERY_MS = 2_000;

if (isMainThread) await main();
else await runShare(workerData as Share, (tally) => parentPort?.postMessage(tally));

async function main(): Promise<void> {
  const { from, runs, workers, bug } = readArguments();
  const started = performance.now();
  const tally = emptyTally();
  const progress = setInterval(
    () => showProgress(tally, runs, performance.now() - started),
    PROGRESS_EVERY_MS,
  );
  const shares = Array.from({ length: workers }, (_, n) => ({
    from: from + n,
    to: from + runs,
    step: workers,
    bug,
  }));
  try {
    await Promise.all(shares.map((share) => startWorker(share, tally)));
  } finally {
    clearInterval(progress);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (runs === 1) await tellStory(from, bug);
  process.stdout.write(`${render(tally, from, performance.now() - started)}\n`);
  process.exitCode = tally.failures.length > 0 ? 1 : 0;
}

function startWorker(share: Share, sum: Tally): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', (tally: Tally) => {
      addTally(sum, tally);
      for (const { seed } of tally.failures) process.stderr.write(`\nseed ${seed} breaks an invariant\n`);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

async function runShare({ from, to, step, bug }: Share, report: (tally: Tally) => void): Promise<void> {
  let tally = emptyTally();
  let reported = performance.now();
  for (let seed = from; seed < to; seed += step) {
    addRun(tally, await simulate(seed, bug));
    if (performance.now() - reported < TALLY_EVERY_MS) continue;
    report(tally);
    tally = emptyTally();
    reported = performance.now();
  }
  report(tally);
}

async function tellStory(seed: number, bug: BugName | null): Promise<void> {
  const result = await simulate(seed, bug);
  process.stdout.write(`${traceOf(result, '')}\ntrace ${traceHash(result)}\n`);
}

function showProgress({ runs, failures }: Tally, all: number, elapsed_ms: number): void {
  const line = `${runs} of ${all} runs, ${rate(runs, elapsed_ms)} a second, ${failures.length} failed`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1000' },
      workers: { type: 'string', default: String(Math.min(8, availableParallelism())) },
      bug: { type: 'string' },
    },
  });
  const number = (name: 'seed' | 'runs' | 'workers') => {
    const value = Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw new Error(`--${name} must be a whole number from 1 on`);
  };
  const { bug } = values;
  if (bug !== undefined && !isBugName(bug))
    throw new Error(`--bug must be one of ${Object.keys(bugs).join(', ')}`);
  return {
    from: number('seed'),
    runs: number('runs'),
    workers: Math.min(number('workers'), number('runs')),
    bug: bug ?? null,
  };
}

function isBugName(name: string): name is BugName {
  return Object.hasOwn(bugs, name);
}
