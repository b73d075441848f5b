import foundIn from './bugs/found-in.json' with { type: 'json' };
import { type FunctionFile, loadFunctions } from './cloud.ts';
import { judge } from './invariants/all.ts';
import { markOutcomes } from './outcomes.ts';
import { installVirtualTimers, type VirtualTimers } from './virtual-timers.ts';
import { type Bug, type Ended, type Focus, runWorld } from './world.ts';

/** What the trials of a process share: the functions' files, and timers of virtual time. */
export interface Bench {
  readonly files: ReadonlyMap<string, FunctionFile>;
  readonly timers: VirtualTimers;
}

/** The seed of the first world that finds each bug; `npm run simulate -- --bugs` writes it anew. */
export const foundLast: Readonly<Record<string, number>> = foundIn;

/** From then on this process has virtual timers. */
export async function openBench(): Promise<Bench> {
  const bench = { files: await loadFunctions(), timers: installVirtualTimers() };
  // What is loaded on its first use takes real time, in which a first world would go another way than a later one.
  await tryWorld(bench, 0);
  return bench;
}

export interface Verdict {
  readonly seed: number;
  /** Empty when all is well. */
  readonly wrong: readonly string[];
  readonly ended: Ended;
}

/** Lets a world live, and judges it. */
export async function tryWorld(
  bench: Bench,
  seed: number,
  bug: Bug | null = null,
  focus?: Focus,
): Promise<Verdict> {
  const ended = await runWorld({ ...bench, seed, bug, ...(focus && { focus }) });
  markOutcomes(ended);
  return { seed, wrong: judge(ended), ended };
}

/** Few orders, which are given up, paid, told of and expire all at once. */
export const closing: Focus = {
  shopOrders: 1,
  tenants: 1,
  isNarrow: true,
  likely: ['closings', 'deadlines', 'eager_payers', 'late_takers'],
};

/** Within so many runs a planted bug must be found. */
export const BUG_RUNS = 120;

/** The first run that a bug is found in; null when it is in none of them. */
export async function findBug(bench: Bench, bug: Bug, runs = BUG_RUNS): Promise<Verdict | null> {
  for (let seed = 1; seed <= runs; seed += 1) {
    const verdict = await tryWorld(bench, seed, bug);
    if (verdict.wrong.length > 0) return verdict;
  }
  return null;
}

/** As `findBug`, but looks first where the bug was found the last time, which most changes leave as it was. */
export async function findBugAgain(bench: Bench, bug: Bug): Promise<Verdict | null> {
  const seed = foundLast[bug.name];
  const verdict = seed === undefined ? null : await tryWorld(bench, seed, bug);
  return verdict && verdict.wrong.length > 0 ? verdict : findBug(bench, bug);
}

export function addMarks(sum: Map<string, number>, { ended }: Verdict): void {
  for (const [name, count] of ended.marks.counts) sum.set(name, (sum.get(name) ?? 0) + count);
}
