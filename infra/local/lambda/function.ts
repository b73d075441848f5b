import {
  type ExecutionEnvironment,
  type FunctionOptions,
  startExecutionEnvironment,
} from './execution-environment.ts';
import { limitConcurrency } from './limit-concurrency.ts';

export interface LocalFunction {
  /** Starts its thread before an event needs it. @throws Error when its bundle does not load */
  start(): Promise<void>;
  /** @throws FunctionError; Error when its bundle does not load */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the thread as a crash would: what it was doing fails, and the next invocation starts another. */
  crash(): Promise<void>;
  /**
   * Takes what the bundle holds by now, in a thread of its own: what is under way ends in the old one.
   * @throws Error when it does not load; the old code stays
   */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** Invocations that are under way in one thread; more of them wait, as they would for a fresh environment on AWS. */
export const CONCURRENCY = 16;

/**
 * A function, loaded by its first invocation as on Lambda. Lambda gives each concurrent invocation an environment of
 * its own; here they share a single one, which is stricter where it differs: what a handler keeps between invocations
 * must already bear reuse, and here it has to bear it at the same time. A thread that dies fails what it was doing, and
 * the next invocation starts another.
 */
export function createFunction(options: FunctionOptions): LocalFunction {
  let current: Promise<ExecutionEnvironment> | null = null;
  /** The current one, and those that others have taken over from. */
  const running = new Set<ExecutionEnvironment>();
  let stopped = false;

  const use = (starting: Promise<ExecutionEnvironment>): Promise<ExecutionEnvironment> => {
    const forget = () => {
      if (current === starting) current = null;
    };
    current = starting;
    starting.then(({ ended }) => ended.then(forget), forget);
    return starting;
  };

  const startThread = async () => {
    const started = await startExecutionEnvironment(options);
    running.add(started);
    started.ended.then(() => running.delete(started));
    return started;
  };

  const environment = () => current ?? use(startThread());

  const endThreads = async () => {
    await current?.catch(() => null);
    await Promise.all(Array.from(running, (one) => one.stop()));
  };

  return {
    start: async () => {
      await environment();
    },
    invoke: limitConcurrency(CONCURRENCY, async (event: unknown) => {
      if (stopped) throw new Error(`${options.name} is stopped`);
      return (await environment()).invoke(event);
    }),
    crash: endThreads,
    reload: async () => {
      const fresh = await startThread();
      const old = current;
      use(Promise.resolve(fresh));
      old?.then(
        (one) => one.retire(),
        () => {},
      );
    },
    stop: async () => {
      stopped = true;
      await endThreads();
    },
  };
}
