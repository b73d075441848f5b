import { addFaults, type FaultCounts, faultKinds, noFaultCounts } from './faults.ts';
import { invariants } from './invariants.ts';
import { type RunResult, traceOf } from './run.ts';

/** What some runs came to; small enough to be sent between threads. */
export interface Tally {
  runs: number;
  faults: FaultCounts;
  failures: Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly story: string;
}

const MAX_FAILURES = 10;

export const emptyTally = (): Tally => ({ runs: 0, faults: noFaultCounts(), failures: [] });

export function addRun(tally: Tally, result: RunResult): void {
  tally.runs += 1;
  addFaults(tally.faults, result.faults);
  if (result.violations.length > 0) tally.failures.push({ seed: result.seed, story: storyOf(result) });
}

export function addTally(tally: Tally, { runs, faults, failures }: Tally): void {
  tally.runs += runs;
  addFaults(tally.faults, faults);
  tally.failures.push(...failures);
}

/** What was broken, and what happened to the order concerned. */
export function storyOf(result: RunResult): string {
  const broken = result.violations.map(
    ({ invariant, order, detail }) => `  ${invariant}: ${order} ${detail}\n    (${invariants[invariant]})`,
  );
  const [first] = result.violations;
  const order = result.violations.find((violation) => violation.order !== '')?.order ?? first?.order ?? '';
  return [`seed ${result.seed} breaks`, ...new Set(broken), 'what happened:', traceOf(result, order)].join(
    '\n',
  );
}

export function render({ runs, faults, failures }: Tally, from: number, elapsed_ms: number): string {
  const width = Math.max(...faultKinds.map((kind) => kind.length));
  const shown = failures.toSorted((one, other) => one.seed - other.seed).slice(0, MAX_FAILURES);
  return [
    ...shown.map(({ story }) => `${story}\n`),
    `${runs} runs, seeds ${from} to ${from + runs - 1}, in ${(elapsed_ms / 1000).toFixed(1)} s: ${rate(runs, elapsed_ms)} runs/s`,
    'faults by kind:',
    ...faultKinds.map((kind) => `  ${kind.padEnd(width)}  ${faults[kind]}`),
    failures.length === 0
      ? 'every invariant held in every run'
      : `${failures.length} runs broke an invariant, seeds ${failures
          .map(({ seed }) => seed)
          .slice(0, 100)
          .join(' ')}`,
  ].join('\n');
}

export const rate = (runs: number, elapsed_ms: number): string => (runs / (elapsed_ms / 1000)).toFixed(0);
