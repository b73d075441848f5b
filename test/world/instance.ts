import type { Surroundings } from './surroundings.ts';

/** One execution environment of a function: it serves one invocation at a time, and may die at any `await`. */
export interface Instance {
  readonly name: string;
  /** By how much its clock is off. */
  readonly offset_ms: number;
  isDead: boolean;
  /** Who waits for the invocation that it serves hears of its death. */
  onDeath: (() => void) | null;
  /** Requests to the table in the invocation that it serves. */
  requests: number;
}

const never = new Promise<never>(() => {});

export function kill(instance: Instance): void {
  instance.isDead = true;
  instance.onDeath?.();
}

/** Something takes its time, on the way to or from the function; which may be dead by then, or die of it. */
export async function passage(world: Surroundings, instance: Instance, duration_ms: number): Promise<void> {
  await world.clock.sleep(duration_ms);
  if (instance.isDead) return never;
  if (world.faults.happens('function_dies')) {
    world.tell(`${instance.name} dies`);
    kill(instance);
    return never;
  }
}
