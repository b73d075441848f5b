import { drain } from './drain.ts';
import { begin, movesOf } from './moves.ts';
import type { Scenario, Undone } from './scenario.ts';
import type { State } from './state.ts';
import { Violation } from './violation.ts';
import { createWorld, isBeyond, keyOf } from './world.ts';

export interface Found {
  readonly scenario: string;
  readonly states: number;
  readonly transitions: number;
  /** States in which nothing runs, each of which was brought to rest, with all messages and with none. */
  readonly rests: number;
  /** States with more payments than are looked into: nothing that follows from them was visited. */
  readonly beyond: number;
  /** What processes came to, and how often. */
  readonly ends: ReadonlyMap<string, number>;
  /** How often a function was run to see what it does next. */
  readonly runs: number;
  /** Whether every other reachable state was visited. */
  readonly isWhole: boolean;
  readonly violation: { readonly error: Violation; readonly trace: readonly string[] } | null;
}

/**
 * Visits every state that can be reached, nearest first, so that what is found has the shortest way to it. Stops at
 * the first violation, or after so many states.
 */
export async function search(scenario: Scenario, undone: Undone = {}, most = Infinity): Promise<Found> {
  const world = createWorld(scenario, undone);
  const places = new Map<string, number>();
  const parents: number[] = [];
  const labels: string[] = [];
  let transitions = 0;
  let rests = 0;
  let beyond = 0;
  const drained = new Set<string>();
  let frontier: { readonly state: State; readonly place: number }[] = [];

  const visit = (state: State, parent: number, label: string): void => {
    const key = keyOf(world, state);
    if (places.has(key)) return;
    const place = places.size;
    places.set(key, place);
    parents.push(parent);
    labels.push(label);
    frontier.push({ state, place });
  };

  const wayTo = (place: number): string[] => {
    const way: string[] = [];
    for (let at = place; at >= 0; at = parents[at] ?? -1) way.unshift(labels[at] ?? '');
    return way;
  };

  const found = (violation: Found['violation']): Found => ({
    scenario: scenario.name,
    states: places.size,
    transitions,
    rests,
    beyond,
    ends: world.ends,
    runs: world.processes.runs(),
    isWhole: violation === null && frontier.length === 0,
    violation,
  });

  let at = -1;
  let phase = 'begins';
  try {
    visit(await begin(world), -1, 'begins');
    while (frontier.length > 0 && places.size < most) {
      const layer = frontier;
      frontier = [];
      for (const { state, place } of layer) {
        at = place;
        if (isBeyond(world, state)) {
          beyond += 1;
          continue;
        }
        if (state.running.length === 0) {
          rests += 1;
          phase = 'at rest, nothing told any more: ';
          await drain(world, state, false, drained);
          phase = 'at rest, everything told: ';
          await drain(world, state, true, drained);
        }
        phase = '';
        for (const move of await movesOf(world, state)) {
          transitions += 1;
          visit(move.state, place, move.label);
        }
      }
    }
    return found(null);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return found({ error, trace: [...wayTo(at), phase + world.doing] });
  }
}
