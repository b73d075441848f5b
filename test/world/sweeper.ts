import type { Cloud } from './cloud.ts';
import type { Surroundings } from './surroundings.ts';
import type { MemoryTable } from './table/memory-table.ts';

const MINUTE_MS = 60_000;
const LONGEST_PATIENCE = 359;

/**
 * EventBridge, which runs the sweep every minute. A run that would find nothing due changes nothing, so that only the
 * minutes count in which something is.
 */
export interface Sweeper {
  /** Looks when something is due next. */
  readonly arm: () => void;
  /** How often it ran. */
  readonly runs: () => number;
}

export function createSweeper(
  world: Surroundings,
  table: () => MemoryTable,
  cloud: () => Cloud,
  until_ms: number,
): Sweeper {
  const { clock, random, marks, faults } = world;
  let armedFor = Number.POSITIVE_INFINITY;
  let runs = 0;
  /** After a run that left as due what had been, the next comes later: nothing but time has changed. */
  let patience = 0;

  const arm = () => {
    const due = nextDue(table());
    if (due === null || due > until_ms) return;
    const minute =
      Math.max(Math.ceil(due / MINUTE_MS), Math.floor(clock.now() / MINUTE_MS) + 1 + patience) * MINUTE_MS;
    if (minute >= armedFor || minute > until_ms) return;
    armedFor = minute;
    clock.after(minute - clock.now(), () => void sweep(minute));
  };
  const sweep = async (minute: number) => {
    // Another was armed for an earlier minute since.
    if (minute !== armedFor) return;
    armedFor = Number.POSITIVE_INFINITY;
    // It was put off meanwhile.
    if ((nextDue(table()) ?? Number.POSITIVE_INFINITY) > clock.now()) return arm();
    runs += 1;
    const twice = random.chance(0.05);
    if (twice) marks.take('swept_twice_at_once');
    const before = nextDue(table());
    await Promise.all([cloud().invoke('sweep', {}), ...(twice ? [cloud().invoke('sweep', {})] : [])]);
    const isStuck = faults.stopped && before === nextDue(table());
    patience = isStuck ? Math.min(2 * patience + 1, LONGEST_PATIENCE) : 0;
    arm();
  };
  return { arm, runs: () => runs };
}

/** What the `work` index holds earliest, but for what waits for a person. */
function nextDue(table: MemoryTable): number | null {
  let earliest: number | null = null;
  for (const { work, work_due } of table.items()) {
    if (typeof work !== 'string' || typeof work_due !== 'string' || work.startsWith('parked#')) continue;
    const due = Date.parse(work_due);
    if (earliest === null || due < earliest) earliest = due;
  }
  return earliest;
}
