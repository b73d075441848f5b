import { parseArgs } from 'node:util';
import { readStageOption } from '../deployed/stage-option.ts';
import { UsageError } from '../deployed/usage-error.ts';
import type { Stage } from '../stages.ts';

export const usage = 'npm run erase -- --user <id> [--stage dev]';

export interface Arguments {
  /** As the login names the user in `sub`. */
  readonly user: string;
  readonly stage: Stage;
}

/** @throws UsageError */
export function readArguments(words: readonly string[]): Arguments {
  const { user, stage } = parse(words);
  if (user === undefined || user.trim() === '') throw new UsageError('--user must name the user to erase');
  return { user, stage: readStageOption(stage) };
}

function parse(words: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: { user: { type: 'string' }, stage: { type: 'string', default: 'dev' } },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
