import type { Stage } from '../../stages.ts';
import { readOptions } from '../command/read-options.ts';
import { readStageOption } from '../command/stage-option.ts';
import { UsageError } from '../command/usage-error.ts';

export const usage = 'npm run erase -- --user <id> [--stage dev]';

const options = { user: { type: 'string' }, stage: { type: 'string', default: 'dev' } } as const;

export interface Arguments {
  /** As the login names the user in `sub`. */
  readonly user: string;
  readonly stage: Stage;
}

/** @throws UsageError */
export function readArguments(words: readonly string[]): Arguments {
  const { user, stage } = readOptions(words, options);
  if (user === undefined || user.trim() === '') throw new UsageError('--user must name the user to erase');
  return { user, stage: readStageOption(stage) };
}
