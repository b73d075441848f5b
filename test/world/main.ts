import { parseArgs } from 'node:util';
import { bugs } from './bugs/bugs.ts';
import { loadFunctions } from './cloud.ts';
import { allMarks, MANY_RUNS, missing } from './marks.ts';
import { addMarks, type Bench, BUG_RUNS, findBug, tryWorld, type Verdict } from './trial.ts';
import { installVirtualTimers } from './virtual-timers.ts';

/**
 * `npm run simulate`: worlds from one seed on. A run that fails prints its story, and is the same again with its seed.
 * With `--bugs`, plants each bug and looks for it.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    runs: { type: 'string', default: '200' },
    story: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    marks: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

const bench: Bench = { files: await loadFunctions(), timers: installVirtualTimers() };
process.exitCode = (await (values.bugs ? plant() : live())) ? 0 : 1;

async function live(): Promise<boolean> {
  const runs = Number(values.runs);
  const first = Number(values.seed ?? Date.now() % 1_000_000_000);
  const counts = new Map<string, number>();
  const began = performance.now();
  let failed = 0;
  console.log(`seed ${first}, ${runs} runs`);
  for (let seed = first; seed < first + runs; seed += 1) {
    const verdict = await tryWorld(bench, seed);
    addMarks(counts, verdict);
    // One story is enough to begin with.
    if (values.story || (verdict.wrong.length > 0 && failed === 0)) tellStory(verdict);
    if (verdict.wrong.length === 0) continue;
    failed += 1;
    console.log(`seed ${seed} fails:\n  ${verdict.wrong.slice(0, 10).join('\n  ')}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  if (values.marks)
    for (const name of allMarks) console.log(`${String(counts.get(name) ?? 0).padStart(8)}  ${name}`);
  const untried = missing(counts, allMarks);
  if (untried.length > 0) console.log(`never taken: ${untried.join(', ')}`);
  console.log(`${runs} runs from seed ${first}, ${(runs / seconds).toFixed(1)} a second: ${failed} failed`);
  return failed === 0 && (runs < MANY_RUNS || untried.length === 0);
}

function tellStory({ seed, ended }: Verdict): void {
  console.log(`the story of seed ${seed}:`);
  for (const line of ended.story) console.log(`  ${line}`);
}

async function plant(): Promise<boolean> {
  let missed = 0;
  for (const bug of bugs) {
    const found = await findBug(bench, bug);
    if (!found) missed += 1;
    console.log(
      found
        ? `${bug.name}: found in run ${found.runs}: ${found.wrong[0]?.slice(0, 160)}`
        : `${bug.name}: not found in ${BUG_RUNS} runs`,
    );
  }
  console.log(`${bugs.length - missed} of ${bugs.length} planted bugs found`);
  return missed === 0;
}
