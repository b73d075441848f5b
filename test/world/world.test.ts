import { afterAll, describe, expect, it } from 'vitest';
import { bugs } from './bugs/bugs.ts';
import { commonMarks, missing } from './marks.ts';
import { addMarks, findBugAgain, foundLast, openBench, tryWorld, type Verdict } from './trial.ts';

const RUNS = 30;
/** Any will do; another one now and then is welcome. */
const FIRST_SEED = 110_000;

const bench = await openBench();
afterAll(() => bench.timers.restore());

describe('the world', () => {
  it('finds nothing wrong, and takes the branches that are common', async () => {
    const counts = new Map<string, number>();
    const failures: Pick<Verdict, 'seed' | 'wrong'>[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
      const verdict = await tryWorld(bench, seed);
      addMarks(counts, verdict);
      if (verdict.wrong.length > 0) failures.push({ seed, wrong: verdict.wrong });
    }
    expect(failures).toEqual([]);
    expect(missing(counts, commonMarks)).toEqual([]);
  });

  it('is the same again with the same seed', async () => {
    const [first, second, other] = [
      await tryWorld(bench, 7),
      await tryWorld(bench, 7),
      await tryWorld(bench, 8),
    ];
    expect(second.ended.story).toEqual(first.ended.story);
    expect(second.ended.lines).toEqual(first.ended.lines);
    expect(other.ended.story).not.toEqual(first.ended.story);
  });
});

describe('a planted bug is found', () => {
  it('of enough kinds', () => {
    expect(bugs.length).toBeGreaterThanOrEqual(30);
    const names = bugs.map(({ name }) => name);
    expect(new Set(names).size).toBe(bugs.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(foundLast)));
  });

  it.each(bugs)('$name', async (bug) => {
    expect(await findBugAgain(bench, bug)).not.toBeNull();
  });
});
