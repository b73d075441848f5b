import { type FunctionDefinition, functions } from '../endpoints.ts';
import type { Template } from '../stacks/template.ts';
import { allStarted, type Stoppable } from './all-started.ts';
import { functionEnvironment, type SystemAddresses } from './function-environment.ts';
import type { Bundles } from './lambda/bundle.ts';
import { createFunction, type LocalFunction } from './lambda/function.ts';
import { reloadChanged } from './lambda/reload.ts';
import { resourcesOfType } from './resource.ts';

/** API Gateway waits no longer for a function. */
const ENDPOINT_TIMEOUT_MS = 30_000;
/** Whoever has stopped at a breakpoint takes their time. */
export const DEBUGGED_TIMEOUT_MS = 24 * 60 * 60 * 1_000;

export interface FunctionsOptions {
  readonly bundles: Pick<Bundles, 'url' | 'workerUrl'> & Partial<Pick<Bundles, 'watch'>>;
  readonly addresses: SystemAddresses;
  /** How long each function may take that no request waits for, by its name. */
  readonly timeoutsMs: ReadonlyMap<string, number>;
  /** Leaves each function to be loaded by its first invocation. */
  readonly cold: boolean;
  readonly debugged: boolean;
  readonly reload: boolean;
  readonly log: (line: string) => void;
}

export interface LocalFunctions extends Stoppable {
  /** @throws Error when there is none of that name */
  get(name: string): LocalFunction;
}

/** Every function of the table of endpoints, loaded unless they are to be cold. @throws Error when one does not load */
export async function startFunctions(options: FunctionsOptions): Promise<LocalFunctions> {
  const { bundles, addresses, timeoutsMs, cold, debugged, reload, log } = options;
  await using started = new AsyncDisposableStack();
  const timeoutMs = (name: string) =>
    debugged ? DEBUGGED_TIMEOUT_MS : (timeoutsMs.get(name) ?? ENDPOINT_TIMEOUT_MS);
  const create = (definition: FunctionDefinition) => {
    const { name } = definition;
    const created = createFunction({
      name,
      bundleUrl: bundles.url(name),
      workerUrl: bundles.workerUrl,
      environment: functionEnvironment(definition, addresses),
      timeoutMs: timeoutMs(name),
      log,
    });
    return [name, started.adopt(created, () => created.stop())] as const;
  };
  const byName = new Map(functions.map(create));
  if (!cold) await allStarted(...byName.values().map((one) => one.start()));
  const get = (name: string) => {
    const found = byName.get(name);
    if (!found) throw new Error(`no function named ${name}`);
    return found;
  };
  const { watch } = bundles;
  if (reload && watch) {
    const reloading = await reloadChanged({ bundles: { watch }, reload: (name) => get(name).reload(), log });
    started.defer(() => reloading.stop());
  }
  const running = started.move();
  return {
    get,
    stop: () => running.disposeAsync(),
  };
}

/** The function that the template has under this logical id, which is its name and a hash. @throws Error for none */
export function functionNameOf(logicalId: string): string {
  const found = functions.find(({ name }) =>
    new RegExp(`^${name.replaceAll('-', '')}[0-9A-F]{8}$`).test(logicalId),
  );
  if (!found) throw new Error(`no function is ${logicalId} in the template`);
  return found.name;
}

/** How long the template lets each function run, in milliseconds. */
export const functionTimeouts = (template: Template): ReadonlyMap<string, number> =>
  new Map(
    resourcesOfType(template, 'AWS::Lambda::Function').map(([logicalId, { Properties }]) => [
      functionNameOf(logicalId),
      Number(Properties['Timeout']) * 1_000,
    ]),
  );
