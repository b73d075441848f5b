import { formatMessages } from 'esbuild';
import type { Stoppable } from '../all-started.ts';
import type { Bundles } from './bundle.ts';

export interface ReloadOptions {
  readonly bundles: Pick<Bundles, 'watch'>;
  /** @throws Error when the new code of that function does not load */
  reload(name: string): Promise<void>;
  readonly log: (line: string) => void;
}

/** Lets each function run what its source has become, and logs which were reloaded, or why they were not. */
export function reloadChanged({ bundles, reload, log }: ReloadOptions): Promise<Stoppable> {
  return bundles.watch({
    changed: async (names) => {
      const outcomes = await Promise.allSettled(names.map(reload));
      const named = (status: 'fulfilled' | 'rejected') =>
        names.filter((_, index) => outcomes[index]?.status === status).join(', ');
      if (named('fulfilled')) log(`reloaded: ${named('fulfilled')}`);
      if (named('rejected')) log(`not reloaded, as it does not load: ${named('rejected')}`);
    },
    failed: async (errors) => {
      const messages = await formatMessages([...errors], { kind: 'error' });
      log(`not reloaded, as it does not build:\n${messages.join('').trimEnd()}`);
    },
  });
}
