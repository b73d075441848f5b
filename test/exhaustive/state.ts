import type { ProviderCall, Reply, Standing } from './process.ts';
import type { ProviderState } from './provider.ts';
import type { Budget } from './scenario.ts';
import type { Table } from './table.ts';

export const START = Date.parse('2026-03-01T00:00:00.000Z');

/** A process that is older than that is dead: a function's time is up long before. */
export const LONGEST_LIFE_MS = 120_000;

/** A process that has not ended. */
export interface Running {
  readonly standing: Standing;
  readonly started: number;
  /** Whose it is, of the scenario's actors; null for a callback or a check. */
  readonly actor: number | null;
  /** What the provider answered, once its request has arrived there. */
  readonly answer: Reply | null;
}

/** A request that nobody waits for any more, on its way to the provider. */
interface Late {
  readonly call: ProviderCall;
  readonly sent: number;
}

/** What the provider knows. The same content is the same object, with the same number. */
export interface Provider {
  readonly id: number;
  readonly state: ProviderState;
}

/** All there is at one moment, as a value. */
export interface State {
  readonly table: Table;
  readonly provider: Provider;
  readonly now: number;
  readonly running: readonly Running[];
  readonly late: readonly Late[];
  /** How much each of the actors has begun. */
  readonly begun: readonly number[];
  /** How many times the clock can still move on. */
  readonly ahead: number;
  readonly may: Budget;
}

/** A state in which something has happened that happens so often only. */
export const spend = (state: State, what: keyof Budget): State => ({
  ...state,
  may: { ...state.may, [what]: state.may[what] - 1 },
});

export const without = (state: State, process: Running): State => ({
  ...state,
  running: state.running.filter((other) => other !== process),
});
