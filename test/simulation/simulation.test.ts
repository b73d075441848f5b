import { describe, expect, it } from 'vitest';
import { type BugName, bugs } from './bugs.ts';
import { faultKinds } from './faults.ts';
import { invariants } from './invariants.ts';
import { addRun, emptyTally, storyOf } from './report.ts';
import { simulate, traceHash } from './run.ts';

const RUNS = 400;
const MAX_RUNS_UNTIL_FOUND = 600;

describe('the simulation', () => {
  it(`holds every invariant in ${RUNS} runs, and each kind of fault is among them`, async () => {
    const tally = emptyTally();
    for (let seed = 1; seed <= RUNS; seed++) addRun(tally, await simulate(seed));
    expect(tally.failures.map(({ story }) => story)).toEqual([]);
    expect(faultKinds.filter((kind) => tally.faults[kind] === 0)).toEqual([]);
  });

  it('goes the same way from the same seed, and another from another', async () => {
    const hashes = [];
    for (const seed of [5, 17, 5, 17]) hashes.push(traceHash(await simulate(seed)));
    expect(hashes.slice(2)).toEqual(hashes.slice(0, 2));
    expect(new Set(hashes).size).toBe(2);
  });

  it('tells what was broken and what happened to the order concerned', async () => {
    const story = storyOf(await firstFailure('late_failure_undoes_paid'));
    expect(story).toMatch(/^seed \d+ breaks\n {2}paid_once: \S+ failed with 1 payment entries\n/);
    expect(story).toMatch(/callback status failed .*: Update ORDER is done\n/);
  });
});

describe('a deliberate bug', () => {
  it.each(Object.entries(bugs))('%s is found', async (name, { breaks }) => {
    const { violations } = await firstFailure(name as BugName);
    const broken = new Set(violations.map(({ invariant }) => invariant));
    expect(breaks.filter((invariant) => broken.has(invariant))).not.toEqual([]);
  });

  it('is there for each invariant', () => {
    const broken = new Set(Object.values(bugs).flatMap(({ breaks }) => breaks));
    expect(Object.keys(invariants).filter((invariant) => !broken.has(invariant as never))).toEqual([]);
  });
});

/** The first run, of seeds from 1 on, in which the bug breaks one of the invariants that it is to break. */
async function firstFailure(name: BugName) {
  const expected: readonly string[] = bugs[name].breaks;
  for (let seed = 1; seed <= MAX_RUNS_UNTIL_FOUND; seed++) {
    const result = await simulate(seed, name);
    if (result.violations.some(({ invariant }) => expected.includes(invariant))) return result;
  }
  throw new Error(`no run shows ${name}`);
}
