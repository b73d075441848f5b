import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Command,
  type CommandOptions,
  type OptionValues,
  UsageError,
} from '../../infra/command/command.ts';
import { runAsProcess, runCommand } from '../../infra/command/run-command.ts';
import { bugs } from './bugs/bugs.ts';
import { simulateDeliveries } from './deliveries/simulation.ts';
import { allMarks, closingMarks, MANY_RUNS, missing } from './marks.ts';
import {
  addMarks,
  type Bench,
  BUG_RUNS,
  closing,
  findBug,
  openBench,
  tryWorld,
  type Verdict,
} from './trial.ts';

const options = {
  seed: { type: 'string', value: '<n>', description: "the first run's; by the clock without it" },
  runs: { type: 'string', value: '<n>', default: '200', description: 'how many, each with the next seed' },
  story: { type: 'boolean', default: false, description: 'tells the story of every run' },
  closing: {
    type: 'boolean',
    default: false,
    description: 'small runs, of orders that are given up while they are paid and expire',
  },
  deliveries: {
    type: 'boolean',
    default: false,
    description: 'webhooks alone, from the bus to receivers in trouble',
  },
  bugs: {
    type: 'boolean',
    default: false,
    description: 'plants each bug, looks for it, and keeps where it is found first',
  },
  'no-marks': {
    type: 'boolean',
    default: false,
    description: 'does not list how often each branch was taken',
  },
} as const satisfies CommandOptions;

const command: Command<typeof options> = {
  name: 'simulate',
  summary:
    'Runs worlds in virtual time. One that fails tells its story, and is the same again with its seed.',
  options,
  tellsStack: true,
  exitCodes: {
    0: 'every invariant held',
    1: 'one broke, a rare branch was never taken in many runs, or a planted bug was not found',
    2: 'it was called wrongly, or could not run',
  },
  example: '-- --seed 2394 --runs 1 --story',
};

interface Plan {
  readonly first: number;
  readonly runs: number;
  readonly story: boolean;
  readonly marks: boolean;
  readonly isClosing: boolean;
}

/** @throws UsageError */
function readPlan(values: OptionValues<typeof options>): Plan {
  const { seed = String(Date.now() % 1_000_000_000), runs, story } = values;
  return {
    first: readCount('seed', seed, 0),
    runs: readCount('runs', runs, 1),
    story,
    marks: !values['no-marks'],
    isClosing: values.closing,
  };
}

function readCount(option: string, text: string, least: number): number {
  const count = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least) return count;
  throw new UsageError(`--${option} must be a whole number from ${least} on`);
}

async function live(bench: Bench, { first, runs, story, marks, isClosing }: Plan): Promise<boolean> {
  const counts = new Map<string, number>();
  const began = performance.now();
  let failed = 0;
  console.log(`seed ${first}, ${runs} runs`);
  for (let seed = first; seed < first + runs; seed += 1) {
    const verdict = await tryWorld(bench, seed, null, isClosing ? closing : undefined);
    addMarks(counts, verdict);
    // One story is enough to begin with.
    if (story || (verdict.wrong.length > 0 && failed === 0)) tellStory(verdict);
    if (verdict.wrong.length === 0) continue;
    failed += 1;
    console.log(`seed ${seed} fails:\n  ${verdict.wrong.slice(0, 10).join('\n  ')}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  if (marks)
    for (const name of allMarks) console.log(`${String(counts.get(name) ?? 0).padStart(8)}  ${name}`);
  const untried = missing(counts, isClosing ? closingMarks : allMarks);
  if (untried.length > 0) console.log(`never taken: ${untried.join(', ')}`);
  console.log(`${runs} runs from seed ${first}, ${(runs / seconds).toFixed(1)} a second: ${failed} failed`);
  return failed === 0 && (runs < MANY_RUNS || untried.length === 0);
}

/** What each delivery simulation of a seed comes to. */
async function deliverAll({ first, runs, marks }: Plan): Promise<boolean> {
  const counts = new Map<string, number>();
  const began = performance.now();
  let failed = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    const { wrong, marks: taken } = await simulateDeliveries(seed);
    for (const [name, count] of taken) counts.set(name, (counts.get(name) ?? 0) + count);
    if (wrong.length === 0) continue;
    failed += 1;
    console.log(`seed ${seed} fails:\n  ${wrong.slice(0, 10).join('\n  ')}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  if (marks) {
    for (const [name, count] of [...counts].toSorted()) console.log(`${String(count).padStart(8)}  ${name}`);
  }
  console.log(`${runs} runs from seed ${first}, ${(runs / seconds).toFixed(1)} a second: ${failed} failed`);
  return failed === 0;
}

const foundInFile = fileURLToPath(new URL('./bugs/found-in.json', import.meta.url));

function tellStory({ seed, ended }: Verdict): void {
  console.log(`the story of seed ${seed}:`);
  for (const line of ended.story) console.log(`  ${line}`);
}

async function plant(bench: Bench): Promise<boolean> {
  const seeds: Record<string, number> = {};
  for (const bug of bugs) {
    const found = await findBug(bench, bug);
    if (found) seeds[bug.name] = found.seed;
    console.log(
      found
        ? `${bug.name}: found in run ${found.seed}: ${found.wrong[0]?.slice(0, 160)}`
        : `${bug.name}: not found in ${BUG_RUNS} runs`,
    );
  }
  writeFileSync(foundInFile, `${JSON.stringify(seeds, null, 2)}\n`);
  const count = Object.keys(seeds).length;
  console.log(`${count} of ${bugs.length} planted bugs found`);
  return count === bugs.length;
}

/** `npm run simulate` */
await runAsProcess((words, streams) =>
  runCommand(command, words, streams, async (values) => {
    const plan = readPlan(values);
    if (values.deliveries) return (await deliverAll(plan)) ? 0 : 1;
    const bench = await openBench();
    return (await (values.bugs ? plant(bench) : live(bench, plan))) ? 0 : 1;
  }),
);
