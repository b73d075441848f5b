import {
  type ExecutionEnvironment,
  type FunctionOptions,
  startExecutionEnvironment,
} from './execution-environment.ts';
import { limitConcurrency } from './limit-concurrency.ts';

export interface LocalFunction {
  /** @throws FunctionError */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the thread as a crash would: what it was doing fails, and the next invocation starts another. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Invocations that are under way in one thread; more of them wait, as they would for a fresh environment on AWS. */
const CONCURRENCY = 16;

/**
 * Loads a function. Lambda gives each concurrent invocation an environment of its own; here they share a single
 * one, which is stricter where it differs: what a handler keeps between invocations must already bear reuse, and
 * here it has to bear it at the same time. A thread that dies fails what it was doing, and the next invocation
 * starts another.
 */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  let current: Promise<ExecutionEnvironment> | null = null;
  let stopped = false;

  const environment = () => {
    current ??= startExecutionEnvironment(options).then(
      (started) => {
        started.ended.then(() => {
          current = null;
        });
        return started;
      },
      (error) => {
        current = null;
        throw error;
      },
    );
    return current;
  };

  const endThread = async () => {
    const started = await current?.catch(() => null);
    await started?.stop();
  };

  await environment();
  return {
    invoke: limitConcurrency(CONCURRENCY, async (event: unknown) => {
      if (stopped) throw new Error(`${options.name} is stopped`);
      return (await environment()).invoke(event);
    }),
    crash: endThread,
    stop: async () => {
      stopped = true;
      await endThread();
    },
  };
}
