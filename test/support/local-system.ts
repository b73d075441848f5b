import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../infra/local/system.ts';
import { findLeaks } from './leaks.ts';
import { sharedSystemParts } from './system-parts.ts';

export interface TestSystem extends LocalSystem {
  /** Every line logged so far. */
  readonly logs: readonly string[];
  /** @throws Error when something that is secret was logged, answered, announced or stored */
  stop(): Promise<void>;
}

/** The whole system in this process, on free ports. What it gave away is looked for when it is stopped. */
export async function startTestSystem(
  options: Partial<Omit<LocalSystemOptions, 'log'>> = {},
): Promise<TestSystem> {
  const logs: string[] = [];
  const system = await startLocalSystem({
    port: 0,
    consolePort: 0,
    cold: true,
    parts: await sharedSystemParts(),
    log: (line) => logs.push(line),
    ...options,
  });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const leaks = await findLeaks(system, logs).finally(system.stop);
    if (leaks.length > 0) throw new Error(`given away: ${leaks.join('; ')}`);
  };
  return {
    ...system,
    logs,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
