import type { Random } from './prng.ts';

/** Something that runs and can die: one invocation of a function, or an actor. */
export interface Task {
  readonly name: string;
  /** The order that its steps belong to in the trace. */
  readonly order: string;
  /** How likely it is to die each time it would go on. */
  readonly crashRate: number;
  isDead: boolean;
  readonly onCrash: () => void;
}

export interface Scheduler {
  /** Milliseconds since 1970, by the one true clock. */
  readonly now: () => number;
  /** Waits until the generator lets this task go on. A task that has died never does. */
  pause(task: Task, duration_ms: number): Promise<void>;
  /** Runs an action of the world at a time, or at once when that is past. */
  at(time: number, action: () => void): void;
  advanceTo(time: number): void;
  /** Lets everything happen that is under way or planned before `end`. */
  run(end: number): Promise<void>;
}

interface Step {
  readonly time: number;
  readonly task: Task | null;
  readonly resume: () => void;
}

/** More than any run needs: one that does not come to rest is broken. */
const MAX_STEPS = 200_000;

/**
 * The virtual clock and the only scheduler: steps wait for their time, and of those whose time has come the generator
 * says which is next. Between two steps all promises settle, so that the same seed gives the same run.
 */
export function createScheduler(start: number, random: Random, onCrash: (task: Task) => void): Scheduler {
  let now = start;
  let steps = 0;
  const waiting: Step[] = [];

  /** One of those that are due at the earliest time, taken out. */
  const takeNext = (end: number): Step | null => {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { time } of waiting) if (time < earliest) earliest = time;
    if (earliest > end) return null;
    now = Math.max(now, earliest);
    const due: number[] = [];
    for (let index = 0; index < waiting.length; index++) {
      if ((waiting[index]?.time ?? Number.POSITIVE_INFINITY) <= now) due.push(index);
    }
    const chosen = due[due.length === 1 ? 0 : random.below(due.length)] ?? 0;
    return waiting.splice(chosen, 1)[0] ?? null;
  };

  return {
    now: () => now,
    pause: (task, duration_ms) =>
      new Promise((resume) => {
        waiting.push({ time: now + duration_ms, task, resume });
      }),
    at: (time, resume) => {
      waiting.push({ time, task: null, resume });
    },
    advanceTo: (time) => {
      now = Math.max(now, time);
    },
    async run(end) {
      await settled();
      for (let step = takeNext(end); step; step = takeNext(end)) {
        steps += 1;
        if (steps > MAX_STEPS) throw new Error('the simulation does not come to rest');
        const { task } = step;
        if (task?.isDead) continue;
        if (task && task.crashRate > 0 && random.chance(task.crashRate)) {
          task.isDead = true;
          onCrash(task);
          task.onCrash();
        } else {
          step.resume();
        }
        await settled();
      }
    },
  };
}

/** Resolves once every promise that can settle has. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
