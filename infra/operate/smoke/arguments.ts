import { type Command, type CommandOptions, type OptionValues, UsageError } from '../../command/command.ts';
import type { Stage } from '../../stages.ts';
import { readStageOption, stageOption } from '../stage.ts';

const options = { stage: stageOption } as const satisfies CommandOptions;

export const command: Command<typeof options> = {
  name: 'smoke',
  summary:
    'Tries a stage after its deployment: every route, one order that costs nothing from its hand-over to the group, and takes that order away again.',
  options,
  variables: {
    ADMIN_TOKEN: 'a token of an admin of no tenant; signed here where the document auth holds hs256_secret',
    USER_TOKEN: "a user's, alike",
    TABLE_NAME: "the table, where it is not the stage's",
    PUBLIC_URL: "where the API is, where it is not the stack's ApiUrl",
    EVENT_BUS_NAME: 'the stage has webhooks; asked of its stack without it',
  },
  exitCodes: { 0: 'all of it works', 2: 'something does not, or it could not be tried' },
  example: '-- --stage dev',
};

export interface Arguments {
  readonly stage: Stage;
}

/** @throws UsageError */
export const readArguments = ({ stage }: OptionValues<typeof options>): Arguments => ({
  stage: readStageOption(stage),
});

/** Whom a token is of, which the API will verify. @throws UsageError for what is no token */
export function subjectOf(token: string): string {
  try {
    const [, payload = ''] = token.split('.');
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof sub === 'string' && sub !== '') return sub;
  } catch {
    // Said below, without the token.
  }
  throw new UsageError('USER_TOKEN must be a JWT with a sub');
}
