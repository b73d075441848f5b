import { functions, streamConsumer } from '../endpoints.ts';
import { allStarted, type Stoppable } from './all-started.ts';
import { functionEnvironment, type SystemAddresses } from './function-environment.ts';
import type { Bundles } from './lambda/bundle.ts';
import { type LocalFunction, startFunction } from './lambda/function.ts';

/** API Gateway waits no longer for a function. */
const ENDPOINT_TIMEOUT_MS = 30_000;

export interface FunctionsOptions {
  readonly bundles: Bundles;
  readonly addresses: SystemAddresses;
  readonly consumerTimeoutMs: number;
  readonly log: (line: string) => void;
}

export interface LocalFunctions extends Stoppable {
  /** @throws Error when there is none of that name */
  get(name: string): LocalFunction;
}

/** Loads every function of the table of endpoints. @throws Error when one does not load */
export async function startFunctions(options: FunctionsOptions): Promise<LocalFunctions> {
  const { bundles, addresses, consumerTimeoutMs, log } = options;
  await using started = new AsyncDisposableStack();
  const load = async (name: string) => {
    const loaded = await startFunction({
      name,
      bundleUrl: bundles.url(name),
      environment: functionEnvironment(name, addresses),
      timeoutMs: name === streamConsumer.name ? consumerTimeoutMs : ENDPOINT_TIMEOUT_MS,
      log,
    });
    return [name, started.adopt(loaded, () => loaded.stop())] as const;
  };
  const byName = new Map(await allStarted(...functions.map(({ name }) => load(name))));
  const running = started.move();
  return {
    get: (name) => {
      const found = byName.get(name);
      if (!found) throw new Error(`no function named ${name}`);
      return found;
    },
    stop: () => running.disposeAsync(),
  };
}
