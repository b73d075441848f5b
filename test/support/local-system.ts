import { type LocalSystem, type LocalSystemOptions, startLocalSystem } from '../../infra/local/system.ts';

export interface TestSystem extends LocalSystem {
  /** Every line logged so far. */
  readonly logs: readonly string[];
}

/** The whole system in this process, on free ports. */
export async function startTestSystem(
  options: Partial<Omit<LocalSystemOptions, 'log'>> = {},
): Promise<TestSystem> {
  const logs: string[] = [];
  const system = await startLocalSystem({
    port: 0,
    consolePort: 0,
    log: (line) => logs.push(line),
    ...options,
  });
  return { ...system, logs };
}
