import { setImmediate as breath } from 'node:timers/promises';

/** Virtual time: nothing waits, and whatever is due next happens next. */
export interface Clock {
  now(): number;
  /** Does something so much later. */
  after(duration_ms: number, act: () => void): void;
  sleep(duration_ms: number): Promise<void>;
  /** Lets things happen, one after another, until nothing is due or the time has come. */
  run(until_ms?: number): Promise<void>;
  /** How many things have happened. */
  readonly steps: number;
}

interface Due {
  readonly time: number;
  /** Chooses among things that are due at the same millisecond. */
  readonly rank: number;
  readonly act: () => void;
}

const MAX_STEPS = 200_000;

/**
 * @param rank draws the order of what is due at the same time
 * @param pending how much is under way on other threads, for which the clock waits before it goes on
 */
export function createClock(start_ms: number, rank: () => number, pending: () => number): Clock {
  const heap: Due[] = [];
  let now = start_ms;
  let steps = 0;
  const after = (duration_ms: number, act: () => void) =>
    push(heap, { time: now + Math.max(0, Math.ceil(duration_ms)), rank: rank(), act });
  const settle = async () => {
    do await breath();
    while (pending() > 0);
  };
  return {
    now: () => now,
    after,
    sleep: (duration_ms) => new Promise((resolve) => after(duration_ms, resolve)),
    async run(until_ms = Number.POSITIVE_INFINITY) {
      await settle();
      for (let due = heap[0]; due && due.time <= until_ms; due = heap[0]) {
        pop(heap);
        now = due.time;
        steps += 1;
        if (steps > MAX_STEPS) throw new Error(`the world does not come to rest in ${MAX_STEPS} steps`);
        due.act();
        await settle();
      }
      if (until_ms !== Number.POSITIVE_INFINITY) now = Math.max(now, until_ms);
    },
    get steps() {
      return steps;
    },
  };
}

const isBefore = (one: Due, other: Due) =>
  one.time < other.time || (one.time === other.time && one.rank < other.rank);

function push(heap: Due[], due: Due): void {
  let position = heap.push(due) - 1;
  while (position > 0) {
    const parent = (position - 1) >> 1;
    const above = heap[parent] as Due;
    if (!isBefore(due, above)) break;
    heap[position] = above;
    position = parent;
  }
  heap[position] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let position = 0;
  for (;;) {
    let child = 2 * position + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right && isBefore(right, heap[child] as Due)) child += 1;
    if (!isBefore(heap[child] as Due, last)) break;
    heap[position] = heap[child] as Due;
    position = child;
  }
  heap[position] = last;
}
