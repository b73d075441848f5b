import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, stageOption } from '../stage.ts';

const options = {
  user: { type: 'string', value: '<id>', description: 'whom to erase, as the login says in sub; needed' },
  stage: stageOption,
} as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'erase',
  summary: 'Takes a user out of the orders that are over.',
  options,
  variables: { TABLE_NAME: "the table, where it is not the stage's" },
  exitCodes: {
    0: 'nothing is left of the user',
    1: 'something is left, and the lines say why',
    2: 'it could not be done',
  },
  example: '-- --stage prod --user 42',
};

export interface Arguments {
  /** As the login names the user in `sub`. */
  readonly user: string;
  readonly stage: Stage;
}

/** @throws UsageError */
export function readArguments({ user, stage }: OptionValues<typeof options>): Arguments {
  if (user === undefined || user.trim() === '') throw new UsageError('--user must name the user to erase');
  return { user, stage: readStageOption(stage) };
}
