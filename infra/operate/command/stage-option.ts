import { readStage, type Stage } from '../../stages.ts';
import { UsageError } from './usage-error.ts';

/** What `--stage` names. @throws UsageError */
export function readStageOption(name: string): Stage {
  try {
    return readStage(name);
  } catch (error) {
    // It begins with the name of the option.
    throw new UsageError(`--${error instanceof Error ? error.message : error}`);
  }
}

/** The SDK's clients take the region from the environment: a stage that has one of its own overrides it there. */
export function useRegionOf({ region }: Stage, variables: NodeJS.ProcessEnv): void {
  if (region !== undefined) variables['AWS_REGION'] = region;
}
